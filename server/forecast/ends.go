package forecast

import "yitang/server/hall"

// dayEnds is when past days ended around open windows, by their midnight. Such a day teaches nothing of what would have come
// after: neither that nobody comes then, nor that no window is open.
type dayEnds map[hall.Millis]hall.Millis

// nearEnd is how long before the last closing time a day may end and still be one as any other.
const nearEnd = halfHour

func endsOf(spells []hall.PastSpell, offset hall.Millis) dayEnds {
	ends := dayEnds{}
	for _, s := range spells {
		if midnight := dayClock(s.Since, offset).midnight; s.Unended {
			ends[midnight] = max(ends[midnight], s.Until)
		}
	}
	for _, s := range spells { // a day that was taken up again went on
		if midnight := dayClock(s.Since, offset).midnight; s.Since >= ends[midnight] {
			delete(ends, midnight)
		}
	}
	return ends
}

// knows says whether a day went on to the end of a half hour.
func (e dayEnds) knows(c clock, slot int) bool {
	end, known := e[c.midnight]
	return !known || end >= c.midnight+hall.Millis(slot+1)*halfHour
}

// early says whether a day ended well before the hall's hours.
func (e dayEnds) early(h hall.Hours, c clock) bool {
	end, known := e[c.midnight]
	until := hall.Millis(24 * 60)
	if n := len(h.Spans); n > 0 && !h.Always {
		until = hall.Millis(h.Spans[n-1].To)
	}
	return known && end < c.midnight+until*minuteMS-nearEnd
}
