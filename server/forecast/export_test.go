package forecast

// Exp is the exponential function that draws use.
func Exp(x float64) float64 { return newGrid().exp(x) }

// ConformalQuantile is the quantile of ratios of which some still wait: a negative one waits since its absolute value.
func ConformalQuantile(ratios []float64, tau float64) float64 {
	var g []checked
	for _, r := range ratios {
		g = append(g, checked{ratio: max(r, -r), open: r < 0, weight: 1})
	}
	return conformalQuantile(g, float64(len(g)), tau)
}
