package runonce_test

import (
	"fmt"
	"slices"
	"testing"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// many tells n stories of one case each; the first k of them another way.
func many(s *story, n, k int, tell func(id string, odd bool)) {
	s.Helper()
	for i := range n {
		tell(fmt.Sprintf("D%03d", i), i < k)
	}
}

// TestSignals finds each signal that the exchange files allow, and does not find it one row below its threshold.
func TestSignals(t *testing.T) {
	link := func(id string) func(*runonce.Ticket) {
		return func(k *runonce.Ticket) { k.Links[0].Case = runonce.CaseID(id) }
	}
	standard := runonce.Standard{Department: "住建局", Promised: 5, SiteVisit: true, Transferred: true, TransferredFrom: "2025-06-01"}
	for _, c := range []struct {
		id      runonce.SignalID
		subject string
		n, k    int // rows, and how many of them are odd when it flags
		tell    func(s *story, n, k int)
	}{
		{"A3", "M1", 5, 0, func(s *story, n, _ int) {
			for range n {
				s.ticket('A', "3 10:00", "3 10:10", unnamed)
			}
		}},
		{"A4", "M1", 20, 7, func(s *story, n, k int) {
			many(s, n, k, func(id string, odd bool) {
				s.kase(id, "3 09:00", "20 12:00", func(c *runonce.Case) {
					c.DecisionOrg = "行政审批局"
					if odd {
						c.DecisionOrg = "住建局"
					}
				})
			})
		}},
		{"B1", "M1", 20, 3, func(s *story, n, k int) {
			many(s, n, k, func(id string, odd bool) {
				s.kase(id, "3 09:00", "20 12:00")
				if !odd {
					s.ticket('A', "3 10:00", "3 10:10", link(id))
				}
			})
		}},
		{"B2", "M1", 3, 1, func(s *story, n, k int) {
			many(s, n, k, func(id string, odd bool) {
				s.kase(id, "3 09:00", "3 09:31", func(c *runonce.Case) {
					if odd {
						c.DecidedAt = at(s, "3 09:30")
					}
				})
			})
		}},
		{"B6", "M1", 3, 1, func(s *story, n, k int) {
			many(s, n, k, func(id string, odd bool) {
				s.kase(id, "3 09:00", "20 12:00", func(c *runonce.Case) {
					c.AcceptedAt = at(s, "13 09:00") // the fifth working day
					if odd {
						c.AcceptedAt = at(s, "16 09:00")
					}
				})
			})
		}},
		{"C1", "M1", 3, 1, func(s *story, n, k int) {
			many(s, n, k, func(id string, odd bool) {
				s.kase(id, "3 09:00", "20 12:00", func(c *runonce.Case) {
					c.Seal = "行政审批局"
					if odd {
						c.Seal = "住建局审批专用章"
					}
				})
			})
		}},
		{"D1", "A→B→A", 2, 1, func(s *story, _, k int) {
			s.kase("C", "3 09:00", "20 12:00").referral("4 10:00", "A", "B", "yes")
			if k > 0 {
				s.referral("5 10:00", "B", "A", "yes")
			} else {
				s.referral("5 10:00", "B", "D", "yes")
			}
		}},
		{"D2", "M1", 40, 2, func(s *story, n, k int) {
			many(s, n, k, func(id string, odd bool) {
				s.kase(id, "3 09:00", "20 12:00").ticket('A', "3 10:00", "3 10:10", link(id))
				for i := range 2 {
					s.ticket('B', "5 10:00", "5 10:10", link(id), func(t *runonce.Ticket) {
						if odd {
							t.Window = hall.WindowID(fmt.Sprint(i + 2))
						}
					})
				}
			})
		}},
		{"D3", "B", 20, 5, func(s *story, n, k int) {
			s.kase("C", "3 09:00", "20 12:00")
			for i := range n {
				yes := runonce.Yes
				if i < k {
					yes = runonce.No
				}
				s.referral(fmt.Sprintf("4 10:%02d", i), "A", "B", yes)
			}
		}},
		{"D4", "M1", 30, 2, func(s *story, n, k int) {
			many(s, n, k, func(id string, odd bool) {
				s.kase(id, "3 09:00", "20 12:00")
				s.d.Notices = append(s.d.Notices, runonce.Notice{Case: runonce.CaseID(id), Seq: 1, At: at(s, "3 10:00"), Items: []string{"x"}, Written: "yes"})
				if odd {
					s.d.Notices = append(s.d.Notices, runonce.Notice{Case: runonce.CaseID(id), Seq: 2, At: at(s, "4 10:00"), Items: []string{"y"}, Written: "yes"})
				}
			})
		}},
		{"E2", "M1", 1, 1, func(s *story, _, k int) { // accepted on the 3rd, due on the 13th; withdrawn on the 11th, two days before
			s.kase("C", "3 09:00", "11 12:00", func(c *runonce.Case) { c.End = runonce.Withdrawn })
			if k > 0 {
				s.kase("D", "12 09:00", "")
			}
		}},
		{"E3", "M1", 20, 11, func(s *story, n, k int) {
			many(s, n, k, func(id string, odd bool) {
				s.kase(id, "3 09:00", "20 12:00", func(c *runonce.Case) {
					c.DecidedAt = at(s, "12 10:00")
					if odd {
						c.DecidedAt = at(s, "13 10:00")
					}
				})
			})
		}},
		{"F1", "1", 20, 3, func(s *story, n, k int) {
			s.kase("C", "3 09:00", "20 12:00")
			for i := range n {
				end := "3 10:00:20"
				if i < k {
					end = "3 10:00:19"
				}
				s.ticket('A', "3 10:00", end)
			}
		}},
		{"F2", "1", 3, 1, func(s *story, n, k int) {
			s.kase("C", "3 09:00", "20 12:00")
			for i := range n {
				s.ticket('A', "3 10:00", "3 10:20", func(t *runonce.Ticket) {
					t.CalledAt, t.State, t.StartedAt = at(s, "3 10:19"), runonce.NoShow, 0
					if i < k {
						t.CalledAt = at(s, "3 10:19:30")
					}
				})
			}
		}},
	} {
		s := newStory(t).standard(standard)
		c.tell(s, c.n, c.k)
		got := signal(s.judge(), c.id)
		if got == nil || got.Subject != c.subject || got.N != c.n && c.id != "D1" || got.K != c.k || len(got.Rows) == 0 {
			t.Errorf("%s: %+v", c.id, got)
		}
		s = newStory(t).standard(standard)
		if c.k == 0 {
			c.n--
		}
		c.tell(s, c.n, c.k-1)
		if got := signal(s.judge(), c.id); got != nil {
			t.Errorf("%s without the last row: %+v", c.id, got)
		}
	}
}

func signal(r *runonce.Report, id runonce.SignalID) *runonce.Signal {
	if i := slices.IndexFunc(r.Signals, func(s runonce.Signal) bool { return s.ID == id }); i >= 0 {
		return &r.Signals[i]
	}
	return nil
}

// A window whose no-show rate is far above the others' is a lead.
func TestNoShowsOfAWindow(t *testing.T) {
	s := newStory(t).kase("C", "3 09:00", "20 12:00")
	for w := range 5 {
		for i := range 20 {
			s.ticket('A', "3 10:00", "3 10:20", func(k *runonce.Ticket) {
				k.Window, k.CalledAt = hall.WindowID(fmt.Sprint(w+1)), at(t, "3 10:10")
				if i == 0 || w == 4 && i < 9 {
					k.State, k.StartedAt = runonce.NoShow, 0
				}
			})
		}
	}
	if got := signal(s.judge(), "F2"); got == nil || got.Subject != "5" || got.K != 9 || len(got.Rows) != 9 {
		t.Errorf("%+v", got)
	}
}

// What nobody can know from these data is named, never guessed.
func TestNotComputed(t *testing.T) {
	s := newStory(t).kase("C", "3 09:00", "20 12:00")
	want := "[A1 A2 A4 A5 B3 B4 B5 C1 C2 D5 D6 E1 E2 E3 F3 F4 F5]"
	if got := fmt.Sprint(s.judge().NotComputed); got != want {
		t.Errorf("without standards: %s, want %s", got, want)
	}
	s.standard(runonce.Standard{Transferred: true, TransferredFrom: "2019-01-01"})
	s.d.Cases[0].DecisionOrg = "行政审批局"
	want = "[A1 A2 A5 B3 B4 B5 C2 D5 D6 E1 F3 F4 F5]"
	if got := fmt.Sprint(s.judge().NotComputed); got != want {
		t.Errorf("with standards: %s, want %s", got, want)
	}
	s.q.From, s.q.To, s.q.ReportDay = "2025-01-01", "2025-01-31", "2025-01-31" // sixty working days before lie in 2024
	if got := s.judge().NotComputed; !slices.Contains(got, "A3") {
		t.Errorf("in January: %v", got)
	}
}
