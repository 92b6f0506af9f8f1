package main_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"

	"yitang/drivers/sim"
	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
	"yitang/web"
)

// bookRig is a hall with a kiosk that takes appointments, on a working day whose clock the test sets.
type bookRig struct {
	*rig
	hall *halltest.Hall
	at   atomic.Int64 // unix seconds

	kioskAt atomic.Int64 // what the kiosk's PC shows; 0 is the hall's time
}

func newBookRig(t *testing.T) *bookRig {
	t.Helper()
	l := halltest.Layout(t, 2)
	l.Hours = hall.Hours{Spans: []hall.Span{{From: 600, To: 840}, {From: 960, To: 1200}}}
	l.Booking = hall.Booking{DaysAhead: 3}
	for _, f := range l.Fields {
		for _, from := range l.Hours.Slots() {
			l.Booking.Usual = append(l.Booking.Usual, hall.Places{Field: f.ID, From: from, People: 2})
		}
	}
	b := &bookRig{hall: halltest.With(t, l)}
	b.set(t, "2025-06-03 10:05")
	b.hall.Now = func() time.Time { return time.Unix(b.at.Load(), 0) }
	b.hall.Pages = web.Pages()
	b.hall.Start()
	b.rig = &rig{hall: b.hall.URL}
	b.access.DeviceToken = b.hall.Tokens[account.Kiosk]
	b.startKiosk(t, func() time.Time {
		if at := b.kioskAt.Load(); at != 0 {
			return time.Unix(at, 0)
		}
		return b.hall.Now()
	})
	return b
}

// set puts the hall's clock at a moment of its zone.
func (b *bookRig) set(t *testing.T, at string) {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", at, time.FixedZone("+08", 8*3600))
	if err != nil {
		t.Fatal(err)
	}
	b.at.Store(moment.Unix())
}

// book makes an appointment from a phone.
func (b *bookRig) book(id, from string) wire.Appointment {
	in := wire.BookRequest{Matters: []string{"SCJG-004"}, Day: "2025-06-03", From: from, Person: wire.Person{Kind: "id", Number: id}}
	return halltest.Into[wire.Appointment](b.hall, b.hall.Post(201, "", "/api/v1/appointments", "", in))
}

// look is the appointment as its page has it.
func (b *bookRig) look(url string) wire.Appointment {
	return halltest.Into[wire.Appointment](b.hall, b.hall.Get(200, "", "/api/v1/appointments/"+strings.TrimPrefix(url, "/appointment/")))
}

// phone is a page as a phone shows it.
type phone struct {
	*testing.T
	page *rod.Page
	lang string
}

// fits fails on every violation that axe finds, on what stands beside the glass and on what a thumb can not hit.
func (p *phone) fits(where string) {
	p.Helper()
	source, err := os.ReadFile(axeSource)
	if err != nil {
		p.Fatal(err)
	}
	p.page.MustEval(`(source) => { if (!window.axe) (0, eval)(source) }`, string(source))
	found := p.page.MustEval(`() => axe.run(document, { resultTypes: ['violations'] }).then((r) => {
		const out = r.violations.map((v) => v.id + ': ' + v.help + ' ' + v.nodes.map((n) => n.target + ' ' + (n.any[0]?.message ?? '')).join(' | '))
		for (const e of document.querySelectorAll('button, a[href], input:not([type=radio])')) {
			const box = e.getBoundingClientRect()
			if (e.getClientRects().length && box.height < 43.5) out.push('target ' + Math.round(box.height) + ' px high: ' + (e.dataset.testid || e.textContent.slice(0, 20)))
		}
		if (document.documentElement.scrollWidth > document.documentElement.clientWidth) out.push('wider than the glass')
		return out
	})`)
	for _, v := range found.Arr() {
		p.Errorf("%s, %s: %s", where, p.lang, v.Str())
	}
	if dir := os.Getenv("YITANG_SHOTS"); dir != "" {
		time.Sleep(250 * time.Millisecond)
		p.page.MustScreenshotFullPage(filepath.Join(dir, where+"-"+p.lang+".png"))
	}
}

func (p *phone) press(id string) { at(p.page, id).MustWaitEnabled().MustClick() }

// From the first question on a phone to a number at the kiosk, by the code; the keyboard types both.
func TestAppointmentByPhone(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	for i, lang := range []string{"zh", "ug"} {
		t.Run(lang, func(t *testing.T) {
			r := newBookRig(t)
			number := []string{"11010519491231002X", "652301198501010031"}[i]
			p := &phone{t, open(t, b, r.rig.hall+"/appointment?lang="+lang, 390, 844), lang}
			at(p.page, "field-A")
			p.fits("book-matter")
			at(p.page, "book-search").MustInput("办执照")
			p.press("matter-SCJG-004")
			at(p.page, "day-2025-06-03")
			p.fits("book-day")
			p.press("day-2025-06-03")
			at(p.page, "slot-11:30")
			p.fits("book-time")
			p.press("slot-11:30")
			at(p.page, "number").MustInput("110105194912310021")
			p.press("who-next")
			p.page.Timeout(pageTime).MustElement(`[role="alert"]`)
			p.fits("book-who")
			at(p.page, "number").MustSelectAllText().MustInput(number)
			p.press("who-next")
			at(p.page, "book")
			p.fits("book-check")
			p.press("book")
			at(p.page, "mine-code")
			p.fits("book-done")
			if text := p.page.MustElement("body").MustText(); strings.Contains(text, number[:6]) || strings.Contains(text, number[14:]) {
				t.Errorf("the page shows the number: %s", text)
			}
			p.press("move")
			p.press("day-2025-06-03")
			p.press("slot-12:00")
			waitText(t, p.page, "mine-from", "12:00")
			code := strings.ReplaceAll(at(p.page, "mine-code").MustText(), " ", "")

			r.set(t, "2025-06-03 11:50")
			a := newApplicant(t, r.rig, b, lang)
			a.touch("lang-"+lang, "no-card")
			at(a.page, "my-appointment")
			a.accessible("what-appointment")
			a.touch("my-appointment")
			at(a.page, "key-1")
			a.accessible("appointment-code")
			for _, c := range code {
				a.page.Keyboard.MustType(input.Key(c))
			}
			a.touch("code-done")
			waitText(t, a.page, "visit-from", "12:00")
			a.accessible("appointment-visit")
			a.touch("check-in", "take")
			n := a.number()
			a.accessible("appointment-ticket")
			p.page.MustReload()
			p.page.Timeout(pageTime).MustElementR("[data-testid=mine]", n)
			p.fits("book-arrived")
			if k := r.look(strings.TrimPrefix(p.page.MustInfo().URL, r.rig.hall)); k.State != "arrived" || k.Late {
				t.Errorf("%+v", k)
			}
		})
	}
}

// Whoever places the card is offered the appointment first: card, appointment, take.
func TestAppointmentByCard(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	for i, lang := range []string{"zh", "ug"} {
		t.Run(lang, func(t *testing.T) {
			r := newBookRig(t)
			who := sim.InventResident(rand.New(rand.NewPCG(7, uint64(i))))
			kept := r.book(who.Number, "11:30")
			r.set(t, "2025-06-03 11:20")
			a := newApplicant(t, r.rig, b, lang)
			if err := r.reader.Place(who.Record()); err != nil {
				t.Fatal(err)
			}
			defer r.lift(t)
			at(a.page, "appointment-SCJG-004")
			a.accessible("what-offered")
			a.touch("appointment-SCJG-004", "take")
			if n := a.number(); r.look(kept.URL).Number != n {
				t.Errorf("%s: %+v", n, r.look(kept.URL))
			}
			if a.touches > 2 {
				t.Errorf("%d touches", a.touches)
			}
		})
	}
}

// The QR code of the page in front of the scanner, at the first page; before its time the kiosk says when to come.
func TestAppointmentByScanner(t *testing.T) {
	t.Parallel()
	r, b := newBookRig(t), startBrowser(t)
	kept := r.book("11010519491231002X", "11:30")
	scan := func(a *applicant) {
		for _, c := range r.rig.hall + kept.URL {
			a.page.MustInsertText("")
			a.page.Keyboard.MustType(input.Key(c))
		}
		a.page.Keyboard.MustType(input.Enter)
	}
	a := newApplicant(t, r.rig, b, "zh")
	scan(a)
	a.page.Timeout(pageTime).MustElementR("[data-testid=visit]", "11:00")
	a.accessible("appointment-early")
	r.set(t, "2025-06-03 11:45")
	a.page.MustNavigate(r.kiosk + "/kiosk")
	at(a.page, "lang-zh")
	scan(a)
	a.page.Timeout(pageTime).MustElementR("[data-testid=visit]", "按现在的时间排队")
	a.touch("check-in", "take")
	a.number()
	if k := r.look(kept.URL); !k.Late {
		t.Errorf("%+v", k)
	}
	a.page.MustNavigate(r.kiosk + "/kiosk")
	a.touch("lang-zh", "no-card", "my-appointment")
	for range 8 {
		a.touch("key-9")
	}
	a.touch("code-done")
	a.page.Timeout(pageTime).MustElementR(`[role="alert"]`, "预约码")
	a.accessible("appointment-unknown")
}

// Found again by its code and number, and given up.
func TestAppointmentIsFoundAndGivenUp(t *testing.T) {
	t.Parallel()
	r, b := newBookRig(t), startBrowser(t)
	kept := r.book("11010519491231002X", "11:30")
	p := &phone{t, open(t, b, r.rig.hall+"/appointment", 390, 844), "zh"}
	p.press("find")
	at(p.page, "code").MustInput(kept.Code)
	at(p.page, "number").MustInput("11010519491231002X")
	p.fits("book-find")
	p.press("find-now")
	waitText(t, p.page, "mine-from", "11:30")
	p.press("cancel")
	at(p.page, "cancel-sure")
	p.fits("book-sure")
	p.press("cancel-sure")
	waitText(t, p.page, "mine", "已取消")
	if k := r.look(kept.URL); k.State != "cancelled" || k.Reason != "by_holder" {
		t.Errorf("%+v", k)
	}
	if res, err := http.Get(r.rig.hall + "/appointment/AAAAAAAAAAAAAAAAAAAAAAAAAA"); err != nil || res.StatusCode != 200 {
		t.Errorf("%v %v", res, err)
	}
	p.page.MustNavigate(r.rig.hall + "/appointment/AAAAAAAAAAAAAAAAAAAAAAAAAA")
	p.page.Timeout(pageTime).MustElementR("h1, h2, p", "没有找到这个预约")
	p.fits("book-lost")
}

// The whole way by keyboard alone, at the width of a PC.
func TestAppointmentByKeyboard(t *testing.T) {
	t.Parallel()
	r, b := newBookRig(t), startBrowser(t)
	page := open(t, b, r.rig.hall+"/appointment?lang=en", 1280, 800)
	tabTo := func(id string) {
		at(page, id)
		for range 80 {
			if page.MustEval(`() => document.activeElement?.dataset.testid ?? ''`).Str() == id {
				return
			}
			page.Keyboard.MustType(input.Tab)
		}
		t.Fatalf("the keyboard does not reach %s", id)
	}
	for _, id := range []string{"matter-SCJG-004", "day-2025-06-03", "slot-11:30"} {
		tabTo(id)
		page.Keyboard.MustType(input.Enter)
	}
	tabTo("number")
	page.MustInsertText("11010519491231002X")
	page.Keyboard.MustType(input.Enter)
	tabTo("book")
	page.Keyboard.MustType(input.Enter)
	at(page, "mine-code")
	c := wire.New(r.rig.hall, r.hall.Tokens[account.Kiosk])
	if a, err := c.Look(context.Background(), strings.ReplaceAll(at(page, "mine-code").MustText(), " ", "")); err != nil || a.From != "11:30" {
		t.Errorf("%+v %v", a, err)
	}
}

// A person who came for a matter before is asked whether to go on with it, once the card has said who it is: nothing personal
// stands on the page, the case goes with the ticket, and a result that is ready is offered for collection.
func TestContinueYourApplication(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	for i, lang := range []string{"zh", "ug"} {
		t.Run(lang, func(t *testing.T) {
			r := newBookRig(t)
			who := sim.InventResident(rand.New(rand.NewPCG(9, uint64(i))))
			clerk, kiosk := r.hall.Clerks[0], r.hall.Tokens[account.Kiosk]
			const matter = "SCJG-008"
			first := wire.TakeRequest{Matters: []string{matter}, Person: wire.Person{Kind: "id", Number: who.Number}}
			r.hall.Post(201, kiosk, "/api/v1/tickets", "", first)
			r.hall.Post(200, clerk, "/api/v1/windows/1/open", "", nil)
			r.hall.Post(200, clerk, "/api/v1/windows/1/next", "", nil)
			r.hall.Post(200, clerk, "/api/v1/windows/1/start", "", nil)
			r.hall.Post(200, clerk, "/api/v1/windows/1/finish", "", wire.FinishRequest{Outcomes: []wire.Outcome{{Matter: matter, Outcome: "accepted"}}})
			a := newApplicant(t, r.rig, b, lang)
			if has, _, _ := a.page.Has(`[data-testid="case-` + matter + `"]`); has {
				t.Error("a case stands on the page before anybody said who they are")
			}
			if err := r.reader.Place(who.Record()); err != nil {
				t.Fatal(err)
			}
			defer r.lift(t)
			at(a.page, "case-"+matter)
			a.accessible("what-go-on")
			if text := a.page.MustElement("main").MustText(); strings.Contains(text, who.Number[6:14]) || strings.Contains(text, who.Name) {
				t.Errorf("the page says who it is: %s", text)
			}
			a.touch("case-"+matter, "take")
			k, err := wire.New(r.rig.hall, kiosk).Ticket(context.Background(), a.ticketID("20250603", a.number()))
			if err != nil || len(k.Cases) != 1 || k.Matters[0] != matter {
				t.Errorf("%+v %v", k, err)
			}
		})
	}
}

func (a *applicant) ticketID(day, number string) wire.TicketID {
	return wire.TicketID(day + "-" + number)
}

// The manager sets the half hours on the page; the guide desk sees who is booked, checks somebody in and marks a waiting
// ticket's class, and the journal says who did it.
func TestAppointmentsOnTheStaffPages(t *testing.T) {
	t.Parallel()
	r, b := newBookRig(t), startBrowser(t)
	manager := open(t, b, r.rig.hall+"/manager#booking", 1366, 900)
	login(t, manager, "manager", halltest.Password)
	at(manager, "early_min").MustSelectAllText().MustInput("20")
	at(manager, "place-A-11:30").MustSelectAllText().MustInput("1")
	at(manager, "place-A-10:00").MustClick() // the change is taken when the field is left
	at(manager, "booking-save").MustWaitEnabled().MustClick()
	deadline := time.Now().Add(pageTime)
	plan := wire.BookingPlan{}
	for plan.EarlyMin != 20 && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
		plan = halltest.Into[wire.LayoutState](r.hall, r.hall.Get(200, r.hall.Tokens[account.Manager], "/api/v1/layout")).Now.Booking
	}
	r.book("11010519491231002X", "11:30")
	in := wire.BookRequest{Matters: []string{"SCJG-004"}, Day: "2025-06-03", From: "11:30", Person: wire.Person{Kind: "id", Number: "652301198501010031"}}
	if a := r.hall.Post(409, "", "/api/v1/appointments", "", in); a.Code() != "slot_full" {
		t.Errorf("%s", a.Body)
	}
	staffShot(manager, "manager-booking")

	guide := open(t, b, r.rig.hall+"/guide", 1366, 900)
	login(t, guide, "guide", halltest.Password)
	waitText(t, guide, "visit-sums", "1")
	waiting := halltest.Into[wire.Ticket](r.hall, r.hall.Post(201, r.hall.Tokens[account.Kiosk], "/api/v1/tickets", "", wire.TakeRequest{Matters: []string{"SCJG-001"}}))
	at(guide, "mark-number").MustInput(waiting.Number)
	at(guide, "mark-as").MustSelect("残疾人")
	at(guide, "mark").MustWaitEnabled().MustClick()
	waitText(t, guide, "marked", waiting.Number)
	staffShot(guide, "guide-booking")
	list := halltest.Into[wire.AppointmentList](r.hall, r.hall.Get(200, r.hall.Tokens[account.Guide], "/api/v1/appointments"))
	at(guide, "check-in-"+list.Appointments[0].ID).MustWaitEnabled().MustClick() // an hour early: staff may
	number := strings.TrimSpace(at(guide, "ticket-number").MustText())
	k, err := wire.New(r.rig.hall, r.hall.Tokens[account.Guide]).Ticket(context.Background(), wire.TicketID("20250603-"+number))
	if err != nil || k.Priority != "appointment" || k.Slot == nil {
		t.Errorf("%+v %v", k, err)
	}
}

func staffShot(p *rod.Page, name string) {
	if dir := os.Getenv("YITANG_SHOTS"); dir != "" {
		time.Sleep(250 * time.Millisecond)
		p.MustScreenshotFullPage(filepath.Join(dir, name+".png"))
	}
}

// Read aloud: turned on by the person, every page is spoken once by the hall's voice, and again by a large button; the next
// person starts without it.
func TestKioskReadsAloud(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		t.Fatal("espeak-ng is missing: run make browser")
	}
	r, b := newBookRig(t), startBrowser(t)
	for _, lang := range []string{"zh", "ug"} {
		a := newApplicant(t, r.rig, b, lang)
		spoken := func(atLeast int) {
			t.Helper()
			for until := time.Now().Add(pageTime); ; time.Sleep(50 * time.Millisecond) {
				n := a.page.MustEval(`() => performance.getEntriesByType('resource').filter((e) => e.name.includes('/local/speech') && e.responseStatus === 200 && e.transferSize > 10000).length`).Int()
				if n >= atLeast {
					return
				}
				if time.Now().After(until) {
					t.Fatalf("%s: %d sentences were spoken, want %d", lang, n, atLeast)
				}
			}
		}
		a.touch("lang-"+lang, "view", "view-spoken", "view-done")
		spoken(1)
		at(a.page, "speak-again")
		a.accessible("spoken-who")
		a.touch("no-card")
		spoken(2)
		at(a.page, "field-A")
		a.accessible("spoken-what")
		a.touch("speak-again")
		spoken(3)
		a.touch("field-A", "matter-SCJG-004", "take")
		a.number()
		a.accessible("spoken-ticket")
		a.page.MustElementR("button", "20|完成|تامام").MustClick()
		at(a.page, "lang-"+lang)
		if has, _, _ := a.page.Has(`[data-testid="speak-again"]`); has {
			t.Errorf("%s: the next person is read to", lang)
		}
	}
}

// The hall is away and closed: the kiosk says when it opens, from the hours that it keeps.
func TestClosedKioskSaysTheHoursWhileTheHallIsAway(t *testing.T) {
	t.Parallel()
	r, b := newBookRig(t), startBrowser(t)
	page := open(t, b, r.kiosk+"/kiosk?lang=ug", 1080, 1920)
	at(page, "lang-ug")
	r.kioskAt.Store(time.Date(2025, 6, 3, 23, 0, 0, 0, time.FixedZone("+08", 8*3600)).Unix())
	r.hall.Stop()
	page.Timeout(2*pageTime).MustElementR("main", "10:00–14:00")
	a := &applicant{T: t, rig: r.rig, page: page, lang: "ug", axe: readAxe(t)}
	a.accessible("closed-away")
}

func readAxe(t *testing.T) string {
	t.Helper()
	axe, err := os.ReadFile(axeSource)
	if err != nil {
		t.Fatalf("the checker of accessibility is missing: run npm ci in web (%v)", err)
	}
	return string(axe)
}
