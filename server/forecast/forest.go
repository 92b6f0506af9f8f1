package forecast

import "math"

// A quantile regression forest (Meinshausen 2006) beside the boosted trees: large trees that divide the past's moments by the
// logarithm of wait by first guess, each grown on other days and moments. Who falls into a leaf is told by those whom the leaf
// has seen. It is about as good as the boosted trees and errs elsewhere, so that the two together are better than either.

const (
	forestTrees = 20 // of each set of days left out
	leafMemory  = 32 // moments that a leaf keeps; of more, evenly many all through the days
)

func forestShape() shape {
	return shape{leaves: 512, minLeaf: 10, columns: 0.33, rows: 0.7}
}

type forest struct {
	ratio []float64    // of each training moment: log of wait by first guess
	fold  []int        // and in which set of days it is
	trees [][]seenTree // by the set that they have not seen
}

// seenTree keeps who was in its leaves, by the leaf's place.
type seenTree struct {
	tree
	seen map[int32][]int32
}

// newForest grows it on moments whose first guess is known. Rows are the moments cut into bins.
func newForest(seen []moment, rows [][]uint8, part []int, seed uint64) *forest {
	dice := newDice(^seed) // others than the boosted trees'
	fold, folds := deal(part, dice)
	f := &forest{ratio: make([]float64, len(seen)), fold: fold, trees: make([][]seenTree, folds)}
	for i := range seen {
		f.ratio[i] = math.Log(seen[i].wait / seen[i].scale)
	}
	seeds := make([]uint64, folds)
	for k := range seeds {
		seeds[k] = dice.next()
	}
	inParallel(folds, func(k int) {
		g := newMember(newGrower(forestShape(), 0, rows, seen, seeds[k]), fold, k).grower
		g.grad = f.ratio
		for range forestTrees {
			t, leaves := g.branch(g.some())
			s := seenTree{t, map[int32][]int32{}}
			for _, l := range leaves {
				s.seen[int32(l.node)] = thinned(l.rows) // #nosec G115 -- a place in a tree
			}
			f.trees[k] = append(f.trees[k], s)
		}
	})
	return f
}

func thinned(rows []int32) []int32 {
	if len(rows) <= leafMemory {
		return rows
	}
	out := make([]int32, leafMemory)
	for i := range out {
		out[i] = rows[i*len(rows)/leafMemory]
	}
	return out
}

// unseen is what the trees that have not seen the days of training moment i tell it, as logarithms by the first guess.
func (f *forest) unseen(i int, row []uint8) Quantiles {
	k := f.fold[i]
	return f.of(row, f.trees[k:k+1])
}

// of is what trees tell a moment, as logarithms by the first guess.
func (f *forest) of(row []uint8, sets [][]seenTree) (out Quantiles) {
	var pairs []weighted
	for _, trees := range sets {
		for _, t := range trees {
			with := t.seen[t.leaf(row)]
			for _, i := range with {
				pairs = append(pairs, weighted{f.ratio[i], 1 / float64(len(with))})
			}
		}
	}
	if len(pairs) == 0 { // hardly anybody to learn from
		return out
	}
	for q, tau := range levels() {
		out[q] = weightedQuantile(pairs, tau)
	}
	return out
}
