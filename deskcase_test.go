package main_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"

	"yitang/server/wire"
)

const (
	cardNumber = "11010519491231002X"
	// promised is a matter that is decided within five working days, by the bureau.
	promised = "SCJG-008"
)

// token runs a command that prints a token or a password as its last word.
func (r *rig) token(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(r.server.binary, append(args, "--dir", r.server.dir)...).Output()
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	words := strings.Fields(string(out))
	return words[len(words)-1]
}

// TestTheCaseThroughThePages plays a case from the first attempt to file until the result is in the applicant's hands,
// each step on the page of whoever takes it: window, window again, department, delivery window, rating tablet.
func TestTheCaseThroughThePages(t *testing.T) {
	t.Parallel()
	var password, tablet string
	r, b := newHall(t, 2, func(r *rig) {
		password = r.token(t, "admin", "user", "scjg", "--role", "department", "--department", "市场监督管理局")
		tablet = r.token(t, "admin", "device", "rater-1", "--role", "counter", "--window", "1")
	}), startBrowser(t)
	d := newDesk(t, r, b)
	d.opened()

	number := d.comes()
	d.keys("3", "1", "3", "Enter", "Space") // the first and the third paper are missing
	d.becomes(number, "done")
	d.paper("补正材料一次性告知书", "与食品经营相适应的设备布局和操作流程")

	number = d.comes()
	waitText(t, d.page, "again", "第 2 次来")
	waitText(t, d.page, "again", "食品经营许可申请书、与食品经营相适应的设备布局和操作流程")
	d.keys("1", "w", "Space") // complete now; mail was offered, the applicant collects
	d.becomes(number, "done")
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	accepted := r.cases(t, d.hall.Token)[0]
	d.paper("受理通知书", "承诺", accepted.AcceptedAt.In(zone).Format("2006年1月2日"))

	id := accepted.Case
	decide(t, open(t, b, r.hall+"/department", 1366, 768), accepted, password)
	if k := r.cases(t, d.hall.Token)[0]; k.State != "ready" || k.DocumentNo != "JY1652301" || k.AcknowledgedAt == nil {
		t.Fatalf("after the department the case is %+v", k)
	}
	deliver(t, open(t, b, r.hall+"/delivery", 1366, 768), id, r)
	var file wire.CaseFile
	r.read(t, d.hall.Token, "/api/v1/cases/"+id, &file)
	if k := file.Case; k.End != "delivered" || k.DeliveredHow != "window" || k.DeliveryOffered != "yes" || k.DeliveryChosen != "collect" {
		t.Fatalf("at the end the case is %+v", k)
	}
	if v := file.Visits; len(v) != 2 || v[0].Purpose != "A" || v[1].Purpose != "B" {
		t.Fatalf("the visits are %+v", v)
	}
	rate(t, open(t, b, r.hall+"/rating/1?token="+tablet+"&lang=ug", 1280, 800))
	var tasks wire.RatingTasks
	r.read(t, d.hall.Token, "/api/v1/ratings/tasks", &tasks)
	if len(tasks.Tasks) != 1 || tasks.Tasks[0].Grade != 2 || tasks.Tasks[0].Text != "bek asta" || tasks.Tasks[0].Reasons[0] != "slow" {
		t.Fatalf("the bad rating became %+v", tasks.Tasks)
	}
	d.settle(open(t, b, r.hall+"/manager#/ratings", 1366, 768), number)
}

// settle takes a bad rating through its steps on the manager's page: verified, answered, closed.
func (d *desk) settle(p *rod.Page, number string) {
	d.Helper()
	login(d.T, p, d.rig.access.Manager.User, d.rig.access.Manager.Password)
	at(p, "task-"+number)
	waitText(d.T, p, "task", "bek asta")
	at(p, "found-true").MustClick()
	at(p, "task-text").MustInput("属实，当天人多")
	at(p, "task-go").MustClick()
	waitText(d.T, p, "task-go", "答复")
	at(p, "task-text").MustInput("已致歉，增开窗口")
	at(p, "task-go").MustClick()
	waitText(d.T, p, "task-go", "办结")
	at(p, "task-go").MustClick()
	p.Timeout(pageTime).MustWait(`(id) => !document.querySelector(id)`, `[data-testid="task-`+number+`"]`)
	p.Keyboard.MustType('2')
	waitText(d.T, p, "task", "已致歉，增开窗口")
	var tasks wire.RatingTasks
	d.rig.read(d.T, d.hall.Token, "/api/v1/ratings/tasks?closed=yes", &tasks)
	if k := tasks.Tasks; len(k) != 1 || k[0].State != "closed" || k[0].Verified != "true" || k[0].Verifier != "manager" {
		d.Fatalf("the task became %+v", k)
	}
}

// comes has the applicant take a number, and window 1 begin to serve it.
func (d *desk) comes() string {
	d.Helper()
	k, err := d.rig.kioskClient().Take(context.Background(), wire.NewKey(),
		wire.TakeRequest{Matters: []string{promised}, Person: wire.Person{Kind: "id", Number: cardNumber}})
	if err != nil {
		d.Fatal(err)
	}
	heeds(d.page)
	d.keys("Space")
	d.becomes(k.Number, "called")
	d.keys("Space")
	d.becomes(k.Number, "serving")
	d.page.Timeout(pageTime).MustElement(`[data-testid="outcome-accepted"]:not([disabled])`)
	return k.Number
}

// paper waits until the sheet that goes to the printer says all of it.
func (d *desk) paper(says ...string) {
	d.Helper()
	sheet := `() => document.querySelector('[data-testid="sheets"]').textContent`
	for _, words := range says {
		d.page.Timeout(pageTime).MustWait(`(words) => (`+sheet+`)().includes(words)`, words)
	}
}

func (r *rig) cases(t *testing.T, token string) []wire.Case {
	t.Helper()
	var list wire.CaseList
	r.read(t, token, "/api/v1/cases", &list)
	if len(list.Cases) != 1 {
		t.Fatalf("%d cases are open", len(list.Cases))
	}
	return list.Cases
}

// decide works the department's page by its keys: acknowledged, granted under a number, ready.
func decide(t *testing.T, p *rod.Page, k wire.Case, password string) {
	t.Helper()
	firstLogin(t, p, "scjg", password)
	shown := at(p, "case-"+k.Case)
	if colour := shown.MustAttribute("data-colour"); (colour == nil) != (k.Colour == "") || colour != nil && *colour != k.Colour {
		t.Errorf("the light is %v, the hall says %q", colour, k.Colour)
	}
	if left := shown.MustText(); k.CalendarNote != "" && !strings.Contains(left, k.CalendarNote) {
		t.Errorf("of a case without promised day the page says %q, not %q", left, k.CalendarNote)
	}
	at(p, "do-acknowledge")
	p.Keyboard.MustType('a')
	waitText(t, p, "did", "签收")
	p.Keyboard.MustType('d', 'g')
	at(p, "act-number").MustInput("JY1652301")
	p.Keyboard.MustType(input.Enter)
	waitText(t, p, "did", "作出决定")
	at(p, "do-ready")
	p.Keyboard.MustType('r')
	waitText(t, p, "did", "结果备好")
}

// deliver finds the result by the applicant's card and hands it over, signed.
func deliver(t *testing.T, p *rod.Page, id string, r *rig) {
	t.Helper()
	login(t, p, r.access.Clerks[1].User, r.access.Clerks[1].Password)
	at(p, "case-"+id)
	at(p, "find").MustInput(cardNumber)
	p.Keyboard.MustType(input.Enter)
	waitText(t, p, "case-card", id)
	p.Keyboard.MustType(input.F4)
	box := at(p, "signature").MustShape().Box()
	p.Mouse.MustMoveTo(box.X+20, box.Y+20).MustDown("left").MustMoveTo(box.X+120, box.Y+60).MustUp("left")
	p.Keyboard.MustType(input.F1)
	waitText(t, p, "did", id)
	p.Timeout(pageTime).MustWait(`() => document.querySelector('[data-testid="sheets"] img')?.src.startsWith('data:image/png')`)
}

// rate leaves a bad grade with a reason and words on the tablet.
func rate(t *testing.T, p *rod.Page) {
	t.Helper()
	at(p, "grade-2").MustClick()
	at(p, "reason-slow").MustClick()
	at(p, "rating-text").MustInput("bek asta")
	at(p, "rating-send").MustClick()
	at(p, "thanks")
}
