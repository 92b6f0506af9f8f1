package report

import (
	"fmt"
	"strings"
	"time"

	"yitang/server/runonce"
)

// Subject names whom a lead is about.
func Subject(id runonce.SignalID, subject string, names Names) string {
	switch {
	case subject == runonce.WholeHall:
		return "全大厅"
	case id == "A5" || id[0] == 'F':
		return fmt.Sprintf("%s 号窗口", subject)
	}
	return names(runonce.ByMatter, subject)
}

// SignalText says what a signal looks for.
func SignalText(id runonce.SignalID) string {
	return map[runonce.SignalID]string{
		"A1": "明进暗不进：大厅受理的件少于发出的证", "A2": "明进暗不进：被打发回原单位办", "A3": "明进暗不进：有人取号，却从无受理",
		"A4": "明进暗不进：划转事项由审批局以外决定", "A5": "明进暗不进：窗口在岗时间不足", "B1": "体外循环：受理了却没有取号或网上收件",
		"B2": "体外循环：受理前后即作决定", "B3": "体外循环：短时间内成批受理", "B4": "体外循环：非工作时间受理", "B5": "体外循环：有证无件",
		"B6": "体外循环：收件五日以上未受理也未告知", "C1": "两头办理：划转后仍用原部门印章", "C2": "两头办理：两边同时在办",
		"D1": "推诿扯皮：来回转办", "D2": "推诿扯皮：一件事跑三个窗口或两个部门", "D3": "推诿扯皮：转办被退回", "D4": "推诿扯皮：再次告知新材料",
		"D5": "推诿扯皮：办件无人负责", "D6": "推诿扯皮：不予受理没有书面凭证", "E1": "时限游戏：长时间停表", "E2": "时限游戏：到期前撤回再报",
		"E3": "时限游戏：压着到期日办结", "F1": "窗口游戏：几秒钟就“办完”", "F2": "窗口游戏：过号太快或太多", "F3": "窗口游戏：秒评五星",
		"F4": "窗口游戏：差评未按时办结", "F5": "窗口游戏：事后改成咨询",
	}[id]
}

// rowsShown is how many row numbers stand in a cell; the page asks for the others.
const rowsShown = 20

// found are the leads as the judging finds them.
func found(r *runonce.Report, names Names) Table {
	t := table("leads", "督查线索", "线索需由人核实，不是结论。", text("代号"), text("线索"), text("对象"), count("涉及"), count("其中"), percent("占比"), text("办件或号"))
	for _, s := range r.Signals {
		rows := strings.Join(s.Rows[:min(rowsShown, len(s.Rows))], " ")
		if len(s.Rows) > rowsShown {
			rows += " …"
		}
		t.Rows = append(t.Rows, []any{string(s.ID), SignalText(s.ID), Subject(s.ID, s.Subject, names), s.N, s.K, share(s.Rate), rows})
	}
	if missing := NotComputed(r); missing != "" {
		t.Note += missing
	}
	return t
}

// NotComputed says which signals nobody can know, each with what is missing for it, or nothing.
func NotComputed(r *runonce.Report) string {
	var missing []string
	for _, id := range r.NotComputed {
		_, what, _ := strings.Cut(SignalText(id), "：")
		missing = append(missing, fmt.Sprintf("%s %s（缺%s）", id, what, lacking(id)))
	}
	if len(missing) == 0 {
		return ""
	}
	return fmt.Sprintf("没有数据、算不出来的：%s。", strings.Join(missing, "；"))
}

// lacking says what a signal needs that the data do not have.
func lacking(id runonce.SignalID) string {
	switch id {
	case "A1":
		return "写有证照编号的办件"
	case "A3", "B6":
		return "这些年份的工作日历"
	case "A4":
		return "审批局作出决定的办件"
	case "A5", "B4":
		return "大厅的开放时间和自己的办理记录"
	case "B5":
		return "已发证照的清单"
	case "C1":
		return "事项的划转日期"
	case "C2":
		return "大厅和审批系统两边的登记"
	case "D5":
		return "部门认领办件的记录"
	case "E2", "E3":
		return "事项的承诺期限或工作日历"
	}
	return "本大厅自己的办理记录"
}

// Lead is a lead with what was done about it.
type Lead struct {
	Signal, Text, Subject string
	N, K                  int
	Rate                  *float64
	Rows                  []string
	State                 string // as the interface names it
	Assignee, Finding     string
	At                    time.Time // of the last act; zero where nobody has done anything
}

// StateText names a lead's state.
func StateText(state string) string {
	return map[string]string{"new": "未处理", "assigned": "已交办", "verified": "属实", "dismissed": "不属实或有正当理由", "reopened": "重新打开", "gone": "数据已不再显示"}[state]
}

// Leads lists the leads of a period for the workbook and for print; each row is a lead, and each of its rows stands in a
// second table.
func Leads(name string, q runonce.Query, list []Lead, missing string) Report {
	r := Report{Hall: name, Kind: "leads", Title: "督查线索", From: q.From, To: q.To, ReportDay: q.ReportDay, Definitions: []string{
		"线索由规则从号票和办件数据中找出，需由人核实，不是结论。比率只在单侧 95% Wilson 界限越过阈值且不少于 10 行时列出。",
		"处理情况记入大厅日志，不能事后更改。",
	}}
	if missing != "" {
		r.Definitions = append(r.Definitions, missing)
	}
	t := table("leads", "线索", "", text("代号"), text("线索"), text("对象"), count("涉及"), count("其中"), percent("占比"), text("处理"), text("交给"), text("核实情况或理由"), text("最后处理"))
	rows := table("rows", "依据", "", text("代号"), text("对象"), text("办件、号票或评价"))
	for i := range list {
		l := &list[i]
		at := ""
		if !l.At.IsZero() {
			at = l.At.Format("2006-01-02 15:04")
		}
		t.Rows = append(t.Rows, []any{l.Signal, l.Text, l.Subject, l.N, l.K, share(l.Rate), StateText(l.State), l.Assignee, l.Finding, at})
		for _, row := range l.Rows {
			rows.Rows = append(rows.Rows, []any{l.Signal, l.Subject, row})
		}
	}
	r.Tables = []Table{t, rows}
	return r
}
