package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"yitang/server/hall"
	"yitang/server/whatif"
)

// far is from which part of the real mean wait on the replay of the hall as it was has missed it.
const far = 0.2

// missed says by how much the replay of the hall as it was misses what really happened, and why as far as the days show it;
// nothing where it is near. Base is the layout that was replayed.
func missed(p *past, base *hall.Layout, r *replayed) (string, error) {
	really, now := r.Real.Overall.WaitMean, r.Base.Overall.WaitMean
	if r.Real.Overall.N == 0 || math.Abs(now-really) <= far*really {
		return "", nil
	}
	var s strings.Builder
	fmt.Fprintf(&s, `warning: "now" misses what really happened: a mean wait of %.1f min instead of %.1f%s. Do not take its minutes for the hall's, `+
		"nor those of \"tried\"; compare the two. Why:\n", now, really, percent(now, really))
	guessed, uncalled := 0, 0
	called := make([]whatif.Day, len(p.days))
	for i, d := range p.days {
		called[i] = d
		called[i].Visits = slices.DeleteFunc(slices.Clone(d.Visits), func(v whatif.Visit) bool { return v.Waited == whatif.Unknown })
		uncalled += len(d.Visits) - len(called[i].Visits)
		for _, v := range called[i].Visits {
			if v.Guessed {
				guessed++
			}
		}
	}
	if uncalled > 0 {
		without, err := whatif.Replay(base, p.layout, called, nil)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&s, "- tickets that nobody called really, and the replay serves: %d of %d; without them \"now\" is %.1f min\n", uncalled, r.Tickets, without.Overall.WaitMean)
	}
	if guessed > 0 {
		fmt.Fprintf(&s, "- tickets that were called and whose service time nobody wrote down, so that it is guessed: %d of %d\n", guessed, r.Tickets)
	}
	if p.reform == nil {
		fmt.Fprintln(&s, "- clerks who did not call at once, and services that the rules would have called in another order")
		return s.String(), nil
	}
	if list := untold(p.reform); len(list) > 0 {
		fmt.Fprintf(&s, "- queues whose windows the file does not tell, and that have one: %s\n", strings.Join(list, ", "))
	}
	fmt.Fprintln(&s, "- the file does not say when each window was open, and which one served whom: each queue has its usual number all day, for itself alone")
	return s.String(), nil
}

// percent is how far a figure lies from another one; nothing where that is 0.
func percent(now, really float64) string {
	if really == 0 {
		return ""
	}
	return fmt.Sprintf(" (%+.0f %%)", 100*(now/really-1))
}

func untold(r *whatif.Reform) []string {
	var list []string
	for _, q := range r.Queues {
		if !q.Told {
			list = append(list, q.Name)
		}
	}
	return list
}

// whose says at which windows a history's queues were: the windows' numbers are ours.
func whose(w io.Writer, r *whatif.Reform) {
	if r == nil {
		return
	}
	var list []string
	for _, q := range r.Queues {
		var ids []string
		for _, id := range r.Windows[q.Name] {
			ids = append(ids, string(id))
		}
		list = append(list, q.Name+" "+strings.Join(ids, " "))
	}
	fmt.Fprintf(w, "\nThe windows have numbers of ours, those of each queue: %s\n", strings.Join(list, "; "))
}
