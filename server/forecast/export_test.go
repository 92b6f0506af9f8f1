package forecast

// Exp is the exponential function that draws use.
func Exp(x float64) float64 { return newGrid().exp(x) }
