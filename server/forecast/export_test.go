package forecast

import "math"

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

// Rests draws what is left of log-normal times with a mean of 1 that have lasted for so long already.
func Rests(cv2, elapsed float64, n int) []float64 {
	d, g, r := newDice(1), newGrid(), lawOf(1, cv2).rest(elapsed)
	list := make([]float64, n)
	for i := range list {
		list[i] = r.draw(d, g)
	}
	return list
}

// Longer is the share of log-normal times with a mean of 1 that last longer.
func Longer(cv2, t float64) float64 {
	l := lawOf(1, cv2)
	return below((l.mu - math.Log(t)) / l.sigma)
}
