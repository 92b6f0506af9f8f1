package hall

import "slices"

// Limits bound what one person may take, so that nobody empties the kiosk's roll or reserves the hall. Zero = unbounded.
// They hold for whoever shows who they are; who does not is bounded by the guide desk's eyes.
type Limits struct {
	OpenPerMatter int `json:"open_per_matter,omitempty"` // tickets of one person that wait or are served, for the same matter
	PerDay        int `json:"per_day,omitempty"`         // tickets of one person on a day, given up ones left out
}

// withinLimits refuses one ticket too many.
func (c Take) withinLimits(s *State) error {
	limits, mine := s.layout.Limits, s.persons[c.Person]
	if c.Person == "" || len(mine) == 0 {
		return nil
	}
	day, open := 0, map[MatterCode]*Ticket{}
	count := map[MatterCode]int{}
	for _, id := range mine {
		t := s.tickets[id]
		if t.State != Cancelled {
			day++
		}
		for _, m := range t.Remaining {
			if !t.Over() {
				count[m]++
				open[m] = t
			}
		}
	}
	if limits.PerDay > 0 && day >= limits.PerDay {
		return refuse(CodeTooManyToday, "今天已经取了 %d 个号，最多 %d 个。需要再取，请到导服台。", day, limits.PerDay)
	}
	i := slices.IndexFunc(c.Matters, func(m MatterCode) bool { return limits.OpenPerMatter > 0 && count[m] >= limits.OpenPerMatter })
	if i >= 0 {
		m := c.Matters[i]
		return refuse(CodeTooManyOpen, "您已有 %s 号在等候办理“%s”。请按该号等候；需要更多号请到导服台。", open[m].Number, s.matters[m].Name["zh"])
	}
	return nil
}
