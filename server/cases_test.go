package server_test

import (
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/webhook"
	"yitang/server/wire"
)

const person18 = "11010519491231002X"

// office is a hall with one promised matter of the department's account, on days of 2025 that the test opens by hand.
type office struct {
	*halltest.Hall
	clock  clock
	matter string
}

func newOffice(t *testing.T) *office {
	l := halltest.Layout(t, 1)
	l.Hours = hall.Hours{}
	for i := range l.Matters {
		if m := &l.Matters[i]; m.Department == "市场监督管理局" && m.Kind == hall.Promised {
			l.Matters = append([]hall.Matter{*m}, append(l.Matters[:i:i], l.Matters[i+1:]...)...)
			break
		}
	}
	l.Matters[0].PromisedDays, l.Matters[0].StatutoryDays = 5, 20
	o := &office{Hall: halltest.With(t, l), matter: string(l.Matters[0].Code)}
	o.Now = o.clock.now
	o.clock.set(t, "2025-06-03 10:00")
	return o
}

func (o *office) day(at string) {
	o.Helper()
	o.clock.set(o.TB.(*testing.T), at)
	o.Post(200, o.Tokens[account.Manager], "/api/v1/day/open", "", nil)
	o.Post(200, o.Clerks[0], "/api/v1/windows/1/open", "", nil)
}

func (o *office) evening() {
	o.Helper()
	a := o.Send(halltest.Request{Method: "POST", Path: "/api/v1/day/close", Token: o.Tokens[account.Manager]})
	if a.Status != 200 && a.Code() != string(hall.CodeHallClosed) { // the hall itself closes a day when the clock has passed it
		o.Fatalf("the day was not closed: %d %s", a.Status, a.Body)
	}
}

// serve takes a ticket, calls it and shows what the clerk knows of it.
func (o *office) serve(p wire.Person) (wire.Ticket, wire.Brief) {
	o.Helper()
	t := halltest.Into[wire.Ticket](o.Hall, o.Post(201, o.Tokens[account.Kiosk], "/api/v1/tickets", "", wire.TakeRequest{Matters: []string{o.matter}, Person: p}))
	o.Post(200, o.Clerks[0], "/api/v1/windows/1/next", "", nil)
	o.Post(200, o.Clerks[0], "/api/v1/windows/1/start", "", nil)
	return t, halltest.Into[wire.Brief](o.Hall, o.Get(200, o.Clerks[0], "/api/v1/tickets/"+t.ID+"/brief"))
}

func (o *office) finish(out wire.Outcome) wire.FinishResponse {
	o.Helper()
	out.Matter = o.matter
	return halltest.Into[wire.FinishResponse](o.Hall, o.Post(200, o.Clerks[0], "/api/v1/windows/1/finish", "", wire.FinishRequest{Outcomes: []wire.Outcome{out}}))
}

func (o *office) kase(id string) wire.Case {
	o.Helper()
	return halltest.Into[wire.CaseFile](o.Hall, o.Get(200, o.Clerks[0], "/api/v1/cases/"+id)).Case
}

// TestACaseOverDaysAndRestarts: filed incomplete, found again on the second visit after a restart, accepted with a
// promised day, green, yellow and red by the days left, decided and mailed; the audit agrees at the end.
func TestACaseOverDaysAndRestarts(t *testing.T) {
	o := newOffice(t)
	o.Start()
	o.day("2025-06-03 10:00")
	card := wire.Person{Kind: "id", Number: person18}
	_, brief := o.serve(card)
	if m := brief.Matters[0]; m.Case != nil || m.Visits != 0 || m.Purpose != "A" {
		t.Errorf("the first visit: %+v", m)
	}
	got := o.finish(wire.Outcome{Outcome: "incomplete", Missing: []string{"公司章程", "住所使用证明"}, Contact: "李 0994-1"})
	id := got.Outcomes[0].Case
	if len(got.Papers) != 1 || got.Papers[0].Kind != "notice" {
		t.Fatalf("%+v", got)
	}
	paper := halltest.Into[wire.Paper](o.Hall, o.Get(200, o.Clerks[0], got.Papers[0].URL))
	if paper.Code != id || len(paper.Items) != 2 || !strings.Contains(string(o.Get(200, o.Clerks[0], got.Papers[0].URL).Body), "李 0994-1") {
		t.Errorf("the notice: %+v", paper)
	}
	o.evening()
	o.Restart()

	o.day("2025-06-05 10:00")
	ticket, brief := o.serve(card)
	m := brief.Matters[0]
	if m.Case == nil || m.Case.Case != id || m.Visits != 1 || m.Purpose != "B" || len(m.Case.Notices) != 1 || m.Case.Notices[0].Items[1] != "住所使用证明" {
		t.Fatalf("the second visit: %+v", m)
	}
	got = o.finish(wire.Outcome{Outcome: "accepted", DeliveryOffered: "yes", DeliveryChosen: "mail"})
	if got.Outcomes[0].Purpose != "B" || got.Papers[0].Kind != "acceptance" {
		t.Errorf("%+v", got)
	}
	if text := string(o.Get(200, o.Clerks[0], got.Papers[0].URL).Body); !strings.Contains(text, "2025-06-17") || !strings.Contains(text, "邮寄") {
		t.Errorf("the receipt names neither the promised day nor the mail: %s", text)
	}
	o.Restart() // in the middle of the day
	o.Get(200, o.Clerks[0], "/api/v1/tickets/"+ticket.ID)

	department := o.Tokens[account.Department]
	for at, want := range map[string]string{"2025-06-05 12:00": "green", "2025-06-12 12:00": "yellow", "2025-06-16 12:00": "red", "2025-06-20 12:00": "red"} {
		o.clock.set(t, at)
		list := halltest.Into[wire.CaseList](o.Hall, o.Get(200, department, "/api/v1/cases"))
		if len(list.Cases) != 1 || list.Cases[0].Colour != want || list.Cases[0].DaysLeft == nil {
			t.Errorf("on %s: %+v", at, list.Cases)
		}
	}
	o.clock.set(t, "2025-06-13 12:00")
	for _, act := range []string{"acknowledge", "decide", "ready"} {
		o.Post(200, department, "/api/v1/cases/"+id+"/"+act, "", wire.CaseAct{Decision: map[string]string{"decide": "granted"}[act]})
	}
	if list := halltest.Into[wire.CaseList](o.Hall, o.Get(200, o.Clerks[0], "/api/v1/cases?delivery=mail&state=ready")); len(list.Cases) != 1 {
		t.Errorf("the mail jobs: %+v", list.Cases)
	}
	o.Post(200, o.Clerks[0], "/api/v1/cases/"+id+"/deliver", "", wire.CaseAct{How: "mail", Tracking: "EMS1"})
	if list := halltest.Into[wire.CaseList](o.Hall, o.Get(200, o.Clerks[0], "/api/v1/cases?state=closed")); len(list.Cases) != 1 {
		t.Errorf("the closed ones: %+v", list.Cases)
	}
	if k := o.kase(id); k.End != "delivered" || k.Tracking != "EMS1" || k.FirstComplete != "no" {
		t.Errorf("%+v", k)
	}
	if a := o.Post(409, department, "/api/v1/cases/"+id+"/ready", "", nil); a.Code() != "case_closed" {
		t.Errorf("%s", a.Body)
	}
	o.evening()
	o.Stop()
	o.Verify()
}

// TestCasesBelongToDepartments: one sees and moves only what it has.
func TestCasesBelongToDepartments(t *testing.T) {
	o := newOffice(t)
	o.Start()
	o.day("2025-06-03 10:00")
	o.serve(wire.Person{})
	id := o.finish(wire.Outcome{Outcome: "accepted"}).Outcomes[0].Case
	department := o.Tokens[account.Department]
	o.Post(200, o.Tokens[account.Manager], "/api/v1/cases/"+id+"/send", "", wire.CaseAct{Department: "行政审批局"})
	if list := halltest.Into[wire.CaseList](o.Hall, o.Get(200, department, "/api/v1/cases?department=行政审批局")); len(list.Cases) != 0 {
		t.Errorf("another's cases are shown: %+v", list.Cases)
	}
	if a := o.Post(403, department, "/api/v1/cases/"+id+"/decide", "", wire.CaseAct{Decision: "granted"}); a.Code() != "not_your_case" {
		t.Errorf("%s", a.Body)
	}
	o.Post(200, o.Tokens[account.Manager], "/api/v1/cases/"+id+"/joint", "", wire.CaseAct{Kind: "visit", Departments: []string{"市场监督管理局"}})
	for _, who := range []string{department, o.Tokens[account.Manager]} {
		if list := halltest.Into[wire.CaseList](o.Hall, o.Get(200, who, "/api/v1/cases?joint=yes")); len(list.Cases) != 1 {
			t.Errorf("the opinions awaited: %+v", list.Cases)
		}
	}
	o.Post(200, department, "/api/v1/cases/"+id+"/opinion", "", wire.CaseAct{Result: "pass", Department: "行政审批局"})
	if k := o.kase(id); k.Joint[0].Department != "市场监督管理局" || k.Joint[0].Result != "pass" {
		t.Errorf("%+v", k.Joint)
	}
	o.Post(404, department, "/api/v1/cases/20250603-9999/ready", "", nil)
	o.Get(404, o.Clerks[0], "/api/v1/cases/"+id+"/papers/notice-7")
	o.Get(404, o.Clerks[0], "/api/v1/cases/"+id+"/papers/love-letter")
}

// TestAnUnknownYear is refused with a sentence and stops nobody's work: the promise stands in days.
func TestAnUnknownYear(t *testing.T) {
	o := newOffice(t)
	o.clock.set(t, "2031-03-03 10:00")
	o.Start()
	o.day("2031-03-03 10:00")
	o.serve(wire.Person{})
	got := o.finish(wire.Outcome{Outcome: "accepted"})
	k := o.kase(got.Outcomes[0].Case)
	if k.State != "accepted" || k.PromisedDay != "" || k.Colour != "" || !strings.Contains(k.CalendarNote, "2031") || !strings.Contains(k.CalendarNote, "calendar.csv") {
		t.Errorf("%+v", k)
	}
	if text := string(o.Get(200, o.Clerks[0], got.Papers[0].URL).Body); !strings.Contains(text, "自受理之日起 5 个工作日") {
		t.Errorf("%s", text)
	}
}

// TestBadRatings: on a window's tablet and on the phone, once each service; the task is not for the person it is about.
func TestBadRatings(t *testing.T) {
	o := newOffice(t)
	o.Start()
	o.day("2025-06-03 10:00")
	ticket, _ := o.serve(wire.Person{})
	o.finish(wire.Outcome{Outcome: "consultation"})
	counter, manager := o.Tokens[account.Counter], o.Tokens[account.Manager]
	if f := halltest.Into[wire.RatingForm](o.Hall, o.Get(200, counter, "/api/v1/windows/1/rating")); f.Number != ticket.Number || f.Rated || len(f.Reasons) == 0 {
		t.Errorf("%+v", f)
	}
	o.Post(204, counter, "/api/v1/windows/1/rating", "", wire.RatingRequest{Grade: 2, Reasons: []string{"slow"}, Text: "等太久", Via: "tablet"})
	code := strings.TrimPrefix(ticket.TrackURL, "/t/")
	if a := o.Post(409, "", "/api/v1/track/"+code+"/rating", "", wire.RatingRequest{Grade: 5}); a.Code() != "already_rated" {
		t.Errorf("%s", a.Body)
	}
	tasks := halltest.Into[wire.RatingTasks](o.Hall, o.Get(200, manager, "/api/v1/ratings/tasks")).Tasks
	if len(tasks) != 1 || tasks[0].About != "clerk1" || tasks[0].Due != "2025-06-13" || tasks[0].Text != "等太久" || tasks[0].Late {
		t.Fatalf("%+v", tasks)
	}
	o.evening()
	o.Restart()
	o.clock.set(t, "2025-06-16 10:00")
	if late := halltest.Into[wire.RatingTasks](o.Hall, o.Get(200, manager, "/api/v1/ratings/tasks")).Tasks; len(late) != 1 || !late[0].Late {
		t.Errorf("after the restart: %+v", late)
	}
	for _, act := range []string{"verify", "answer", "close"} {
		o.Post(204, manager, "/api/v1/ratings/"+tasks[0].ID+"/"+act, "", wire.TaskAct{Verified: "true", Text: "属实"})
	}
	if closed := halltest.Into[wire.RatingTasks](o.Hall, o.Get(200, manager, "/api/v1/ratings/tasks?closed=yes")).Tasks; len(closed) != 1 || closed[0].State != "closed" || closed[0].Verifier != "manager" {
		t.Errorf("%+v", closed)
	}
	o.Stop()
	o.Verify()
}

// TestAPlatformIsTold what happens to a case, signed, and nothing about whom.
func TestAPlatformIsTold(t *testing.T) {
	var mu sync.Mutex
	var got []webhook.Message
	fails := 1
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, err := io.ReadAll(r.Body)
		at, err2 := strconv.ParseInt(r.Header.Get(webhook.HeaderTime), 10, 64)
		if err != nil || err2 != nil || r.Header.Get(webhook.HeaderSignature) != "hmac-sm3="+webhook.Sign(webhook.SM3, "a-secret-of-the-two", at, body) {
			t.Errorf("signature %q of %s", r.Header.Get(webhook.HeaderSignature), body)
		}
		if fails > 0 {
			fails--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var m webhook.Message
		if err := json.Unmarshal(body, &m); err != nil {
			t.Error(err)
		}
		got = append(got, m)
	}))
	defer platform.Close()
	o := newOffice(t)
	data, err := db.Open(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := data.PutHook(t.Context(), webhook.Hook{ID: "platform", URL: platform.URL, Secret: "a-secret-of-the-two", Algorithm: webhook.SM3,
		Topics: []webhook.Topic{webhook.Cases}}); err != nil {
		t.Fatal(err)
	}
	if err := data.Close(); err != nil {
		t.Fatal(err)
	}
	raw(t, o.Dir, func(w *sql.DB) error { // letters about events that retention has taken away
		_, err := w.Exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 501)
			INSERT INTO webhook_letters (hook, seq, at, attempts, reason) SELECT 'platform', 1000000 + i, i, 24, 'refused' FROM n`)
		return err
	})
	o.Start()
	o.day("2025-06-03 10:00")
	o.serve(wire.Person{Kind: "id", Number: person18})
	id := o.finish(wire.Outcome{Outcome: "done"}).Outcomes[0].Case
	end := time.Now().Add(waitFor)
	for {
		mu.Lock()
		n := len(got)
		mu.Unlock()
		if n == 2 || time.Now().After(end) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(got) != 2 || got[0].Event != "case.started" || got[1].Event != "case.done" || got[1].Case != hall.CaseID(id) {
		t.Errorf("%+v", got)
	}
	list := halltest.Into[wire.Webhooks](o.Hall, o.Get(200, o.Tokens[account.Manager], "/api/v1/webhooks"))
	for _, status := range []int{204, 404} { // the oldest letter is beyond what is listed
		o.Post(status, o.Tokens[account.Manager], "/api/v1/webhooks/platform/letters/1000000/send", "", nil)
	}
	if len(list.Webhooks) != 1 || len(list.Letters) != 500 || strings.Contains(string(o.Get(200, o.Tokens[account.Manager], "/api/v1/webhooks").Body), "a-secret") {
		t.Errorf("%+v", list)
	}
}

// TestAFinishTakenBack: the files tell what happened in the end, and the audit agrees, also after a restart.
func TestAFinishTakenBack(t *testing.T) {
	o := newOffice(t)
	o.Start()
	o.day("2025-06-03 10:00")
	ticket, _ := o.serve(wire.Person{Kind: "id", Number: person18})
	void := o.finish(wire.Outcome{Outcome: "incomplete", Missing: []string{"公司章程"}}).Outcomes[0].Case
	o.clock.set(t, "2025-06-03 10:01")
	back := halltest.Into[wire.TicketResponse](o.Hall, o.Post(200, o.Clerks[0], "/api/v1/windows/1/undo", "", nil)).Ticket
	if back.ID != ticket.ID || back.State != "serving" {
		t.Fatalf("%+v", back)
	}
	if k := o.kase(void); k.End != "void" {
		t.Errorf("%+v", k)
	}
	o.clock.set(t, "2025-06-03 10:05")
	kase := o.finish(wire.Outcome{Outcome: "accepted", DeliveryOffered: "yes", DeliveryChosen: "mail"}).Outcomes[0].Case
	file := halltest.Into[wire.CaseFile](o.Hall, o.Get(200, o.Clerks[0], "/api/v1/cases/"+kase))
	if v := file.Visits; len(v) != 1 || v[0].Purpose != "A" || v[0].Outcome != "accepted" || file.Case.FirstComplete != "yes" {
		t.Errorf("%+v", file)
	}
	brief := halltest.Into[wire.Brief](o.Hall, o.Get(200, o.Clerks[0], "/api/v1/tickets/"+ticket.ID+"/brief"))
	if len(brief.Legs) != 1 || brief.Legs[0].End != "finished" || brief.Legs[0].Outcomes[0].Outcome != "accepted" {
		t.Errorf("%+v", brief.Legs)
	}
	o.clock.set(t, "2025-06-03 10:08")
	if a := o.Post(409, o.Clerks[0], "/api/v1/windows/1/undo", "", nil); a.Code() != "too_late" {
		t.Errorf("%s", a.Body)
	}
	o.Restart()
	o.evening()
	o.Stop()
	o.Verify()
}
