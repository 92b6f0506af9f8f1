package main_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/rs/zerolog"

	"yitang/city/pg"
	"yitang/demo/town"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
	"yitang/web"
)

// newTown runs a small city with four halls at work.
func newTown(t *testing.T) town.Addresses {
	t.Helper()
	database, stopDatabase, err := pg.Temp(t.Context(), true)
	if errors.Is(err, pg.ErrNone) {
		t.Skip("NOT TESTED: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stopDatabase(); err != nil {
			t.Error(err)
		}
	})
	dir := filepath.Join(t.TempDir(), "town")
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan town.Addresses, 1), make(chan error, 1)
	go func() {
		ended <- town.Run(ctx, town.Config{Dir: dir, Listen: "127.0.0.1:0", Days: 9, Seed: 1, Now: halltest.Steady(time.Now), Database: database.URL, Pages: web.Pages(), Out: io.Discard,
			Log: zerolog.Nop(), Ready: func(a town.Addresses) { ready <- a }})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	select {
	case a := <-ready:
		return a
	case err := <-ended:
		ended <- context.Canceled
		t.Fatal(err)
	case <-time.After(2 * time.Minute):
		t.Fatal("the city did not start")
	}
	return town.Addresses{}
}

// TestTheCity looks at a city and its halls as people do.
func TestTheCity(t *testing.T) {
	t.Parallel()
	where, b := newTown(t), startBrowser(t)
	t.Run("pages", func(t *testing.T) { seen(t, b, where) })
	t.Run("another hall is sooner", func(t *testing.T) { sooner(t, b, where) })
	t.Run("an appointment at another hall", func(t *testing.T) { away(t, b, where) })
}

// seen: an editor sees the halls at work, opens one with the keyboard, reads the report on the screen and on paper,
// and changes a matter; an administrator opens an account and changes no matter.
func seen(t *testing.T, b *rod.Browser, where town.Addresses) {
	t.Helper()
	p := open(t, b, where.City+"/", 1366, 768)
	login(t, p, "editor", town.Password)
	waitText(t, p, "hall-changji", "昌吉市政务服务大厅")
	p.Timeout(pageTime).MustWait(`() => [...document.querySelectorAll('[data-testid^="hall-"] .state.open')].length === 4`)
	at(p, "hall-changji").MustElement("button").MustFocus()
	p.Keyboard.MustType(input.Enter)
	p.Timeout(pageTime).MustWait(`() => document.querySelectorAll('.inside li').length > 0`)
	at(p, "tab-report").MustClick()
	today := time.Now().In(time.FixedZone("Asia/Shanghai", 8*3600))
	from, to := today.AddDate(0, 0, -7).Format(time.DateOnly), today.Format(time.DateOnly)
	p.MustNavigate(where.City + "/#report?from=" + from + "&to=" + to).MustReload()
	waitText(t, p, "table-waits", "二六工镇便民服务中心")
	waitText(t, p, "table-groups", "与其余大厅之差")
	if paper := p.MustPDF(); len(paper) < 20_000 {
		t.Errorf("the report on paper has %d bytes: it is blank", len(paper))
	}
	checkLead(t, p)
	publishNext(t, p)
	admin := open(t, b, where.City+"/#users", 390, 844)
	login(t, admin, "admin", town.Password)
	at(admin, "new-user").MustInput("zhou")
	at(admin, "new-name").MustInput("周")
	at(admin, "new-go").MustClick()
	waitText(t, admin, "given", "zhou")
	waitText(t, admin, "user-zhou", "还没有改初始密码")
	if wide := admin.MustEval(`() => document.documentElement.scrollWidth`).Int(); wide > 390 {
		t.Errorf("on a phone the page is %d pixels wide", wide)
	}
}

// checkLead finds what is told of leads, or that there are none.
func checkLead(t *testing.T, p *rod.Page) {
	t.Helper()
	at(p, "tab-leads").MustClick()
	p.Timeout(pageTime).MustWait(`() => document.querySelector('[data-testid="across"]') !== null`)
}

// publishNext changes a matter of the city's catalogue on the page.
func publishNext(t *testing.T, p *rod.Page) {
	t.Helper()
	at(p, "tab-standard").MustClick()
	at(p, "matter-SCJG-008").MustElement("button").MustClick()
	at(p, "promised").MustSelectAllText().MustInput("30")
	at(p, "keep").MustClick()
	p.Timeout(pageTime).MustWait(`() => document.querySelector('.panel')?.textContent.includes('不能多于')`)
	at(p, "promised").MustSelectAllText().MustInput("3")
	p.Keyboard.MustType(input.Enter)
	at(p, "standard-from").MustInputTime(time.Now().UTC().AddDate(0, 0, 1))
	at(p, "publish").MustClick()
	p.Timeout(pageTime).MustWait(`() => document.body.textContent.includes('已发布第 2 版')`)
	waitText(t, p, "adopted-changji", "昌吉市政务服务大厅")
}

// sooner: whoever waits long at one hall is told on the phone of another that is free, in Chinese and in Uyghur. The hall works
// on meanwhile: where the queue is gone when a slow machine shows the page, others come and the last of them looks.
func sooner(t *testing.T, b *rod.Browser, where town.Addresses) {
	t.Helper()
	const patient = 20 * time.Second
	kiosk := wire.New(where.Halls["changji"], where.Kiosk["changji"])
	for lang, words := range map[string]string{"zh": "别的大厅更快", "ug": "باشقا زالدا تېزراق"} {
		told := func() bool {
			p := open(t, b, where.Halls[hall.ID("changji")]+lastInLine(t, kiosk)+"?lang="+lang, 390, 844)
			for end := time.Now().Add(patient); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
				if says(p, "near", words) {
					return true
				}
			}
			return false
		}
		for end := time.Now().Add(pageTime); !told(); {
			if time.Now().After(end) {
				t.Fatalf("the phone does not say %q", words)
			}
		}
	}
}

// lastInLine takes tickets until another hall is named, and eight more, behind whom nobody would wait; it returns the last
// one's page.
func lastInLine(t *testing.T, kiosk *wire.Client) (track string) {
	t.Helper()
	take := func() string {
		ticket, err := kiosk.Take(context.Background(), wire.NewKey(), wire.TakeRequest{Matters: []string{"SCJG-004"}, Person: wire.Person{Kind: "none"}})
		if err != nil {
			t.Fatal(err)
		}
		return ticket.TrackURL
	}
	for end := time.Now().Add(4 * pageTime); ; time.Sleep(300 * time.Millisecond) {
		if near, err := kiosk.Nearby(context.Background(), []string{"SCJG-004"}); err == nil && len(near.Halls) > 0 {
			break
		}
		take()
		if time.Now().After(end) {
			t.Fatal("no other hall is named")
		}
	}
	for range 8 {
		track = take()
	}
	return track
}

// away: at the township's page somebody chooses the city's hall, books there, sees where to go, finds it again and gives it up.
func away(t *testing.T, b *rod.Browser, where town.Addresses) {
	t.Helper()
	for i, lang := range []string{"zh", "ug"} {
		p := &phone{t, open(t, b, where.Halls["erliugong"]+"/appointment?lang="+lang, 390, 844), lang}
		p.press("other-halls")
		at(p.page, "at-changji")
		p.fits("away-halls")
		p.press("at-changji")
		at(p.page, "other-halls")
		p.press("matter-SCJG-004")
		p.page.Timeout(pageTime).MustElement(`[data-testid^="day-"]:enabled`).MustClick()
		p.page.Timeout(pageTime).MustElement(`[data-testid^="slot-"]:enabled`).MustClick()
		at(p.page, "number").MustInput([]string{"11010519491231002X", "652301198501010031"}[i])
		p.press("who-next")
		at(p.page, "book")
		p.fits("away-check")
		p.press("book")
		waitText(t, p.page, "mine-where", "昌吉市政务服务大厅")
		p.fits("away-done")
		p.page.MustReload() // the page's address says at which hall
		waitText(t, p.page, "mine-where", "昌吉市政务服务大厅")
		p.press("cancel")
		p.press("cancel-sure")
		p.page.Timeout(pageTime).MustElement(`[data-testid="mine"].cancelled`)
	}
}
