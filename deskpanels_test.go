package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/go-rod/rod"

	"yitang/server/wire"
)

const (
	market = "市场监督管理局" // decides the promised matter
	relief = "relief"  // a clerk without a window of her own
)

// TestThePanelsOfTheWindow works what a clerk needs now and then, by keys: who is here, a matter split off, another
// purpose, a finish taken back, a case by its number, the window handed over. The phone rates.
func TestThePanelsOfTheWindow(t *testing.T) {
	t.Parallel()
	r := newHall(t, 2, func(r *rig) { r.token(t, "admin", "user", relief, "--role", "clerk") })
	b := startBrowser(t)
	d := newDesk(t, r, b)
	d.opened()

	number := d.serves(promised, "SCJG-004")
	d.keys("i")
	at(d.page, "identify-number").MustInput(cardNumber)
	d.keys("Enter")
	waitText(t, d.page, "notice", "已核对身份")
	if !d.ticket(number).Known {
		t.Error("nobody is known with the ticket")
	}
	d.keys("s", "2", "Enter")
	waitText(t, d.page, "notice", "已分出")
	if k := d.ticket(number); len(k.Remaining) != 1 || k.Remaining[0] != promised {
		t.Fatalf("after the split there remain %v", k.Remaining)
	}

	d.keys("1", "p", "v")
	waitText(t, d.page, "purpose-"+promised, "V 依法到场")
	d.keys("e", "F4")
	d.becomes(number, "done")
	waitText(t, d.page, "notice", "V 依法到场")
	d.keys("z")
	d.becomes(number, "serving")
	at(d.page, "act-finish")
	d.page.Timeout(pageTime).MustElement(`[data-testid="outcome-accepted"]:not([disabled])`)
	d.keys("1", "e", "F4")
	d.becomes(number, "done")
	leg := d.leg(number)
	if o := leg.Outcomes[0]; o.Purpose != "A" || o.Derived != "" || o.DeliveryChosen != "mail" {
		t.Errorf("after the finish was taken back the journal has %+v", o)
	}
	kase := leg.Outcomes[0].Case
	var file wire.CaseFile
	r.read(t, d.hall.Token, "/api/v1/cases/"+kase, &file)
	if len(file.Visits) != 1 {
		t.Errorf("the visits of the case are %+v", file.Visits)
	}

	d.rated(b, number)
	d.rest("SCJG-004") // the matter that was split off
	number = d.serves(promised)
	d.keys("c")
	at(d.page, "case-number").MustInput(kase)
	d.keys("Enter")
	waitText(t, d.page, "said-"+promised, kase)
	waitText(t, d.page, "case-card", kase)
	d.page.Timeout(pageTime).MustElement(`[data-testid="outcome-progress"]:not([disabled])`)
	d.keys("0", "F4")
	d.becomes(number, "done")
	if o := d.leg(number).Outcomes[0]; o.Case != kase || o.Purpose != "S" {
		t.Errorf("who asked after a case by its number: %+v", o)
	}

	number = d.serves("SCJG-004")
	d.keys("o")
	at(d.page, "handover").MustInput(relief)
	d.keys("Enter")
	d.page.Timeout(pageTime).MustElementR("h2", "本窗口由 relief 使用")
	if k := d.ticket(number); k.State != "serving" {
		t.Errorf("the ticket in hand is %s", k.State)
	}
}

// serves has somebody without identity come, be called and served at window 1.
func (d *desk) serves(matters ...string) string {
	d.Helper()
	number := d.take(matters...)
	waitText(d.T, d.page, "queue", number)
	heeds(d.page)
	d.keys("Space")
	waitText(d.T, d.page, "in-hand-number", number)
	may(d.page, "start")
	d.keys("F3")
	d.page.Timeout(pageTime).MustElement(`[data-testid="outcome-accepted"]:not([disabled])`)
	return number
}

// rest ends whoever waits for a matter, so that the next one called is the one that just came.
func (d *desk) rest(matter string) {
	d.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var left []wire.Ticket
	_ = d.hall.WatchHall(ctx, func(s wire.HallState) {
		left = s.Waiting
		stop()
	})
	for _, k := range left {
		if k.Matters[0] != matter {
			d.Errorf("%s waits for %v", k.Number, k.Matters)
		}
		if _, err := d.hall.Cancel(context.Background(), wire.TicketID(k.ID)); err != nil {
			d.Fatal(err)
		}
	}
	if len(left) != 1 {
		d.Errorf("%d tickets wait, not the one that was split off", len(left))
	}
}

// leg is the last service of a ticket.
func (d *desk) leg(number string) wire.Leg {
	d.Helper()
	var brief wire.Brief
	d.rig.read(d.T, d.hall.Token, "/api/v1/tickets/"+d.day+"-"+number+"/brief", &brief)
	return brief.Legs[len(brief.Legs)-1]
}

// rated has the holder of a ticket rate the service on the phone.
func (d *desk) rated(b *rod.Browser, number string) {
	d.Helper()
	track := d.ticket(number).TrackURL
	phone := open(d.T, b, d.rig.hall+track, 390, 844)
	at(phone, "rate").MustClick()
	at(phone, "grade-5").MustClick()
	at(phone, "thanks")
	var form wire.RatingForm
	d.rig.read(d.T, "", "/api/v1"+strings.Replace(track, "/t/", "/track/", 1)+"/rating", &form)
	if !form.Rated {
		d.Error("the service has not been rated")
	}
}

// TestThePanelsBehindTheWindow works a department's other steps by keys: the clock stopped and started, a joint visit
// asked for and answered, the case sent on and ended; and the delivery window's: by mail and electronically.
func TestThePanelsBehindTheWindow(t *testing.T) {
	t.Parallel()
	var password string
	r := newHall(t, 1, func(r *rig) {
		password = r.token(t, "admin", "user", "scjg", "--role", "department", "--department", market)
	})
	b := startBrowser(t)
	d := &desk{T: t, rig: r, hall: r.client(t)}
	first, second, third := d.accepted(), d.accepted(), d.accepted()

	p := open(t, b, r.hall+"/department", 1366, 768)
	firstLogin(t, p, "scjg", password)
	shows(t, p, first)
	does := func(words string, strokes ...string) {
		t.Helper()
		press(p, strokes...)
		waitText(t, p, "did", words)
		p.Timeout(pageTime).MustWait(`(id) => document.querySelector('[data-testid="case-card"]')?.textContent.includes(id)`, first)
	}
	press(p, "s")
	at(p, "act-reason").MustInput("专家评审")
	does("中止计时", "Enter")
	at(p, "do-continue")
	does("恢复计时", "c")
	at(p, "do-joint")
	press(p, "j", "v")
	p.MustElementR(`[role="checkbox"]`, market).MustClick()
	does("联合办理", "Enter")
	at(p, "do-opinion")
	press(p, "o", "g")
	at(p, "act-reason").MustInput("可以")
	does("出意见", "Enter")
	press(p, "t")
	at(p, "act-department").MustSelect("人力资源和社会保障局")
	at(p, "act-reason").MustInput("归人社局")
	press(p, "Enter")
	waitText(t, p, "did", "转部门")
	if k := r.kase(t, d.hall.Token, first); k.Department != "人力资源和社会保障局" || k.State != "accepted" || k.Joint[0].Result != "pass" {
		t.Errorf("after the department's steps the case is %+v", k)
	}

	m := open(t, b, r.hall+"/department", 1366, 768)
	login(t, m, r.access.Manager.User, r.access.Manager.Password)
	shows(t, m, first)
	press(m, "x", "v")
	at(m, "act-reason").MustInput("重复录入")
	press(m, "Enter")
	waitText(t, m, "did", "结束")
	if k := r.kase(t, d.hall.Token, first); k.End != "void" {
		t.Errorf("the case ended as %q", k.End)
	}

	d.readied(second)
	d.readied(third)
	o := open(t, b, r.hall+"/delivery", 1366, 768)
	login(t, o, r.access.Clerks[0].User, r.access.Clerks[0].Password)
	finds(t, o, second)
	press(o, "F2")
	at(o, "tracking").MustInput("EMS123")
	press(o, "Enter")
	waitText(t, o, "did", second)
	press(o, "/")
	finds(t, o, third)
	press(o, "F3")
	waitText(t, o, "did", third)
	if k := r.kase(t, d.hall.Token, second); k.End != "delivered" || k.DeliveredHow != "mail" || k.Tracking != "EMS123" {
		t.Errorf("the mailed case is %+v", k)
	}
	if k := r.kase(t, d.hall.Token, third); k.End != "delivered" || k.DeliveredHow != "electronic" {
		t.Errorf("the case delivered electronically is %+v", k)
	}
}

// accepted has clerk 1 accept a case.
func (d *desk) accepted() string {
	d.Helper()
	ctx, me := context.Background(), d.rig.clerk(d.T, 0)
	if _, err := me.Open(ctx, "1"); err != nil {
		d.Fatal(err)
	}
	k, err := d.rig.kioskClient().Take(ctx, wire.NewKey(), wire.TakeRequest{Matters: []string{promised}, Person: wire.Person{Kind: "none"}})
	if err != nil {
		d.Fatal(err)
	}
	must(d, ctx, me.Next)
	must(d, ctx, me.Start)
	if _, err := me.Finish(ctx, "1", wire.FinishRequest{Outcomes: []wire.Outcome{{Matter: promised, Outcome: "accepted"}}}); err != nil {
		d.Fatal(err)
	}
	d.day = strings.ReplaceAll(k.Day, "-", "")
	return d.leg(k.Number).Outcomes[0].Case
}

// readied decides a case and makes its result ready.
func (d *desk) readied(kase string) {
	d.Helper()
	d.rig.post(d.T, d.hall.Token, "/api/v1/cases/"+kase+"/decide", wire.CaseAct{Decision: "granted"})
	d.rig.post(d.T, d.hall.Token, "/api/v1/cases/"+kase+"/ready", wire.CaseAct{})
}

func (r *rig) kase(t *testing.T, token, id string) wire.Case {
	t.Helper()
	var file wire.CaseFile
	r.read(t, token, "/api/v1/cases/"+id, &file)
	return file.Case
}

// post sends JSON to the hall.
func (r *rig) post(t *testing.T, token, path string, body any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, r.hall+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode >= 300 {
		t.Fatalf("%s: %s", path, res.Status)
	}
}

// shows opens a case on a department's page.
func shows(t *testing.T, p *rod.Page, id string) {
	t.Helper()
	at(p, "case-"+id).MustClick()
	waitText(t, p, "case-card", id)
}

// finds opens a case at the delivery window by its number.
func finds(t *testing.T, p *rod.Page, id string) {
	t.Helper()
	at(p, "find").MustInput(id)
	press(p, "Enter")
	waitText(t, p, "case-card", id)
	at(p, "deliver")
}
