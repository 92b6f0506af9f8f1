package report

import (
	"strings"

	"yitang/server/runonce"
)

// signalText says what a signal looks for.
func signalText(id runonce.SignalID) string {
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

func leads(r *runonce.Report, names Names) Table {
	t := table("leads", "督查线索", "线索需由人核实，不是结论。", text("代号"), text("线索"), text("对象"), count("涉及"), count("其中"), percent("占比"), text("办件或号"))
	for _, s := range r.Signals {
		rows := strings.Join(s.Rows[:min(rowsShown, len(s.Rows))], " ")
		if len(s.Rows) > rowsShown {
			rows += " …"
		}
		subject := names(runonce.ByMatter, s.Subject)
		if s.Subject == runonce.WholeHall {
			subject = "全大厅"
		}
		t.Rows = append(t.Rows, []any{string(s.ID), signalText(s.ID), subject, s.N, s.K, share(s.Rate), rows})
	}
	var missing []string
	for _, id := range r.NotComputed {
		missing = append(missing, string(id))
	}
	if len(missing) > 0 {
		t.Note += "没有数据、未计算的：" + strings.Join(missing, "、") + "。"
	}
	return t
}
