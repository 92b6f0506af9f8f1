// The part of an OpenAPI 3.1 description that this page reads.

export interface Schema {
  $ref?: string
  type?: string | string[]
  format?: string
  description?: string
  enum?: unknown[]
  items?: Schema
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  required?: string[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
}

interface Media {
  schema?: Schema
  example?: unknown
  examples?: Record<string, { value?: unknown }>
}

export interface Body {
  description?: string
  content?: Record<string, Media>
}

export interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: Schema
}

export interface Operation {
  summary?: string
  description?: string
  operationId?: string
  parameters?: Parameter[]
  requestBody?: Body
  responses?: Record<string, Body>
  'x-roles'?: string[]
}

export interface Description {
  openapi: string
  info: { title: string; version: string; description?: string }
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}

export interface Entry {
  id: string
  method: string
  path: string
  operation: Operation
}

export interface Row {
  name: string
  type: string
  ref: string | null
  required: boolean
  meaning: string
}

export function entriesOf(doc: Description): Entry[] {
  return Object.entries(doc.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ id: `${method}-${path.replace(/\W+/g, '-')}`, method, path, operation })),
  )
}

export function refName(schema: Schema | undefined): string | null {
  const inner = schema?.$ref ? schema : (schema?.items ?? (typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined))
  const ref = inner?.$ref ?? schema?.anyOf?.find((one) => one.$ref)?.$ref ?? schema?.allOf?.find((one) => one.$ref)?.$ref
  return ref?.split('/').pop() ?? null
}

/** A schema's type as a developer writes it: Ticket, string[], {string}, string|null. */
export function typeOf(schema: Schema | undefined): string {
  if (!schema) return ''
  if (schema.$ref) return schema.$ref.split('/').pop() ?? ''
  const some = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if (some) return some.map(typeOf).join(' | ')
  const kinds = Array.isArray(schema.type) ? schema.type : schema.type ? [schema.type] : ['any']
  return kinds.map((kind) => kindOf(kind, schema)).join(' | ')
}

function kindOf(kind: string, schema: Schema): string {
  if (kind === 'array') return `${typeOf(schema.items)}[]`
  if (kind === 'object' && typeof schema.additionalProperties === 'object') return `{${typeOf(schema.additionalProperties)}}`
  return schema.format ? `${kind} (${schema.format})` : kind
}

export function rowsOf(schema: Schema | undefined): Row[] {
  return Object.entries(schema?.properties ?? {}).map(([name, part]) => ({
    name,
    type: typeOf(part),
    ref: refName(part),
    required: schema?.required?.includes(name) ?? false,
    meaning: [part.description, part.enum?.join(' · ')].filter(Boolean).join(' '),
  }))
}

export function jsonOf(body: Body | undefined): Media | undefined {
  return body?.content?.['application/json'] ?? Object.values(body?.content ?? {})[0]
}

/** The given example, or none: nothing is made up. */
export function exampleOf(body: Body | undefined): string {
  const media = jsonOf(body)
  const value = media?.example ?? Object.values(media?.examples ?? {})[0]?.value
  return value === undefined ? '' : JSON.stringify(value, null, 2)
}

export function matches(entry: Entry, typed: string): boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const { operation } = entry
  const names = [operation.requestBody, ...Object.values(operation.responses ?? {})].map((body) => refName(jsonOf(body)?.schema))
  const text = [entry.method, entry.path, operation.summary, operation.description, operation['x-roles']?.join(' '), ...names].join(' ').toLowerCase()
  return words.every((word) => text.includes(word))
}

export function schemaMatches(name: string, schema: Schema, typed: string): boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const text = [name, schema.description, ...Object.keys(schema.properties ?? {})].join(' ').toLowerCase()
  return words.every((word) => text.includes(word))
}
