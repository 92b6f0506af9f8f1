package forecast

import (
	"math"
	"slices"
	"sort"
)

// Boosted quantile trees with a logarithmic link: the forecast is scale × exp(sum of leaves). Each leaf's step is the
// exact minimiser of the pinball loss in it: the weighted quantile of wait by forecast, weighted by the forecast. So the
// loss is that of the raw waits, while the trees need only say by what factor the first guess is wrong.

// shape bounds the trees. The values stand in docs/forecast.md with how they were chosen.
type shape struct {
	rounds  int
	leaves  int
	minLeaf int     // moments in a leaf
	rate    float64 // of learning
	columns float64 // share of the features that a tree may use
	rows    float64 // share of the moments that a tree sees
}

func defaultShape() shape {
	return shape{rounds: 140, leaves: 24, minLeaf: 60, rate: 0.1, columns: 0.25, rows: 0.7}
}

const maxBins = 64 // 0 is "not known"

// bins cuts each feature at its quantiles.
type bins struct{ cuts [][]float64 }

func newBins(rows []moment) *bins {
	b := &bins{}
	for k := range rows[0].x {
		var v []float64
		for i := range rows {
			if x := rows[i].x[k]; !math.IsNaN(x) {
				v = append(v, x)
			}
		}
		slices.Sort(v)
		var cuts []float64
		for i := 1; i < maxBins-1 && len(v) > 0; i++ {
			c := v[i*len(v)/(maxBins-1)]
			if c > v[0] && (len(cuts) == 0 || c > cuts[len(cuts)-1]) {
				cuts = append(cuts, c)
			}
		}
		b.cuts = append(b.cuts, cuts)
	}
	return b
}

// bin is 0 for NaN, else 1 + the number of cuts at or below x.
func (b *bins) bin(k int, x float64) uint8 {
	if math.IsNaN(x) {
		return 0
	}
	return uint8(1 + sort.Search(len(b.cuts[k]), func(i int) bool { return b.cuts[k][i] > x })) // #nosec G115 -- places in lists, and words of a random number
}

// row is one moment cut into bins.
func (b *bins) row(x []float64) []uint8 {
	out := make([]uint8, len(x))
	for k := range out {
		out[k] = b.bin(k, x[k])
	}
	return out
}

// node of a tree: a leaf where feature < 0.
type node struct {
	feature     int32
	left, right int32
	upTo        uint8 // bins up to this go left
	step        float64
}

type tree []node

func (t tree) step(row []uint8) float64 { return t[t.leaf(row)].step }

// leaf is the place of the leaf that a row falls into.
func (t tree) leaf(row []uint8) int32 {
	at := int32(0)
	for n := &t[0]; n.feature >= 0; n = &t[at] {
		if row[n.feature] <= n.upTo {
			at = n.left
		} else {
			at = n.right
		}
	}
	return at
}

// grower grows the trees of one quantile on the same moments.
type grower struct {
	shape shape
	tau   float64
	train []int32 // the moments it may learn from; f is kept for all
	rows  [][]uint8
	wait  []float64
	f     []float64 // log of the forecast
	grad  []float64
	dice  *dice
	pairs []weighted
	free  [][]cell // histograms to be used again
}

type weighted struct{ value, weight float64 }

// cell is what a leaf knows of one bin of one feature.
type cell struct {
	sum   float64 // of gradients
	count float64
}

// twig is a leaf while the tree grows, with its best split.
type twig struct {
	node    int
	rows    []int32
	hist    []cell // maxBins for each column of the tree
	gain    float64
	feature int32
	upTo    uint8
}

// newGrower starts from the first guesses.
func newGrower(s shape, tau float64, rows [][]uint8, seen []moment, seed uint64) *grower {
	g := &grower{shape: s, tau: tau, rows: rows, wait: make([]float64, len(seen)), f: make([]float64, len(seen)),
		grad: make([]float64, len(seen)), dice: newDice(seed)}
	for i := range seen {
		g.wait[i], g.f[i] = seen[i].wait, math.Log(seen[i].scale)
	}
	return g
}

// grow adds a tree and moves the forecasts.
func (g *grower) grow() tree {
	t, leaves := g.branch(g.draw())
	for _, l := range leaves {
		t[l.node].step = g.shape.rate * g.leafStep(l.rows)
	}
	for i := range g.f {
		g.f[i] += t.step(g.rows[i])
	}
	return t
}

// branch divides the moments by their gradients.
func (g *grower) branch(rows []int32) (tree, []*twig) {
	cols := g.columns()
	t := tree{{feature: -1}}
	root := &twig{node: 0, rows: rows, hist: g.histogram(rows, cols)}
	g.best(root, cols)
	open := []*twig{root}
	for len(open) < g.shape.leaves {
		at := 0
		for i := range open {
			if open[i].gain > open[at].gain {
				at = i
			}
		}
		if open[at].gain <= 0 {
			break
		}
		a, b := g.divide(open[at], cols)
		n := &t[open[at].node]
		n.feature, n.upTo, n.left, n.right = open[at].feature, open[at].upTo, int32(len(t)), int32(len(t)+1) // #nosec G115 -- places in lists, and words of a random number
		a.node, b.node = len(t), len(t)+1
		t = append(t, node{feature: -1}, node{feature: -1})
		open[at] = a
		open = append(open, b)
	}
	for _, l := range open {
		g.free = append(g.free, l.hist)
	}
	return t, open
}

// some picks the moments of a tree.
func (g *grower) some() []int32 {
	rows := make([]int32, 0, len(g.train))
	for _, i := range g.train {
		if g.dice.float() < g.shape.rows {
			rows = append(rows, i)
		}
	}
	return rows
}

// draw picks the moments of a tree and takes their gradients.
func (g *grower) draw() []int32 {
	rows := g.some()
	for _, i := range rows {
		forecast := math.Exp(g.f[i])
		g.grad[i] = g.tau * forecast
		if g.wait[i] < forecast {
			g.grad[i] -= forecast
		}
	}
	return rows
}

func (g *grower) columns() []int32 {
	var cols []int32
	for k := range g.rows[0] {
		if g.dice.float() < g.shape.columns {
			cols = append(cols, int32(k))
		}
	}
	if len(cols) == 0 {
		cols = append(cols, int32(g.dice.float()*float64(len(g.rows[0]))))
	}
	return cols
}

func (g *grower) histogram(rows, cols []int32) []cell {
	h := g.blank(len(cols))
	for _, i := range rows {
		row, grad := g.rows[i], g.grad[i]
		for c, k := range cols {
			e := &h[c*maxBins+int(row[k])]
			e.sum += grad
			e.count++
		}
	}
	return h
}

func (g *grower) blank(cols int) []cell {
	if n := len(g.free); n > 0 && cap(g.free[n-1]) >= cols*maxBins {
		h := g.free[n-1][:cols*maxBins]
		g.free = g.free[:n-1]
		clear(h)
		return h
	}
	return make([]cell, cols*maxBins, len(g.rows[0])*maxBins)
}

// divide splits a twig. Only the smaller half is counted; the other one's histogram is what is left of the whole's.
func (g *grower) divide(l *twig, cols []int32) (a, b *twig) {
	a, b = &twig{rows: make([]int32, 0, len(l.rows))}, &twig{rows: make([]int32, 0, len(l.rows))}
	for _, i := range l.rows {
		if g.rows[i][l.feature] <= l.upTo {
			a.rows = append(a.rows, i)
		} else {
			b.rows = append(b.rows, i)
		}
	}
	small, large := a, b
	if len(a.rows) > len(b.rows) {
		small, large = b, a
	}
	small.hist = g.histogram(small.rows, cols)
	large.hist = l.hist
	for i := range large.hist {
		large.hist[i].sum -= small.hist[i].sum
		large.hist[i].count -= small.hist[i].count
	}
	g.best(a, cols)
	g.best(b, cols)
	return a, b
}

// best finds the cut of a twig that takes most off the gradient's variance.
func (g *grower) best(l *twig, cols []int32) {
	n, least := float64(len(l.rows)), float64(g.shape.minLeaf)
	if n < 2*least {
		return
	}
	total := 0.0
	for _, e := range l.hist[:maxBins] {
		total += e.sum
	}
	base := total * total / n
	for c, k := range cols {
		s, count := 0.0, 0.0
		for b, e := range l.hist[c*maxBins : (c+1)*maxBins-1] {
			if e.count == 0 {
				continue
			}
			s, count = s+e.sum, count+e.count
			if count < least {
				continue
			}
			if n-count < least {
				break
			}
			if gain := s*s/count + (total-s)*(total-s)/(n-count) - base; gain > l.gain {
				l.gain, l.feature, l.upTo = gain, k, uint8(b)
			}
		}
	}
}

// maxStep bounds a leaf before the learning rate: no leaf says more than a factor e².
const maxStep = 2.0

func (g *grower) leafStep(rows []int32) float64 {
	if len(rows) == 0 {
		return 0
	}
	g.pairs = g.pairs[:0]
	for _, i := range rows {
		forecast := math.Exp(g.f[i])
		g.pairs = append(g.pairs, weighted{g.wait[i] / forecast, forecast})
	}
	return min(max(math.Log(weightedQuantile(g.pairs, g.tau)), -maxStep), maxStep)
}

// weightedQuantile is the value up to which a share q of the weight lies, by quick selection. It reorders the pairs.
func weightedQuantile(p []weighted, q float64) float64 {
	want := 0.0
	for i := range p {
		want += q * p[i].weight
	}
	for len(p) > 1 {
		pivot := middle(p[0].value, p[len(p)/2].value, p[len(p)-1].value)
		below, lo, hi := 0.0, 0, len(p)
		for i := 0; i < hi; {
			switch v := p[i].value; {
			case v < pivot:
				below += p[i].weight
				p[i], p[lo] = p[lo], p[i]
				lo, i = lo+1, i+1
			case v > pivot:
				hi--
				p[i], p[hi] = p[hi], p[i]
			default:
				i++
			}
		}
		if want <= below && lo > 0 {
			p = p[:lo]
			continue
		}
		at := below
		for i := lo; i < hi; i++ {
			at += p[i].weight
		}
		if want <= at || hi == len(p) {
			return pivot
		}
		want, p = want-at, p[hi:]
	}
	return p[0].value
}

func middle(a, b, c float64) float64 { return max(min(a, b), min(max(a, b), c)) }
