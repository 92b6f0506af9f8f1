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

// Unseen is what a forest tells moments of one feature, each by other days than its own; the first guess is 1 s.
func Unseen(feature, wait []float64, day []int) []Quantiles {
	seen := make([]moment, len(wait))
	for i := range seen {
		seen[i] = moment{x: []float64{feature[i]}, wait: wait[i], scale: 1}
	}
	cut, rows := newBins(seen), make([][]uint8, len(seen))
	for i := range rows {
		rows[i] = cut.row(seen[i].x)
	}
	f, out := newForest(seen, rows, day, 1), make([]Quantiles, len(seen))
	for i := range out {
		out[i] = f.unseen(i, rows[i])
	}
	return out
}

// Corrected is by what factor a plain history corrects a class of still lines, after ratios of wait by forecast in others.
func Corrected(missed, ratio []float64, tau float64) func(missed float64) float64 {
	of := func(missed float64) classes {
		m := moment{state: state{1: math.Log1p(missed)}}
		return m.classes()
	}
	var list []checked
	for i := range ratio {
		list = append(list, checked{classes: of(missed[i]), ratio: math.Log(ratio[i]), weight: 1})
	}
	o := newOffsets(list, tau, 0, historyPriors())
	return func(missed float64) float64 { return o.of(of(missed)) }
}
