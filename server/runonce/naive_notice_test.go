package runonce_test

import (
	"fmt"
	"slices"
	"strings"

	"yitang/server/workday"
)

// written are the written notices of a case, in order.
func (f naiveFolder) written(c naiveCase) []naiveNotice {
	var all []naiveNotice
	for _, n := range f.notices {
		if n.caseID == c.id && n.written {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b naiveNotice) int { return a.seq - b.seq })
	return all
}

// namesNew says whether the i-th written notice names what none before it did.
func namesNew(notices []naiveNotice, i int) bool {
	for _, item := range notices[i].items {
		named := false
		for _, before := range notices[:i] {
			named = named || slices.Contains(before.items, item)
		}
		if !named {
			return i > 0
		}
	}
	return false
}

func anyNamesNew(notices []naiveNotice) bool {
	for i := range notices {
		if namesNew(notices, i) {
			return true
		}
	}
	return false
}

// leftOutOfLaw: the first filing was incomplete, and one complete notice came
// in time.
func (f naiveFolder) leftOutOfLaw(c naiveCase) bool {
	notices := f.written(c)
	if c.firstComplete != "no" || len(notices) == 0 || anyNamesNew(notices) {
		return false
	}
	return f.day(notices[0].at) <= naiveDue(f.day(c.opened), 5)
}

func naiveDue(day string, n int) string {
	due, err := workday.Default().Due(workday.Day(day), n)
	if err != nil {
		panic(err)
	}
	return string(due)
}

func naiveBetween(from, to string) int {
	n, err := workday.Default().Between(workday.Day(from), workday.Day(to))
	if err != nil {
		panic(err)
	}
	return n
}

// naiveCause is a reason and ids that must stand in its evidence.
type naiveCause struct {
	reason string
	ids    []string
}

// causes are the reasons of every visit of a case after the first.
func (f naiveFolder) causes(c naiveCase) []naiveCause {
	var causes []naiveCause
	visits := f.visits(c)
	for i := 1; i < len(visits); i++ {
		cause := f.cause(c, visits[i-1], visits[i])
		for _, s := range visits[i] {
			cause.ids = append(cause.ids, s.id)
		}
		causes = append(causes, cause)
	}
	return causes
}

// cause is the first reason that fits.
func (f naiveFolder) cause(c naiveCase, before, v naiveVisit) naiveCause {
	if cause, ok := f.causeOfNotice(c, before, v); ok {
		return cause
	}
	promise := f.matter(c.matter)
	switch {
	case before.served() && f.saidNothingWritten(c, v) && (v.has("B") || v.has("A") && c.firstComplete == "no"):
		return naiveCause{reason: "R3"}
	case f.bounced(c, before, v):
		return naiveCause{reason: "R4"}
	case !before.served():
		return naiveCause{reason: "R5"}
	case v.has("C") && c.offered != "yes":
		return naiveCause{reason: "R7"}
	case v.has("C"):
		return naiveCause{reason: "R7b"}
	case v.has("S") && promise.code != "" && !c.accepted.IsZero() &&
		f.day(v[0].issued) > naiveDue(f.day(c.accepted), promise.promised):
		return naiveCause{reason: "R8"}
	case v.has("V"):
		return naiveCause{reason: "R9"}
	case v.has("P"):
		return naiveCause{reason: "R10"}
	case v.has("R"):
		return naiveCause{reason: "R12"}
	}
	return naiveCause{reason: "R99"}
}

// causeOfNotice: R1 where a later notice named something new since the visit
// before began, R2 where any written notice stands and something is brought.
func (f naiveFolder) causeOfNotice(c naiveCase, before, v naiveVisit) (naiveCause, bool) {
	if !v.has("AB") {
		return naiveCause{}, false
	}
	cause, notices := naiveCause{}, f.written(c)
	for i, n := range notices {
		if n.at.After(v[0].issued) {
			continue
		}
		id := fmt.Sprintf("%s#%d", c.id, n.seq)
		if namesNew(notices, i) && !n.at.Before(before[0].issued) {
			return naiveCause{"R1", []string{id}}, true
		}
		cause = naiveCause{reason: "R2"}
	}
	return cause, cause.reason != ""
}

func (f naiveFolder) saidNothingWritten(c naiveCase, v naiveVisit) bool {
	for _, n := range f.written(c) {
		if !n.at.After(v[0].issued) {
			return false
		}
	}
	return true
}

// bounced: a referral since the visit before began, or that visit ended by
// sending the person elsewhere, or this one begins where its last ticket was sent.
func (f naiveFolder) bounced(c naiveCase, before, v naiveVisit) bool {
	for _, r := range f.referrals {
		if r.caseID == c.id && !r.at.Before(before[0].issued) && r.at.Before(v[0].issued) {
			return true
		}
	}
	last := before[len(before)-1]
	return last.state == "transferred" || v[0].from == last.id
}

// naiveCauses sums the reasons, hidden where too many are unknown.
func naiveCauses(all []naiveCause) (sums map[string]int, shown bool) {
	sums = map[string]int{}
	for _, c := range all {
		sums[c.reason]++
	}
	if len(all) > 0 && float64(sums["R99"])/float64(len(all)) >= 0.10 {
		return map[string]int{}, false
	}
	return sums, true
}

// naiveHas says whether all of some ids stand in a list.
func naiveHas(list, ids []string) string {
	var missing []string
	for _, id := range ids {
		if !slices.Contains(list, id) {
			missing = append(missing, id)
		}
	}
	return strings.Join(missing, " ")
}
