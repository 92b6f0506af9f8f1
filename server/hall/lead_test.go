package hall_test

import (
	"strings"
	"testing"

	"yitang/server/hall"
)

// leadAct is one step about the same lead; it says all that any step asks for.
func leadAct(state hall.LeadState) hall.StepLead {
	return hall.StepLead{Signal: "F1", Subject: "1", From: "2025-06-01", To: "2025-06-30", N: 40, K: 6, Rows: []string{string(a001)}, State: state,
		Whom: "督查科", Text: "查过"}
}

// TestLead follows a lead through its states: what is closed stays closed until somebody says why it is opened again.
func TestLead(t *testing.T) {
	d := newDay(t)
	d.expect(hall.CodeLeadState, li, leadAct(hall.LeadReopened))
	d.expect(hall.CodeInvalid, li, leadAct("ignored"))
	for _, c := range []struct {
		state      hall.LeadState
		whom, text string
	}{
		{hall.LeadAssigned, "", "x"}, {hall.LeadAssigned, strings.Repeat("科", 41), "x"}, {hall.LeadVerified, "x", ""},
		{hall.LeadDismissed, "x", strings.Repeat("字", 501)},
	} {
		act := leadAct(c.state)
		act.Whom, act.Text = c.whom, c.text
		d.expect(hall.CodeInvalid, li, act)
	}
	d.do(li, leadAct(hall.LeadAssigned), leadAct(hall.LeadAssigned), leadAct(hall.LeadDismissed))
	d.expect(hall.CodeLeadState, li, leadAct(hall.LeadVerified))
	d.expect(hall.CodeLeadState, li, leadAct(hall.LeadAssigned))
	many := leadAct(hall.LeadReopened)
	many.Rows = make([]string, hall.MaxLeadRows+1)
	d.do(li, many, leadAct(hall.LeadVerified))
	l := d.s.Lead(hall.MakeLeadID("F1", "2025-06-01", "1"))
	if l == nil || l.State != hall.LeadVerified || l.Assignee != "督查科" || len(l.Acts) != 5 || len(l.Acts[3].Rows) != hall.MaxLeadRows {
		t.Fatalf("%+v", l)
	}
	again := hall.New(nil)
	again.Restore(hall.Kept{Leads: []*hall.Lead{l}})
	if _, err := hall.Decide(again, leadAct(hall.LeadDismissed), ten, li); err == nil {
		t.Error("after a restart a closed lead could be closed again")
	}
	if a, b := hall.MakeLeadID("F1", "2025-06-01", "1"), hall.MakeLeadID("F1", "2025-06-01", "11"); a == b {
		t.Errorf("two subjects share the name %s", a)
	}
}
