package runonce

import (
	"slices"
	"strconv"
	"time"

	"yitang/server/hall"
)

// Reason says why a person had to come again.
type Reason string

// The reasons, in the order in which they are tried; who could have saved the visit stands behind each.
const (
	R1  Reason = "R1"  // a later notice names something new (window)
	R2  Reason = "R2"  // brings what a written notice had named (applicant)
	R3  Reason = "R3"  // comes back though no written notice exists (hall)
	R4  Reason = "R4"  // wrong window, referred, bounced (hall)
	R5  Reason = "R5"  // abandoned, or the window was unmanned (hall)
	R6  Reason = "R6"  // an outage of ours (hall); only from the hall's own data
	R7  Reason = "R7"  // collects, no delivery offered (hall)
	R7b Reason = "R7b" // collects by choice (neutral)
	R8  Reason = "R8"  // asks after the promised day has passed (department)
	R9  Reason = "R9"  // presence required by law
	R10 Reason = "R10" // separate payment or signature (process)
	R11 Reason = "R11" // deferred material (process); only from the hall's own data
	R12 Reason = "R12" // correction of our document (department)
	R99 Reason = "R99" // unknown
)

// hiddenFrom is the share of unknown reasons from which on the breakdown is not shown.
const hiddenFrom = 0.10

// Cause is the reason of one visit with the ids that prove it: first the visit's tickets, then what it follows from
// (tickets; a notice as case#seq, a referral as case@time).
type Cause struct {
	Reason Reason   `json:"reason"`
	IDs    []string `json:"ids"`
}

// explain finds a reason for each visit after the first.
func (j *judge) explain(f *file) error {
	for i := 1; i < len(f.visits); i++ {
		reason, proof, err := j.reason(f, &f.visits[i-1], &f.visits[i])
		if err != nil {
			return err
		}
		f.causes = append(f.causes, Cause{Reason: reason, IDs: append(f.visits[i].ids(), proof...)})
	}
	return nil
}

// reason tries the reasons in their order.
func (j *judge) reason(f *file, before, v *visit) (Reason, []string, error) {
	if v.any(Apply, Supplement) {
		if r, proof := f.told(before, v); r != "" {
			return r, proof, nil
		}
	}
	if (v.any(Supplement) || v.any(Apply) && f.c.FirstComplete == No) && before.served() && !f.noticed(v) && !f.c.Deferred {
		return R3, before.ids(), nil
	}
	if proof := f.bounced(before, v); proof != nil {
		return R4, proof, nil
	}
	if !before.served() {
		return R5, before.ids(), nil
	}
	if proof := j.outage(before); proof != nil {
		return R6, proof, nil
	}
	if v.any(Collect) {
		if j.offered(f.c) {
			return R7b, nil, nil
		}
		return R7, nil, nil
	}
	late, err := j.late(f, v)
	switch {
	case err != nil:
		return "", nil, err
	case late:
		return R8, nil, nil
	case v.any(Present):
		return R9, nil, nil
	case v.any(Pay):
		return R10, nil, nil
	case f.c.Deferred && v.any(Supplement):
		return R11, nil, nil
	case v.any(Correct):
		return R12, nil, nil
	}
	return R99, nil, nil
}

// told tries R1 and R2: R1 where a later written notice since the visit before names what none had named yet, R2 where
// any written notice stands before this visit.
func (f *file) told(before, v *visit) (Reason, []string) {
	var newest *Notice
	var named []string
	for _, n := range f.notices {
		if n.Written != Yes || n.At > v.start() {
			continue
		}
		if newest != nil && n.At >= before.start() && len(newItems(n, named)) > 0 {
			return R1, []string{noticeID(n)}
		}
		newest, named = n, append(named, n.Items...)
	}
	if newest == nil {
		return "", nil
	}
	return R2, []string{noticeID(newest)}
}

// noticed says whether a written notice stands before a visit.
func (f *file) noticed(v *visit) bool {
	return slices.ContainsFunc(f.notices, func(n *Notice) bool { return n.Written == Yes && n.At <= v.start() })
}

// bounced finds what sent the person on: a referral since the visit before, or a transfer that ended it.
func (f *file) bounced(before, v *visit) []string {
	var proof []string
	for _, r := range f.referrals {
		if r.At >= before.start() && r.At <= v.start() {
			proof = append(proof, referralID(r))
		}
	}
	if t := last(before.stops).ticket; len(proof) == 0 && (t.State == Transferred || v.stops[0].ticket.From == t.ID) {
		proof = []string{string(t.ID)}
	}
	return proof
}

// late says whether somebody asks after the promised day has passed.
func (j *judge) late(f *file, v *visit) (bool, error) {
	s, ok := j.data.Standards[f.c.Matter]
	accepted := j.known(f.c.AcceptedAt)
	if !ok || accepted == 0 || !v.any(Progress) {
		return false, nil
	}
	due, err := j.clock.dueBy(dayOf(j.data.Zone, accepted), s.Promised, v.day())
	return v.day() > due, err
}

func noticeID(n *Notice) string { return string(n.Case) + "#" + strconv.Itoa(n.Seq) }

func referralID(r *Referral) string { return string(r.Case) + "@" + stamp(r.At) }

func stamp(at hall.Millis) string { return time.UnixMilli(int64(at)).UTC().Format(time.RFC3339) }
