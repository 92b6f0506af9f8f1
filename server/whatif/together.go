package whatif

import (
	"cmp"
	"slices"
	"strings"

	"yitang/server/hall"
)

// together joins proposals, the largest gain first, as long as what each still gains on the days to choose by, with those before it
// in place, is worth what it costs; a window is changed once. What comes of it is judged on the other days like every proposal. Changes that gain alone may
// well undo each other: often two or three are all that is worth the trouble.
func (p *planner) together(list []Proposal) ([]Proposal, error) {
	order := slices.Clone(list)
	slices.SortStableFunc(order, func(a, b Proposal) int { return cmp.Compare(b.gain, a.gain) })
	all := Proposal{Kind: KindAll, Layout: p.layout}
	var texts, english []string
	for _, x := range order {
		if x.change == nil || x.gain <= 0 || slices.ContainsFunc(x.Windows, func(w hall.WindowID) bool { return slices.Contains(all.Windows, w) }) {
			continue
		}
		l := changed(all.Layout, x.change)
		if l.Check() != nil {
			continue
		}
		gain, err := p.gain(l)
		if err != nil {
			return nil, err
		}
		if teach, rename := cost(all.Layout, l); !worth(gain-all.gain, p.baseChoose.Overall.WaitMean-all.gain, teach+rename) {
			continue
		}
		all.Layout, all.gain = l, gain
		all.Windows, all.Fields, all.Matters = append(all.Windows, x.Windows...), append(all.Fields, x.Fields...), append(all.Matters, x.Matters...)
		texts, english = append(texts, x.Text), append(english, x.English)
	}
	if len(texts) < 2 {
		return nil, nil
	}
	all.Text, all.English = "合起来做："+strings.Join(texts, "；"), "together: "+strings.Join(english, "; ")
	all, err := p.judge(all)
	return []Proposal{all}, err
}
