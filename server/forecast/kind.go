package forecast

import (
	"cmp"
	"slices"
	"strings"

	"yitang/server/hall"
)

// Want is one skill that somebody comes for.
type Want struct {
	Field hall.FieldID
	Act   hall.Act
}

// Kind is what somebody who comes now may want: the first matter's field and act, and what else, where it is more than that.
type Kind struct {
	Field hall.FieldID
	Act   hall.Act
	Class hall.ClassNo
	Also  string // the further skills, in order; empty for one skill
}

// KindOf is the kind of a ticket's wants, the first matter's first; there must be one.
func KindOf(wants []Want, class hall.ClassNo) Kind {
	k := Kind{Field: wants[0].Field, Act: wants[0].Act, Class: class}
	var also []string
	for _, w := range wants[1:] {
		if w != wants[0] {
			also = append(also, string(w.Field)+"."+string(w.Act))
		}
	}
	slices.Sort(also)
	k.Also = strings.Join(slices.Compact(also), " ")
	return k
}

// asked is a kind of newcomer that every look forecasts for.
type asked struct {
	Kind
	wants []Want
}

// kinds are what somebody may come for: each act of a field that has matters for it, in each class, by appointment only
// where people have come so; and what people have often come for together.
func (h *Hall) kinds() []asked {
	var out []asked
	booked := slices.ContainsFunc(h.demand.streams, func(s stream) bool { return s.class == hall.ClassAppointment })
	for i := range h.layout.Fields {
		f := h.layout.Fields[i].ID
		acts := map[hall.Act]bool{}
		for k := range h.layout.Matters {
			if m := &h.layout.Matters[k]; m.Field == f {
				acts[m.Act(false)] = true
			}
		}
		for _, a := range hall.Acts() {
			if acts[a] {
				for c := range h.layout.Terms().Targets {
					if hall.ClassNo(c) != hall.ClassAppointment || booked {
						out = append(out, asked{Kind{Field: f, Act: a, Class: hall.ClassNo(c)}, []Want{{f, a}}})
					}
				}
			}
		}
	}
	for i := range h.demand.streams {
		if s := &h.demand.streams[i]; s.kind.Also != "" {
			out = append(out, asked{s.kind, s.wants})
		}
	}
	return out
}

// skills are the wants on a floor; none where the layout lacks one.
func skills(f *hall.Floor, l *hall.Layout, wants []Want) []hall.SkillNo {
	var list []hall.SkillNo
	for _, w := range wants {
		k, ok := f.Skill(l, w.Field, w.Act)
		if !ok {
			return nil
		}
		if !slices.Contains(list, k) {
			list = append(list, k)
		}
	}
	return list
}

// Arriving is the forecast for a ticket about to be issued, by its matters, the first one first; nil when there is nothing
// honest to say. Where so many different ones seldom come together it is that of the one that waits longest.
func (o *Outlook) Arriving(wants []Want, class hall.ClassNo) *hall.Told {
	if o == nil || len(wants) == 0 {
		return nil
	}
	if w, ok := o.Coming[KindOf(wants, class)]; ok {
		return w.told()
	}
	found := Wait{}
	for _, x := range wants {
		w, ok := o.Coming[KindOf([]Want{x}, class)]
		if !ok {
			return nil
		}
		if cmp.Compare(w.Told[2], found.Told[2]) >= 0 {
			found = w
		}
	}
	return found.told()
}
