package api

import (
	"fmt"
	"strings"
	"time"

	"yitang/server/hall"
	"yitang/server/wire"
	"yitang/server/workday"
)

// figures keeps figures together in a text that is written from right to left.
func figures(s string) string { return "\u2066" + s + "\u2069" }

func notice(h hall.Hours) wire.Text {
	var spans []string
	for _, s := range h.Spans {
		spans = append(spans, fmt.Sprintf("%d:%02d–%d:%02d", s.From/60, s.From%60, s.To/60, s.To%60))
	}
	if len(spans) == 0 {
		return wire.Text{"zh": "大厅现在没有开放取号。请咨询导服台。", "ug": "زال ھازىر نومۇر تارقاتمايدۇ. يېتەكچى ئورنىدىن سوراڭ.",
			"kk": "زال قازىر نومىر بەرمەيدى. كومەك ورنىنان سۇراڭىز.", "en": "The hall is not issuing tickets now. Please ask at the guide desk."}
	}
	when := strings.Join(spans, "，")
	return wire.Text{"zh": "大厅现在没有开放取号。开放时间：" + when + "。",
		"ug": "زال ھازىر نومۇر تارقاتمايدۇ. ئىش ۋاقتى: " + figures(when), "kk": "زال قازىر نومىر بەرمەيدى. جۇمىس ۋاقىتى: " + figures(when),
		"en": "The hall is not issuing tickets now. Opening hours: " + when + "."}
}

// endedEarly says whether a person ended the day that is still on, before its time.
func (p presenter) endedEarly(v *hall.View, now time.Time) bool {
	return !v.Open && v.ByHand && v.Day == hall.BusinessDay(p.zone, now) && (v.Until == 0 || hall.Millis(now.UnixMilli()) < v.Until)
}

// early says that the day has been ended, and when numbers are given out again.
func (p presenter) early(h hall.Hours, now time.Time) wire.Text {
	out := wire.Text{"zh": "大厅今天已提前结束，不再取号。", "ug": "زال بۈگۈن بالدۇر ئاخىرلاشتى، نومۇر تارقىتىلمايدۇ.",
		"kk": "زال بۇگىن ەرتە جابىلدى، نومىر بەرىلمەيدى.", "en": "The hall has closed early today and gives out no more numbers."}
	at, ok := p.next(h, now)
	if !ok {
		return out
	}
	moment := figures(at.Format("2006-01-02 15:04"))
	out["zh"] += fmt.Sprintf("%d月%d日 %s 起可以取号。", at.Month(), at.Day(), at.Format("15:04"))
	out["ug"] += " " + moment + " دىن باشلاپ نومۇر ئالالايسىز."
	out["kk"] += " " + moment + " دەن باستاپ نومىر الا الاسىز."
	out["en"] += " Numbers are given out again from " + at.Format("15:04") + " on " + at.Format("Monday 2 January") + "."
	return out
}

// next is when the next working day begins to give out numbers; ok is false where the calendar or the hours do not say it.
func (p presenter) next(h hall.Hours, now time.Time) (at time.Time, ok bool) {
	today := hall.BusinessDay(p.zone, now)
	day, err := p.workdays.Due(workday.Day(today), 1)
	if h.Always {
		day, err = workday.Day(hall.BusinessDay(p.zone, now.AddDate(0, 0, 1))), nil
	}
	if err != nil {
		return at, false
	}
	at, _, ok = h.Begins(p.zone, hall.Day(day))
	return at, ok
}
