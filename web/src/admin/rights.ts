/** What goes with the role; the rest is left out. */
export function rightsOf(role: string, window: string, department: string): Record<string, string> {
  return { role, ...(role === 'clerk' && window ? { window } : {}), ...(role === 'department' ? { department } : {}) }
}
