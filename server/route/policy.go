// Package route decides which ticket a free window calls, which free window a new ticket goes to, and in how many
// windows a ticket with several matters is served. It is pure: a hall.Floor and the time come in.
//
// The live hall asks Rule through its State; simulations and forecasts ask Choose and Offer on a Floor of their own. It
// is the same code either way. A call costs O(lanes that the window may serve): tickets of one need and one class stand
// in one lane in order, and only heads are compared, however many wait.
package route

import "yitang/server/hall"

// Head is the first ticket of a lane, as a policy sees it.
type Head struct {
	Waited, Target hall.Millis
	Primary        bool    // of the window's primary field
	Share          float64 // of its remaining matters that the window can do
	Bonuses        bool    // whether the settings grant any
}

// Policy orders heads.
type Policy interface {
	// Score is the head's: the largest tier is called first, in it the largest score, then the earlier issue.
	Score(h Head) (tier hall.Millis, score float64)
	// Guarded says whether the policy needs the starvation guard.
	Guarded() bool
}

// policyOf is the policy of the settings; an unknown name is the usual one.
func policyOf(name string) Policy {
	switch name {
	case "fcfs":
		return fcfs{}
	case "strict":
		return strict{}
	case "edd":
		return edd{}
	case "primary":
		return primary{}
	}
	return ratio{}
}

// The bonuses of the ratio policy.
const (
	primaryBonus = 0.15
	shareBonus   = 0.10
)

// ratio is wait over target: Kleinrock's accumulating priority with the rate 1/target (Kleinrock, A delay dependent
// queue discipline, 1964; Stanford, Taylor and Ziedins, Waiting time distributions in the accumulating priority queue,
// 2014), raised for the window's primary field and for tickets that the window can serve whole.
type ratio struct{}

func (ratio) Score(h Head) (hall.Millis, float64) {
	return 0, h.ratio(h.bonus())
}

// bonus is the factor of the ratio policy. It depends on the window and the need only.
func (h *Head) bonus() float64 {
	if !h.Bonuses {
		return 1
	}
	m := 1 + shareBonus*h.Share
	if h.Primary {
		m *= 1 + primaryBonus
	}
	return m
}

func (h *Head) ratio(bonus float64) float64 {
	r := float64(h.Waited) / float64(h.Target)
	if r < 0 { // an appointment before its time: a bonus must still raise it
		return r / bonus
	}
	return r * bonus
}

func (ratio) Guarded() bool { return true }

// fcfs is the order of arrival.
type fcfs struct{}

func (fcfs) Score(h Head) (hall.Millis, float64) { return 0, float64(h.Waited) }
func (fcfs) Guarded() bool                       { return false }

// edd is the earliest due date: the longest time over the target, or the shortest left of it.
type edd struct{}

func (edd) Score(h Head) (hall.Millis, float64) { return 0, float64(h.Waited - h.Target) }
func (edd) Guarded() bool                       { return false }

// strict takes the smallest target first, then the order of arrival. Its quota is Choose's.
type strict struct{}

func (strict) Score(h Head) (hall.Millis, float64) { return -h.Target, float64(h.Waited) }
func (strict) Guarded() bool                       { return true }

// primary takes the window's primary field first and others only when none of that waits.
type primary struct{}

func (primary) Score(h Head) (hall.Millis, float64) {
	if h.Primary {
		return 1, float64(h.Waited)
	}
	return 0, float64(h.Waited)
}

func (primary) Guarded() bool { return true }
