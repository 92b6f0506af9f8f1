package main_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"

	"yitang/drivers/sim"
	"yitang/server/wire"
)

// axeSource is the checker of accessibility that comes with the pages' packages.
const axeSource = "web/node_modules/axe-core/axe.min.js"

// applicant is somebody at a kiosk's page.
type applicant struct {
	*testing.T
	rig     *rig
	page    *rod.Page
	lang    string
	touches int
	axe     string
}

func newApplicant(t *testing.T, r *rig, b *rod.Browser, lang string) *applicant {
	t.Helper()
	axe, err := os.ReadFile(axeSource)
	if err != nil {
		t.Fatalf("the checker of accessibility is missing: run npm ci in web (%v)", err)
	}
	a := &applicant{T: t, rig: r, lang: lang, axe: string(axe)}
	a.page = open(t, b, r.kiosk+"/kiosk?lang="+lang, 1080, 1920)
	at(a.page, "lang-"+lang)
	return a
}

// touch touches what has the test id.
func (a *applicant) touch(ids ...string) {
	a.Helper()
	for _, id := range ids {
		at(a.page, id).MustWaitEnabled().MustClick()
		a.touches++
	}
}

// accessible fails on every violation that axe finds on the page as it is now.
func (a *applicant) accessible(where string) {
	a.Helper()
	a.page.MustEval(`(source) => { if (!window.axe) (0, eval)(source) }`, a.axe)
	found := a.page.MustEval(`() => axe.run(document, { resultTypes: ['violations'] }).then((r) =>
		r.violations.map((v) => v.id + ': ' + v.help + ' ' + v.nodes.map((n) => n.target + ' ' + (n.any[0]?.message ?? '')).join(' | ')))`)
	for _, v := range found.Arr() {
		a.Errorf("%s, %s: %s", where, a.lang, v.Str())
	}
	a.readable(where)
}

// readable holds the kiosk's sizes: text of 24 px, targets of 60 px at 1080 by 1920.
func (a *applicant) readable(where string) {
	a.Helper()
	small := a.page.MustEval(`() => {
		const out = []
		const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden'
		for (const e of document.querySelectorAll('button, input, a[href]')) {
			const box = e.getBoundingClientRect()
			const label = e.closest('label')
			const height = label ? label.getBoundingClientRect().height : box.height
			if (shown(e) && (box.width < 60 || height < 60) && !label) out.push('target ' + Math.round(box.width) + 'x' + Math.round(box.height) + ' ' + (e.dataset.testid || e.textContent.slice(0, 20)))
		}
		const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
		while (walk.nextNode()) {
			const e = walk.currentNode.parentElement
			if (!walk.currentNode.textContent.trim() || !e || !shown(e) || e.closest('.sr-only, svg, script, noscript')) continue
			if (parseFloat(getComputedStyle(e).fontSize) < 23.9) out.push('text ' + getComputedStyle(e).fontSize + ' ' + walk.currentNode.textContent.trim().slice(0, 30))
		}
		return out
	}`)
	for _, v := range small.Arr() {
		a.Errorf("%s, %s: too small: %s", where, a.lang, v.Str())
	}
	if over := a.page.MustEval(`() => document.documentElement.scrollWidth - document.documentElement.clientWidth`).Int(); over > 0 {
		a.Errorf("%s, %s: %d px stand beside the glass", where, a.lang, over)
	}
	a.shot(where)
}

// shot keeps a picture where YITANG_SHOTS names a folder, to be looked at.
func (a *applicant) shot(where string) {
	if dir := os.Getenv("YITANG_SHOTS"); dir != "" {
		time.Sleep(250 * time.Millisecond)
		a.page.MustScreenshot(filepath.Join(dir, where+"-"+a.lang+".png"))
	}
}

// number is what the last page shows.
func (a *applicant) number() string {
	a.Helper()
	return strings.TrimSpace(at(a.page, "ticket-number").MustText())
}

// lift takes the card off and waits until the kiosk has noticed: a page that is opened before gets the card, too.
func (r *rig) lift(t *testing.T) {
	t.Helper()
	r.reader.Lift()
	for end := time.Now().Add(pageTime); time.Now().Before(end); {
		if !r.cardSeen(t) {
			return
		}
	}
	t.Error("the kiosk does not notice that the card is gone")
}

// cardSeen tells whether a page that is opened now would be told of a card.
func (r *rig) cardSeen(t *testing.T) bool {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 200*time.Millisecond) // the stream has no end
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.kiosk+"/local/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return true
	}
	defer res.Body.Close()
	told, _ := io.ReadAll(res.Body)
	return len(told) == 0 || bytes.Contains(told, []byte("event: card\n"))
}

func bothLanguages(t *testing.T, way func(a *applicant)) {
	r, b := newRig(t), startBrowser(t)
	for _, lang := range []string{"zh", "ug"} {
		t.Run(lang, func(t *testing.T) { way(newApplicant(t, r, b, lang)) })
	}
}

// With a card: placed, field, matter, number.
func TestWithACard(t *testing.T) {
	t.Parallel()
	bothLanguages(t, func(a *applicant) {
		a.accessible("welcome")
		if err := a.rig.reader.Place(sim.RandomResident(rand.New(rand.NewPCG(1, 2)))); err != nil {
			a.Fatal(err)
		}
		at(a.page, "person")
		a.accessible("what")
		a.touch("field-A")
		at(a.page, "matter-SCJG-004")
		a.accessible("matter")
		a.touch("matter-SCJG-004")
		at(a.page, "take")
		a.accessible("papers")
		a.touch("take")
		if got := a.number(); !strings.HasPrefix(got, "A00") {
			a.Errorf("the number is %q", got)
		}
		a.accessible("ticket")
		if a.touches > 4 {
			a.Errorf("%d touches with a card", a.touches)
		}
		a.rig.lift(a.T)
	})
}

// Without a card: a number typed, with a slip; what is open is offered.
func TestTypedNumber(t *testing.T) {
	t.Parallel()
	bothLanguages(t, func(a *applicant) {
		a.touch("lang-" + a.lang)
		at(a.page, "no-card")
		a.accessible("who")
		a.touch("type-id")
		for _, c := range "110105194912310021" {
			a.touch("key-" + string(c))
		}
		a.touch("number-done")
		a.page.Timeout(pageTime).MustElement(`[role="alert"]`)
		a.accessible("number")
		a.touch("key-erase", "key-X", "number-done")
		at(a.page, "person")
		a.touch("field-A", "matter-SCJG-001", "add-matter", "search-all")
		for _, c := range "jiehun" {
			a.touch("key-" + string(c))
		}
		at(a.page, "matter-MZJ-003")
		a.accessible("search")
		a.touch("matter-MZJ-003")
		at(a.page, "windows")
		a.accessible("several")
		a.touch("need-priority")
		at(a.page, "priority-elderly")
		a.accessible("priority")
		a.touch("priority-elderly", "take")
		number := a.number()
		id := a.rig.ticketID(a.T, number)
		k, err := a.rig.client(a.T).Ticket(context.Background(), id)
		if err != nil || k.Priority != "elderly" || len(k.Matters) != 2 || k.Language != a.lang {
			a.Errorf("%s: %+v %v", number, k, err)
		}
	})
}

func (r *rig) ticketID(t *testing.T, number string) wire.TicketID {
	t.Helper()
	c, err := r.client(t).Catalogue(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return wire.TicketID(strings.ReplaceAll(c.Hall.Day, "-", "") + "-" + number)
}

// A company's licence in front of the scanner, which types what it reads.
func TestScannedLicence(t *testing.T) {
	t.Parallel()
	bothLanguages(t, func(a *applicant) {
		a.touch("lang-"+a.lang, "type-company")
		at(a.page, "key-Y")
		a.accessible("company")
		for _, c := range "HTTPS://X.CN/?uniscid=91350100M000100Y43" {
			a.page.MustInsertText("") // a turn of the page's loop between two keys, as a scanner leaves
			a.page.Keyboard.MustType(input.Key(c))
		}
		a.page.Keyboard.MustType(input.Enter)
		waitText(a.T, a.page, "person", "913")
	})
}

// Papers are missing: the list comes out of the printer, and nobody had to wait for it.
func TestMissingPapers(t *testing.T) {
	t.Parallel()
	bothLanguages(t, func(a *applicant) {
		before := len(a.rig.printer.Receipts())
		a.touch("lang-"+a.lang, "no-card", "field-A", "matter-SCJG-004", "paper-SCJG-004")
		at(a.page, "print-list")
		a.accessible("missing")
		a.touch("print-list")
		for until := time.Now().Add(pageTime); len(a.rig.printer.Receipts()) == before; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(until) {
				a.Fatal("no list was printed")
			}
		}
		if paper := a.rig.printer.Receipts()[before].Text(); !strings.Contains(paper, "登记申请书") || strings.Contains(paper, "A00") {
			a.Errorf("the list:\n%s", paper)
		}
		a.touch("leave")
		at(a.page, "lang-"+a.lang)
		if n := totals(a.T, a.rig).Issued; n != 0 {
			a.Errorf("%d tickets were issued", n)
		}
	})
}

// Large text, strong contrast and low reach, alone and together, on every step.
func TestViews(t *testing.T) {
	t.Parallel()
	bothLanguages(t, func(a *applicant) {
		for _, mode := range []string{"big", "contrast", "low"} {
			a.page.MustNavigate(a.rig.kiosk + "/kiosk?lang=" + a.lang)
			a.touch("lang-"+a.lang, "view", "view-"+mode)
			a.accessible("view-sheet-" + mode)
			a.touch("view-done")
			a.accessible("who-" + mode)
			a.touch("no-card")
			at(a.page, "field-A")
			a.accessible("what-" + mode)
			a.touch("field-A")
			at(a.page, "matter-SCJG-004")
			a.accessible("matter-" + mode)
			a.touch("matter-SCJG-004")
			at(a.page, "take")
			a.accessible("papers-" + mode)
			if mode == "low" {
				a.withinReach()
			}
			a.touch("take")
			at(a.page, "ticket-number")
			a.accessible("ticket-" + mode)
		}
	})
}

// withinReach fails when a control stands in the upper third of the glass.
func (a *applicant) withinReach() {
	a.Helper()
	high := a.page.MustEval(`() => [...document.querySelectorAll('button')].filter((e) => e.getClientRects().length && getComputedStyle(e).visibility !== 'hidden')
		.map((e) => Math.round(e.getBoundingClientRect().top)).filter((top) => top < innerHeight * 0.4)`)
	if n := len(high.Arr()); n > 0 {
		a.Errorf("%d controls are out of reach: %v", n, high)
	}
}

// The guide desk hears of a call for help.
func TestAGuideIsCalled(t *testing.T) {
	t.Parallel()
	r, b := newRig(t), startBrowser(t)
	a := newApplicant(t, r, b, "zh")
	a.touch("lang-zh", "help", "call-guide")
	ctx, stop := context.WithTimeout(context.Background(), pageTime)
	defer stop()
	_ = r.client(t).WatchHall(ctx, func(s wire.HallState) {
		for _, d := range s.Devices {
			if d.Device == "kiosk-1" && d.Part == "guide" && d.State == "warning" {
				stop()
			}
		}
	})
	if ctx.Err() != context.Canceled {
		t.Fatal("the hall does not hear of it")
	}
	a.page.Timeout(pageTime).MustElementR("p", "引导员马上过来")
	a.accessible("guide-called")
}

// The keyboard alone leads to a number.
func TestKioskByKeyboard(t *testing.T) {
	t.Parallel()
	r, b := newRig(t), startBrowser(t)
	a := newApplicant(t, r, b, "zh")
	for _, id := range []string{"lang-zh", "no-card", "field-A", "matter-SCJG-004", "take"} {
		at(a.page, id)
		for range 60 {
			a.page.Keyboard.MustType(input.Tab)
			if a.page.MustEval(`() => document.activeElement?.dataset.testid ?? ''`).Str() == id {
				break
			}
		}
		a.page.Keyboard.MustType(input.Enter)
	}
	if got := a.number(); got != "A001" {
		t.Errorf("the number is %q", got)
	}
}

// While the hall is away the page says so and gives a number of the kiosk's own.
func TestOwnNumberOnThePage(t *testing.T) {
	t.Parallel()
	r, b := newRig(t), startBrowser(t)
	a := newApplicant(t, r, b, "zh")
	r.server.kill()
	a.touch("lang-zh", "no-card", "field-A", "matter-SCJG-004", "take")
	if got := a.number(); got != "K1-001" {
		t.Errorf("the number is %q", got)
	}
	a.accessible("own-number")
	a.page.MustNavigate(r.kiosk + "/kiosk?lang=ug")
	at(a.page, "own-numbers")
	a.lang = "ug"
	a.accessible("away")
}

// What went wrong with the devices is said before anything is chosen, and a number is still to be had.
func TestDevicesDown(t *testing.T) {
	t.Parallel()
	r, b := newRig(t), startBrowser(t)
	a := newApplicant(t, r, b, "zh")
	r.printer.Play(sim.Script{{Fault: sim.Fault{Kind: sim.PaperOut, On: true}}})
	a.page.Timeout(pageTime).MustElementR("section", "打印不了")
	a.touch("lang-zh")
	a.accessible("printer-down")
	a.touch("no-card", "field-A", "matter-SCJG-004", "take")
	number := a.number()
	a.page.Timeout(pageTime).MustElementR("h2", "没有打印出来")
	a.accessible("not-printed")
	ctx, stop := context.WithTimeout(context.Background(), pageTime)
	defer stop()
	_ = r.client(t).WatchHall(ctx, func(s wire.HallState) {
		if len(s.Unprinted) == 1 && s.Unprinted[0].Number == number {
			stop()
		}
	})
	if ctx.Err() != context.Canceled {
		t.Error("the guide desk does not hear that the receipt failed")
	}
}
