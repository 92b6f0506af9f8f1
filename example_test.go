package main_test

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/halltest/casebook"
	"yitang/server/wire"
	"yitang/web"
)

// decider is the account of the example's department.
const decider = "scjg"

// TestWorkedExampleThroughThePages plays the eighteen cases of the worked example as staff do: clerks at their windows, the
// department and the delivery window at their pages, by keys; kiosks, the guide desk and the approval system, which have
// programs of their own, through the API. The hall's clock is the test's. The files exported afterwards must be the
// example's. It is the script of server.TestWorkedExample.
func TestWorkedExampleThroughThePages(t *testing.T) {
	t.Parallel()
	p := newStaged(t)
	for _, s := range p.book.Scenes() {
		p.newDay(s.Day())
		p.clock.Store(s.At.UnixMilli())
		p.do(&s)
	}
	p.newDay("2025-06-30")
	p.Stop()
	p.Verify()
	out := t.TempDir() + "/files"
	if said, err := exec.Command(buildYitang(t), "export", "--dir", p.Dir, out).CombinedOutput(); err != nil {
		t.Fatalf("export: %v\n%s", err, said)
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	faults, err := p.book.Compare(out, zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

// staged is the example on its pages.
type staged struct {
	*halltest.Hall
	t     *testing.T
	book  *casebook.Book
	b     *rod.Browser
	clock atomic.Int64
	day   string
	pages map[string]*rod.Page // by who sits there, logged in when first needed
	seats map[string]string    // where a clerk sits who has no window of her own
	large map[string]time.Time // when the large key was pressed at a window: twice at once counts once
}

func newStaged(t *testing.T) *staged {
	t.Helper()
	book, err := casebook.Read("server/exchange/testdata/example")
	if err != nil {
		t.Fatal(err)
	}
	p := &staged{t: t, book: book, b: startBrowser(t), pages: map[string]*rod.Page{}, seats: map[string]string{},
		large: map[string]time.Time{}}
	p.Hall = halltest.With(t, casebook.Layout(halltest.Layout(t, 0)))
	p.accounts()
	p.Pages = web.Pages()
	p.Now = func() time.Time { return time.UnixMilli(p.clock.Load()) }
	p.set("2025-06-03", 9)
	p.Start()
	return p
}

// accounts makes the example's staff; li works at two windows and therefore has none of her own.
func (p *staged) accounts() {
	data, err := db.Open(p.Dir)
	if err != nil {
		p.t.Fatal(err)
	}
	hash := account.HashPassword(halltest.Password)
	put := func(a account.Account) {
		a.Name, a.Password = a.User, hash
		err = errors.Join(err, data.PutAccount(p.t.Context(), a))
	}
	put(account.Account{User: "li", Role: account.Clerk})
	for _, w := range []string{"W3", "W5", "9"} {
		put(account.Account{User: casebook.ClerkOf(w), Role: account.Clerk, Window: w})
	}
	put(account.Account{User: decider, Role: account.Department, Department: casebook.Department})
	if err := errors.Join(err, data.Close()); err != nil {
		p.t.Fatal(err)
	}
}

// set turns the hall's clock to a full hour in Beijing.
func (p *staged) set(day string, hour int) {
	at, err := time.Parse(time.RFC3339, fmt.Sprintf("%sT%02d:00:00+08:00", day, hour))
	if err != nil {
		p.t.Fatal(err)
	}
	p.clock.Store(at.UnixMilli())
}

func (p *staged) newDay(day string) {
	if day == p.day {
		return
	}
	manager := p.Tokens[account.Manager]
	if p.day != "" {
		p.set(p.day, 23)
		p.Post(200, manager, "/api/v1/day/close", "", nil)
	}
	p.set(day, 9)
	p.Post(200, manager, "/api/v1/day/open", "", nil)
	p.day = day
}

func (p *staged) do(s *casebook.Scene) {
	p.t.Helper()
	guide := p.Tokens[account.Guide]
	switch s.Act {
	case casebook.Take:
		token := map[bool]string{true: p.Tokens[account.Kiosk], false: guide}[s.AtKiosk]
		p.book.Tickets[s.Ticket] = halltest.Into[wire.Ticket](p.Hall, p.Post(201, token, "/api/v1/tickets", "", s.Take)).ID
	case casebook.Return:
		p.Post(200, guide, "/api/v1/tickets/"+p.book.Sent(s)+"/resume", "", nil)
	case casebook.Abandon, casebook.Cancel:
		p.Post(200, guide, "/api/v1/tickets/"+p.book.Tickets[s.Ticket]+"/"+string(s.Act), "", nil)
	case casebook.Put:
		a := p.Send(halltest.Request{Method: "PUT", Path: "/api/v1/cases/" + s.Case(), Token: p.Tokens[account.Platform], Body: s.Put})
		if want := map[bool]int{true: 201, false: 200}[s.First]; a.Status != want {
			p.t.Fatalf("PUT: %d %s", a.Status, a.Body)
		}
	case casebook.Call:
		p.call(s)
	case casebook.Start:
		w := p.pages[casebook.ClerkOf(s.Window)]
		may(w, "start")
		press(w, "F3")
		w.Timeout(pageTime).MustElement(`[data-testid="outcome-accepted"]:not([disabled])`)
	case casebook.Transfer:
		p.sendOn(s)
	case casebook.Finish:
		p.finish(s)
	case casebook.Decide, casebook.Withdraw:
		p.decide(s)
	case casebook.Mail:
		p.mail(s)
	}
}

// press types keys as the pages write them.
func press(w *rod.Page, strokes ...string) {
	for _, s := range strokes {
		w.Keyboard.MustType(keyOf(s))
	}
}

// page is somebody's page, opened and logged in when first needed.
func (p *staged) page(user, path string) *rod.Page {
	w := p.pages[user+path]
	if w == nil {
		w = open(p.t, p.b, p.URL+path, 1366, 768)
		login(p.t, w, user, halltest.Password)
		p.pages[user+path] = w
	}
	return w
}

// seat has a window's clerk sit there with the window open, and see that a number waits: who has no window of her own
// closes the one before and changes over.
func (p *staged) seat(window, waits string) *rod.Page {
	p.t.Helper()
	user := casebook.ClerkOf(window)
	w := p.page(user, "/window")
	p.pages[user] = w
	if at := p.seats[user]; user == "li" && at != window {
		if at != "" {
			waitText(p.t, w, "queue", waits)
			if !says(w, "act-main", "开窗") {
				may(w, "close")
				press(w, "F10")
			}
			waitText(p.t, w, "act-main", "开窗")
			heeds(w)
			press(w, "g")
		}
		w.Timeout(pageTime).MustElement(`[data-testid="sit-` + window + `"]`)
		press(w, append(strings.Split(strings.ToLower(window), ""), "Enter")...)
		p.seats[user] = window
	}
	waitText(p.t, w, "queue", waits)
	heeds(w)
	if says(w, "act-main", "开窗") {
		p.pressLarge(w, window)
		waitText(p.t, w, "act-main", "叫下一位")
		heeds(w)
	}
	return w
}

// pressLarge presses the large key, not sooner after the last time than a person would, and once more when nothing comes
// of it: a slow page may have heard the last press late.
func (p *staged) pressLarge(w *rod.Page, window string) {
	p.t.Helper()
	const patient = 5 * time.Second
	says := at(w, "act-main").MustText()
	for end := time.Now().Add(pageTime); time.Now().Before(end); {
		time.Sleep(time.Until(p.large[window].Add(bounce)))
		press(w, "Space")
		p.large[window] = time.Now()
		for again := time.Now().Add(patient); time.Now().Before(again); time.Sleep(20 * time.Millisecond) {
			if at(w, "act-main").MustText() != says {
				return
			}
		}
	}
	p.t.Fatalf("window %s: the large key does nothing: %s", window, says)
}

// may waits until a window's page offers an act.
func may(w *rod.Page, act string) {
	w.Timeout(pageTime).MustElement(`[data-testid="act-` + act + `"]:not([disabled])`)
}

// has looks once.
func has(w *rod.Page, id string) bool {
	yes, _, err := w.Has(`[data-testid="` + id + `"]`)
	return err == nil && yes
}

// says looks once.
func says(w *rod.Page, id, words string) bool {
	has, e, err := w.Has(`[data-testid="` + id + `"]`)
	if err != nil || !has {
		return false
	}
	text, err := e.Text() // it may just have gone
	return err == nil && strings.Contains(text, words)
}

func (p *staged) call(s *casebook.Scene) {
	p.t.Helper()
	waits := p.book.Tickets[s.Ticket]
	if waits == "" { // the second stay of a ticket
		waits = p.book.Sent(s)
	}
	w := p.seat(s.Window, waits[len("20250603-"):])
	for end := time.Now().Add(pageTime); time.Now().Before(end) && !has(w, "in-hand-number"); {
		if says(w, "act-main", "开窗") || says(w, "act-main", "叫下一位") { // the first press may have opened the window only
			p.pressLarge(w, s.Window)
		}
		for soon := time.Now().Add(bounce); time.Now().Before(soon) && !has(w, "in-hand-number"); time.Sleep(20 * time.Millisecond) {
		}
	}
	number := strings.TrimSpace(at(w, "in-hand-number").MustText())
	if id := strings.ReplaceAll(s.Day(), "-", "") + "-" + number; !p.book.Called(s, id) {
		p.t.Fatalf("window %s called %s, not %s", s.Window, id, s.Ticket)
	}
}

// sendOn sends the person to another window, who sees to something first.
func (p *staged) sendOn(s *casebook.Scene) {
	p.t.Helper()
	w := p.pages[casebook.ClerkOf(s.Window)]
	may(w, "transfer")
	press(w, "F7", "Space", s.To[len(s.To)-1:])
	w.Timeout(pageTime).MustElement(`[data-testid="to-window-` + s.To + `"][aria-pressed="true"]`)
	at(w, "transfer-reason").MustInput("应在" + s.To + "办理")
	press(w, "Enter")
	waitText(p.t, w, "notice", "已转办")
}

// finish has the clerk say how each matter ended, then end the service, and reads what the journal has of it.
func (p *staged) finish(s *casebook.Scene) {
	p.t.Helper()
	w := p.pages[casebook.ClerkOf(s.Window)]
	for i := range s.Outcomes {
		p.outcome(w, &s.Outcomes[i])
	}
	waitText(p.t, w, "act-main", "办完")
	may(w, "finish")
	press(w, "F4")
	waitText(p.t, w, "notice", "已办完")
	id := strings.TrimSuffix(p.book.Tickets[s.Ticket], "-2")
	brief := halltest.Into[wire.Brief](p.Hall, p.Get(200, p.Tokens[account.Manager], "/api/v1/tickets/"+id+"/brief"))
	got := brief.Legs[len(brief.Legs)-1].Outcomes
	if len(got) != len(s.Outcomes) {
		p.t.Fatalf("%s ended with %+v", s.Ticket, got)
	}
	for _, o := range got {
		if o.Derived != "" {
			p.t.Errorf("%s: the purpose does not follow by itself: %+v", s.Ticket, o)
		}
	}
	p.book.Finished(s, got)
}

func (p *staged) outcome(w *rod.Page, o *wire.Outcome) {
	p.t.Helper()
	key := map[string]string{"accepted": "1", "done": "2", "incomplete": "3", "no_authority": "6", "collected": "8"}[o.Outcome]
	w.Timeout(pageTime).MustElement(`[data-testid="outcome-` + o.Outcome + `"]:not([disabled])`)
	heeds(w)
	press(w, key)
	switch o.Outcome {
	case "incomplete":
		p.missing(w, o)
	case "no_authority":
		at(w, "authority").MustInput(o.Authority)
		press(w, "Enter")
	}
	w.Timeout(pageTime).MustElement(`[data-testid="result-` + o.Matter + `"].chosen`)
	switch {
	case o.DeliveryChosen == "mail":
		press(w, "e")
	case o.DeliveryChosen == "collect":
		press(w, "w")
	case o.DeliveryOffered == "no":
		press(w, "n")
	}
	if o.Person != nil {
		press(w, "f")
		at(w, "subject-number").MustInput(o.Person.Number)
		press(w, "Enter")
		waitText(p.t, w, "said-"+o.Matter, o.Person.Number[14:])
	}
}

// missing ticks what is missing; what an earlier notice named is ticked already.
func (p *staged) missing(w *rod.Page, o *wire.Outcome) {
	p.t.Helper()
	const patient = 5 * time.Second
	for again := time.Now().Add(patient); !has(w, "missing-other"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(again) { // the page has not heard the key; heard late it ticks an entry, which is set right below
			press(w, "3")
			again = time.Now().Add(patient)
		}
	}
	for i, e := range w.MustElements(`[role="dialog"] [role="checkbox"]`) {
		wanted := slices.ContainsFunc(o.Missing, func(m string) bool { return strings.Contains(e.MustText(), m) })
		if ticked := *e.MustAttribute("aria-checked") == "true"; ticked != wanted {
			press(w, string(rune('1'+i)))
		}
	}
	if o.Oral {
		press(w, "o")
	}
	press(w, "Enter")
}

// decide works the department's page: the decision, then the result made ready; or the end of a case that is taken back.
func (p *staged) decide(s *casebook.Scene) {
	p.t.Helper()
	w, id := p.page(decider, "/department"), p.book.Cases[s.Case()]
	at(w, "tab-open")
	press(w, "3", "1") // the list as it is now
	at(w, "case-"+id).MustClick()
	waitText(p.t, w, "case-card", id)
	if s.Act == casebook.Withdraw {
		press(w, "x", "w", "Enter")
		waitText(p.t, w, "did", "结束")
		return
	}
	press(w, "d")
	if s.Decision.Decision == "refused" {
		press(w, "x")
		at(w, "act-reason").MustInput(s.Decision.Reason)
	} else {
		press(w, "g")
		at(w, "act-number")
	}
	press(w, "Enter")
	waitText(p.t, w, "did", "作出决定")
	at(w, "do-ready")
	press(w, "r")
	waitText(p.t, w, "did", "结果备好")
}

// mail sends a result from the delivery window.
func (p *staged) mail(s *casebook.Scene) {
	p.t.Helper()
	w, id := p.page(casebook.ClerkOf("9"), "/delivery"), p.book.Cases[s.Case()]
	at(w, "find").MustInput(id)
	w.Keyboard.MustType(input.Enter)
	waitText(p.t, w, "case-card", id)
	at(w, "deliver-mail")
	press(w, "F2")
	at(w, "tracking")
	press(w, "Enter")
	waitText(p.t, w, "did", id)
}
