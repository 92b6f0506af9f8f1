package main_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"

	"yitang/server/wire"
)

// desk is a clerk's page with the hall behind it.
type desk struct {
	*testing.T
	rig  *rig
	page *rod.Page
	hall *wire.Client // as the manager
	day  string

	large time.Time // when the large key was pressed last
}

// newDesk logs the first clerk in at the window page.
func newDesk(t *testing.T, r *rig, b *rod.Browser) *desk {
	t.Helper()
	d := &desk{T: t, rig: r, page: open(t, b, r.hall+"/window", 1366, 768), hall: r.client(t)}
	cat, err := d.hall.Catalogue(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	d.day = strings.ReplaceAll(cat.Hall.Day, "-", "")
	login(t, d.page, r.access.Clerks[0].User, r.access.Clerks[0].Password)
	at(d.page, "act-main")
	return d
}

// take issues a ticket and returns its number.
func (d *desk) take(matters ...string) string {
	d.Helper()
	t, err := d.rig.kioskClient().Take(context.Background(), wire.NewKey(), wire.TakeRequest{Matters: matters, Person: wire.Person{Kind: "none"}})
	if err != nil {
		d.Fatal(err)
	}
	return t.Number
}

func (r *rig) kioskClient() *wire.Client { return wire.New(r.hall, r.access.DeviceToken) }

// keys presses keys as the page writes them: F1, Space, Enter, Esc, or one character; the large key not sooner after the
// last time than a person would.
func (d *desk) keys(strokes ...string) {
	d.Helper()
	for _, s := range strokes {
		large := s == "Space" || s == "F1"
		if large {
			time.Sleep(time.Until(d.large.Add(bounce)))
		}
		press(d.page, s)
		if large {
			d.large = time.Now()
		}
	}
}

func keyOf(stroke string) input.Key {
	named := map[string]input.Key{"F1": input.F1, "F2": input.F2, "F3": input.F3, "F4": input.F4, "F6": input.F6, "F7": input.F7, "F8": input.F8,
		"F9": input.F9, "F10": input.F10, "Space": input.Space, "Enter": input.Enter, "Esc": input.Escape, "↑": input.ArrowUp, "↓": input.ArrowDown}
	if k, ok := named[stroke]; ok {
		return k
	}
	return input.Key([]rune(stroke)[0])
}

// ticket is a ticket of today as the hall has it.
func (d *desk) ticket(number string) wire.Ticket {
	d.Helper()
	t, err := d.hall.Ticket(context.Background(), wire.TicketID(d.day+"-"+number))
	if err != nil {
		d.Fatal(err)
	}
	return t
}

// becomes waits until the hall has a ticket in a state, then until the page has seen it too.
func (d *desk) becomes(number, state string) {
	d.Helper()
	waitState(d.T, d.rig, number, state)
	heeds(d.page)
}

// heeds waits until a window's page takes keys: no act is on its way.
func heeds(window *rod.Page) {
	window.Timeout(pageTime).MustElement(`[data-testid="act-main"][aria-disabled="false"]`)
}

// bounce is a little more than the page's own: it takes two strokes of the large key that follow at once for one.
const bounce = 400 * time.Millisecond

// opened opens the window with the first key and waits.
func (d *desk) opened() {
	d.Helper()
	d.keys("F1")
	waitWindowOpen(d.T, d.rig)
	waitText(d.T, d.page, "act-main", "叫下一位")
	heeds(d.page)
}

// TestAnActIsNeitherLostNorDoubled loses the answer of a call, then cuts the page off in the middle of an act and loads
// it again: each act happens once, and the clerk is told. An act of an hour ago is asked about instead.
func TestAnActIsNeitherLostNorDoubled(t *testing.T) {
	t.Parallel()
	d := newDesk(t, newHall(t, 2), startBrowser(t))
	first, second := d.take("SCJG-004"), d.take("SCJG-004")
	d.opened()

	d.page.MustEval(`() => { // the hall does it, and the page hears nothing of it
		const real = window.fetch
		window.fetch = async (...args) => {
			const answer = await real(...args)
			if (window.lost || !args[0].endsWith('/next')) return answer
			window.lost = true
			throw new TypeError('connection reset')
		}
	}`)
	d.keys("Space")
	waitText(t, d.page, "in-hand-number", first)
	d.becomes(first, "called")
	if lost, got := d.page.MustEval(`() => window.lost`).Bool(), d.ticket(second).State; !lost || got != "waiting" {
		t.Fatalf("an answer was lost: %t; the second ticket is %s", lost, got)
	}

	d.rig.server.kill() // power cut
	d.keys("Space")
	waitText(t, d.page, "act-main", "不确定")
	d.rig.server.start(t)
	d.becomes(first, "serving")

	d.page.MustEval(`() => { window.fetch = () => new Promise(() => {}) }`) // from now on nothing leaves the page
	d.keys("2", "Space")
	waitText(t, d.page, "act-main", "正在处理")
	d.page.MustReload()
	waitText(t, d.page, "errand-sure", "办完 "+first)
	d.becomes(first, "done")
	d.old(second)
}

// old puts an act of an hour ago into the page: it must not happen by itself.
func (d *desk) old(number string) {
	d.Helper()
	d.page.MustEval(`(user) => localStorage.setItem('yitang.errands', JSON.stringify([{ key: 'of-before', path: '/api/v1/windows/1/next',
		body: {}, what: 'window.errand.next', number: '', user, at: Date.now() - 3600e3 }]))`, d.rig.access.Clerks[0].User)
	d.page.MustReload()
	waitText(d.T, d.page, "errand-doubtful", "叫号")
	if got := d.ticket(number).State; got != "waiting" {
		d.Fatalf("the ticket is %s", got)
	}
	at(d.page, "errand-again").MustClick()
	d.becomes(number, "called")
}

// clerk is the i-th clerk as a program.
func (r *rig) clerk(t *testing.T, i int) *wire.Client {
	t.Helper()
	c := wire.New(r.hall, "")
	s, err := c.Login(context.Background(), wire.Login{User: r.access.Clerks[i].User, Password: r.access.Clerks[i].Password})
	if err != nil {
		t.Fatal(err)
	}
	return c.WithToken(s.Token)
}
