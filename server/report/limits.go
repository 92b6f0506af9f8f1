package report

import (
	"fmt"

	"yitang/server/runonce"
)

// LimitText says what a limit of the signals is about, as a question that its value answers.
func LimitText(name string) string {
	return map[string]string{
		"rows": "比率至少要有多少行才列为线索", "look_back_days": "往回看多少个工作日（A1、A3）",
		"a1_accepted": "发出的证中，经大厅受理的低于", "a2_sent_out": "办理的号被打发回原单位的超过", "a3_tickets": "没有一件受理，而取号不少于",
		"a4_outside": "划转事项由审批局以外决定的超过", "a5_staffed": "窗口在岗时间占应开时间低于", "b1_no_ticket": "受理了却没有取号、预约或网上收件的超过",
		"b2_site_visit_min": "需踏勘的事项，受理后多久以内就决定", "b3_acceptances": "同一人连续受理同一事项达到", "b3_min": "在多长时间以内",
		"b4_outside_hours": "非工作时间受理的超过", "b6_days": "收件后未受理也未告知超过", "c2_days": "两边登记相隔不超过",
		"d2_windows": "一件事跑的窗口达到", "d2_departments": "或转过的部门达到", "d2_many_windows": "这样的办件超过", "d3_sent_back": "转办被退回的超过",
		"d4_new_item": "第二次告知又有新材料的超过", "d5_days": "转给部门后无人认领超过", "e1_suspended": "停表时间占办理时间超过",
		"e1_near_due_days": "或在到期前多久以内停表", "e2_near_due_days": "在到期前多久以内撤回", "e2_refiled_days": "又在多久以内重新申请",
		"e3_on_due_day": "正好在到期当天决定的超过", "f1_seconds": "从开始到办完不到", "f1_quick_done": "这样的号超过", "f2_seconds": "叫号后多久以内就判过号",
		"f2_times_median": "或过号率达到全大厅中位数的", "f3_seconds": "办完后多久以内就评五星", "f3_quick_five": "这样的评价超过", "f5_made_consulting": "事后改成咨询的超过",
	}[name]
}

// LimitRange says what a limit may be.
func LimitRange(l *runonce.Limit) string {
	if l.Unit == runonce.Share {
		return fmt.Sprintf(" %g%% 到 %g%% 之间的数", 100*l.Min, 100*l.Max)
	}
	if l.Unit == runonce.Times {
		return fmt.Sprintf(" %g 到 %g 之间的数", l.Min, l.Max)
	}
	return fmt.Sprintf(" %g 到 %g 之间的整数", l.Min, l.Max)
}
