package city

import "yitang/server/runonce"

// AddUp is a city's judgement made of one part: cases, of as many tickets so many with a case, seen for so many working days.
func AddUp(all runonce.Rate, proven, linked, seen int) *Once {
	a := newAdder([]runonce.Query{{From: "2025-10-01", To: "2025-10-31"}}, "2025-11-20")
	a.part(&part{All: all, Law: all, Proven: proven, Linked: linked, Seen: seen, Spans: []spans{{runonce.Span{Days: 3}, 7}}})
	return a.done()
}

// UnderWay are the answers that are being made.
type UnderWay struct{ underWay }

// Start makes one.
func (u *UnderWay) Start(make func()) { u.start(make) }

// End waits for all.
func (u *UnderWay) End() { u.end() }
