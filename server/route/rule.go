package route

import (
	"cmp"
	"math"
	"slices"

	"yitang/server/hall"
)

// Version is that of the calling rule. It stands in the journal with every call.
const Version = 2

// Rule is the calling rule of the live hall, by the layout's settings.
type Rule struct{}

var (
	_ hall.Rule    = Rule{}
	_ hall.Planner = Rule{}
	_ hall.Offerer = Rule{}
)

// Bounds of what is stored with a call.
const (
	maxHeads  = 5
	maxOthers = 3
)

// usualHeads is how many a window rarely looks at more than.
const usualHeads = 32

// Next implements hall.Rule.
func (Rule) Next(s *hall.State, w hall.WindowID, now hall.Millis) (*hall.Ticket, hall.Why) {
	no := s.Post(w)
	if no == hall.AnyPost {
		return nil, hall.Why{}
	}
	f := s.Floor()
	seen := make([]Seen, 0, usualHeads)
	c := look(f, no, now, func(h Seen) { seen = append(seen, h) })
	if c.Need == nil {
		return nil, hall.Why{}
	}
	t := s.TicketByOrder(c.Stand.Order)
	return t, explain(s, no, c, seen, t, now)
}

func explain(s sight, no hall.PostNo, c Choice, seen []Seen, t *hall.Ticket, now hall.Millis) hall.Why {
	terms := &s.Floor().Terms
	target := terms.Targets[c.Class]
	w := hall.Why{
		Rule: terms.Policy, Version: Version, Candidates: c.Candidates, WaitedMS: int64(now - t.IssuedAt), Step: c.Step,
		TargetMS: int64(target), Reserved: c.Reserved, Passed: c.Passed,
		Ratio: round(float64(now-t.Since) / float64(target)),
	}
	slices.SortStableFunc(seen, func(a, b Seen) int {
		return cmp.Or(cmp.Compare(rank(b, c), rank(a, c)), cmp.Compare(b.Score, a.Score), cmp.Compare(a.Stand.Order, b.Stand.Order))
	})
	for _, h := range seen[:min(len(seen), maxHeads)] {
		if h.Stand == c.Stand {
			w.Score = round(h.Score)
		}
		w.Heads = append(w.Heads, scored(s, h))
	}
	w.Others = others(s, no, c, now)
	return w
}

// rank puts the called ticket first and the reserved ones last.
func rank(h Seen, c Choice) int {
	switch {
	case h.Stand == c.Stand:
		return 2
	case h.Reserved:
		return 0
	}
	return 1
}

func scored(s sight, h Seen) hall.Scored {
	t := s.TicketByOrder(h.Stand.Order)
	return hall.Scored{Ticket: t.ID, Number: t.Number, Priority: t.Priority, Waiting: h.Waiting, WaitedMS: int64(h.Head.Waited),
		Ratio: round(float64(h.Head.Waited) / float64(h.Head.Target)), Primary: h.Head.Primary, Share: round(h.Head.Share),
		Score: round(h.Score), Reserved: h.Reserved}
}

func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// others says of free windows why they could not have taken the ticket: who waited may ask.
func others(s sight, no hall.PostNo, c Choice, now hall.Millis) []hall.Other {
	var list []hall.Other
	f := s.Floor()
	for i := range f.Posts() {
		p := &f.Posts()[i]
		if hall.PostNo(i) == no || p.State != hall.PostFree || len(list) == maxOthers {
			continue
		}
		at := search{f: f, no: hall.PostNo(i), post: p, now: now}
		plan, tie := &s.Layout().Windows[i], p.Tie(c.Need)
		switch {
		case !at.mayServe(&tie):
			list = append(list, hall.Other{Window: plan.ID, Reason: cannot(s.Layout(), plan, p, c.Need)})
		case f.Terms.Bonuses && now-c.Stand.Since < f.Terms.Targets[c.Class]:
			if at.kept = reserve(f, p, nil); at.isReserved(c.Need) {
				list = append(list, hall.Other{Window: plan.ID, Reason: hall.ReasonKept})
			}
		}
	}
	return list
}

func cannot(l *hall.Layout, w *hall.WindowPlan, p *hall.Post, n *hall.Need) hall.Reason {
	acts := len(hall.Acts())
	switch {
	case n.Post != hall.AnyPost:
		return hall.ReasonSent
	case p.Covers(n.Skills) > 0:
		return hall.ReasonPartly
	}
	for _, k := range n.Skills {
		if !w.Serves(l.Fields[int(k)/acts].ID) {
			return hall.ReasonOtherField
		}
	}
	for _, k := range p.Skills {
		if hall.Acts()[int(k)%acts] != hall.Deliver {
			return hall.ReasonOtherAct
		}
	}
	return hall.ReasonDeliverOnly
}

// Leg implements hall.Planner: of the matters left, the first of the next leg's. Where an open window can do them all
// it is the first one left, since all go there.
func (Rule) Leg(s *hall.State, left []hall.MatterCode, deliver bool) hall.MatterCode {
	f, l := s.Floor(), s.Layout()
	skills := make([]hall.SkillNo, 0, len(left))
	of := map[hall.SkillNo]hall.MatterCode{}
	for _, code := range left {
		m := s.Matter(code)
		k, ok := f.Skill(l, m.Field, m.Act(deliver))
		if !ok {
			continue
		}
		if _, known := of[k]; !known {
			of[k] = code
		}
		skills = append(skills, k)
	}
	if len(skills) < 2 {
		return left[0]
	}
	n := hall.Need{Skills: slices.Sorted(slices.Values(skills)), Post: hall.AnyPost}
	note(f, &n)
	if len(n.Cover) > 0 || len(n.Leg) == 0 {
		return left[0]
	}
	return of[n.Leg[scarcest(f, n.Leg)]]
}

// Free implements hall.Offerer.
func (Rule) Free(s *hall.State) []hall.WindowID {
	posts := FreePosts(s.Floor())
	ids := make([]hall.WindowID, len(posts))
	for i, no := range posts {
		ids[i] = s.Layout().Windows[no].ID
	}
	return ids
}
