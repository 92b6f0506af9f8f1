package forecast

import (
	"math"

	"yitang/server/hall"
)

// Spoken is what a person is shown: 约 x–y 分钟, the median and the 90 %, rounded up to 5 minutes; where there is room the 80 %.
type Spoken struct{ P50Min, P80Min, P90Min int }

// stepMin is what waits are rounded up to, in minutes.
const stepMin = 5

// Ticket is what a waiting ticket is shown now: by the paths, or while they have not seen it, by what it was told at its
// issue. Ok is false when there is nothing honest to say.
func (o *Outlook) Ticket(t *hall.Ticket, now hall.Millis) (s Spoken, ok bool) {
	if !o.fresh(now) || t.State != hall.Waiting {
		return s, false
	}
	told, since := Quantiles{}, t.IssuedAt
	switch w, known := o.Tickets[t.ID]; {
	case known:
		told, since = w.Told, o.At
	case t.Told != nil && t.IssuedAt >= o.At:
		told = Quantiles{float64(t.Told.P50S), float64(t.Told.P80S), float64(t.Told.P90S)}
	default:
		return s, false
	}
	gone := float64(max(now-since, 0)) / 1000
	return speak(told, gone, o.least(laneKey{t.Field, t.Priority.Class()}, now)-float64(now-t.IssuedAt)/1000), true
}

// Field is what somebody ordinary who comes for a field now is shown: of its acts the one that waits longest.
func (o *Outlook) Field(f hall.FieldID, now hall.Millis) (s Spoken, ok bool) {
	if !o.fresh(now) {
		return s, false
	}
	for _, a := range hall.Acts() {
		w, known := o.Coming[Kind{Field: f, Act: a, Class: hall.ClassOrdinary}]
		if !known {
			continue
		}
		if x := speak(w.Told, 0, o.least(laneKey{f, hall.ClassOrdinary}, now)); !ok || x.P90Min > s.P90Min {
			s, ok = x, true
		}
	}
	return s, ok
}

// staleMS is from when on an outlook says nothing of the present any more, in milliseconds; a server looks every 15 s.
const staleMS = 15 * minuteMS

func (o *Outlook) fresh(now hall.Millis) bool { return o != nil && now-o.At < staleMS }

// told is the forecast as a ticket keeps it.
func (w Wait) told() *hall.Told {
	s := func(x float64) int { return int(math.Round(x)) }
	return &hall.Told{P50S: s(w.Told[0]), P80S: s(w.Told[1]), P90S: s(w.Told[2]),
		Raw50S: s(w.Raw[0]), Raw80S: s(w.Raw[1]), Raw90S: s(w.Raw[2])}
}

// least is how long the head of a line has waited, in seconds.
func (o *Outlook) least(k laneKey, now hall.Millis) float64 {
	at, known := o.heads[k]
	if !known {
		return 0
	}
	return float64(now-at) / 1000
}

// speak rounds the rest of a wait up, never under what the head of the line has waited already. Under a minute is 0: where
// a clerk looks up after half a minute people are told 约 0–5 分钟, not 5–5.
func speak(w Quantiles, gone, least float64) Spoken {
	minutes := func(x float64) int {
		rest := max(x-gone, least, 0) / 60
		if rest < 1 {
			return 0
		}
		return int(math.Ceil(rest/stepMin)) * stepMin
	}
	return Spoken{minutes(w[0]), max(minutes(w[1]), stepMin), max(minutes(w[2]), stepMin)}
}
