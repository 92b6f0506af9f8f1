package api

import (
	"fmt"
	"slices"
	"strconv"

	"yitang/server/hall"
	"yitang/server/wire"
)

// explain says in words and figures why a ticket was called.
func explain(why hall.Why, t *hall.Ticket) wire.Why {
	w := wire.Why{Rule: why.Rule, Version: why.Version, Candidates: why.Candidates, WaitedS: int(why.WaitedMS / 1000),
		Sentence: wire.Text{"zh": whyZH(why, t), "en": whyEN(why, t)}, Step: string(why.Step), TargetS: int(why.TargetMS / 1000),
		Ratio: why.Ratio, Score: why.Score, Reserved: why.Reserved, Passed: why.Passed}
	for _, h := range why.Heads {
		w.Heads = append(w.Heads, wire.WhyHead{Number: h.Number, Priority: string(h.Priority), Waiting: h.Waiting,
			WaitedS: int(h.WaitedMS / 1000), Ratio: h.Ratio, Primary: h.Primary, Share: h.Share, Score: h.Score, Reserved: h.Reserved})
	}
	for _, o := range why.Others {
		w.Others = append(w.Others, wire.WhyOther{Window: string(o.Window), Reason: string(o.Reason)})
	}
	return w
}

const minuteMS = 60 * 1000

// whyZH is the sentence for the clerk, who may have to read it out to somebody who feels passed over.
func whyZH(why hall.Why, t *hall.Ticket) string {
	waited, target := why.WaitedMS/minuteMS, trim(float64(why.TargetMS)/minuteMS)
	var s string
	switch {
	case why.Step == hall.StepReturned:
		s = fmt.Sprintf("%s 暂离后回来，接着办理", t.Number)
	case why.Step == hall.StepOverdue:
		s = fmt.Sprintf("%s 等得最久：已等 %d 分钟，是目标 %s 分钟的 %s 倍，满两倍的先办", t.Number, waited, target, trim(why.Ratio))
	case why.Step == hall.StepQuota:
		s = fmt.Sprintf("优先号刚办过，这次轮到先来的：%s 已等 %d 分钟", t.Number, waited)
	case why.Rule == "fcfs":
		s = fmt.Sprintf("先到先办：%s 在可叫的 %d 人中来得最早，已等 %d 分钟", t.Number, why.Candidates, waited)
	case why.Rule == "strict" && t.Priority.Class() == hall.ClassStatutory:
		s = fmt.Sprintf("优先号先办：%s 已等 %d 分钟", t.Number, waited)
	default:
		s = fmt.Sprintf("在可叫的 %d 人中轮到 %s：已等 %d 分钟，是目标 %s 分钟的 %s 倍", why.Candidates, t.Number, waited, target, trim(why.Ratio))
	}
	return s + bonusZH(why) + othersZH(why) + "。"
}

// bonusZH names a bonus only where it decided: somebody behind had waited longer over the target.
func bonusZH(why hall.Why) string {
	if len(why.Heads) < 2 || why.Step != hall.StepScore || why.Rule != "ratio" {
		return ""
	}
	first := why.Heads[0]
	passed := slices.ContainsFunc(why.Heads[1:], func(h hall.Scored) bool { return !h.Reserved && h.Ratio > first.Ratio })
	switch {
	case passed && first.Primary:
		return "，属本窗口主办领域"
	case passed:
		return "，本窗口能一次办完"
	}
	return ""
}

func othersZH(why hall.Why) string {
	s := ""
	for _, o := range why.Others {
		s += "；" + string(o.Window) + "号窗口" + reasonZH(o.Reason)
	}
	return s
}

func reasonZH(r hall.Reason) string {
	switch r {
	case hall.ReasonDeliverOnly:
		return "只出件，办不了"
	case hall.ReasonOtherAct:
		return "不办这一类业务"
	case hall.ReasonPartly:
		return "只能办其中一部分"
	case hall.ReasonSent:
		return "不能叫，该号已转到指定窗口"
	case hall.ReasonKept:
		return "要留给少数窗口才能办的事项"
	}
	return "不办该领域"
}

func whyEN(why hall.Why, t *hall.Ticket) string {
	waited, target := why.WaitedMS/minuteMS, trim(float64(why.TargetMS)/minuteMS)
	var s string
	switch {
	case why.Step == hall.StepReturned:
		s = fmt.Sprintf("%s is back from a hold and goes on", t.Number)
	case why.Step == hall.StepOverdue:
		s = fmt.Sprintf("%s is the longest over target: %s × %s min; from twice the target on the longest wait goes first", t.Number, trim(why.Ratio), target)
	case why.Step == hall.StepQuota:
		s = fmt.Sprintf("Priority has had its turn; %s came first and has waited %d min", t.Number, waited)
	case why.Rule == "fcfs":
		s = fmt.Sprintf("First come, first served: %s came first of %d this window may call and has waited %d min", t.Number, why.Candidates, waited)
	case why.Rule == "strict" && t.Priority.Class() == hall.ClassStatutory:
		s = fmt.Sprintf("Priority first: %s has waited %d min", t.Number, waited)
	default:
		s = fmt.Sprintf("%s leads the %d this window may call: %s × its target of %s min", t.Number, why.Candidates, trim(why.Ratio), target)
	}
	for _, o := range why.Others {
		s += "; window " + string(o.Window) + " could not: " + reasonEN(o.Reason)
	}
	return s + "."
}

func reasonEN(r hall.Reason) string {
	switch r {
	case hall.ReasonDeliverOnly:
		return "hands out only"
	case hall.ReasonOtherAct:
		return "does not do this here"
	case hall.ReasonPartly:
		return "could do a part only"
	case hall.ReasonSent:
		return "the ticket was sent to one window"
	case hall.ReasonKept:
		return "kept for matters that few windows can do"
	}
	return "not its field"
}

// trim writes a figure with at most one decimal.
func trim(x float64) string {
	s := strconv.FormatFloat(x, 'f', 1, 64)
	if n := len(s); s[n-2:] == ".0" {
		return s[:n-2]
	}
	return s
}
