package rs485

// NewFault lets a test read each sentence.
func NewFault(code Code, cause error) *Fault { return fault(code, cause) }
