package main_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
	"yitang/web"
)

// TestTheManagerEndsADayByMistake: the page says what the end costs and wants a word for it; the day is taken up again by the
// same way, and who waited waits.
func TestTheManagerEndsADayByMistake(t *testing.T) {
	t.Parallel()
	h := halltest.Make(t, 2)
	h.Pages = web.Pages()
	h.Start()
	made := halltest.Into[wire.Ticket](h, h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "k", map[string]any{"matters": h.Matters[:1]}))
	p := open(t, startBrowser(t), h.URL+"/manager", 1366, 768)
	login(t, p, "manager", halltest.Password)
	for _, act := range []struct{ button, says, then, state string }{
		{"day-close", "1 位正在等候", "day-reopen", "abandoned"},
		{"day-reopen", "号码接着发", "day-close", "waiting"},
	} {
		at(p, act.button).MustClick()
		waitText(t, p, "day-box", act.says)
		if at(p, "day-go").MustProperty("disabled").Bool() != true {
			t.Errorf("%s goes without agreement", act.button)
		}
		at(p, "day-agree").MustClick()
		at(p, "day-go").MustClick()
		at(p, act.then)
		if got := halltest.Into[wire.Ticket](h, h.Get(200, h.Tokens[account.Clerk], "/api/v1/tickets/"+made.ID)); got.State != act.state {
			t.Errorf("after %s the ticket is %s, not %s", act.button, got.State, act.state)
		}
	}
}

// hoursHall is a hall that opens from 10 to 14 and from 16 to 20, at a moment of 3 June 2025 in Beijing.
func hoursHall(t *testing.T, windows int, at *atomic.Int64) *halltest.Hall {
	t.Helper()
	layout := halltest.Layout(t, windows)
	layout.Hours = hall.Hours{Spans: []hall.Span{{From: 10 * 60, To: 14 * 60}, {From: 16 * 60, To: 20 * 60}}}
	h := halltest.With(t, layout)
	h.Pages = web.Pages()
	h.Now = func() time.Time { return time.UnixMilli(at.Load()) }
	h.Start()
	return h
}

// beijing is a moment of 3 June 2025.
func beijing(hour, minute int) int64 {
	return time.Date(2025, 6, 3, hour-8, minute, 0, 0, time.UTC).UnixMilli()
}

// TestADayIsTakenUpInTheEvening: a day that is opened again after its closing time gives no numbers; the page says so before and
// after.
func TestADayIsTakenUpInTheEvening(t *testing.T) {
	var now atomic.Int64
	now.Store(beijing(11, 0))
	h := hoursHall(t, 1, &now)
	p := open(t, startBrowser(t), h.URL+"/manager", 1366, 768)
	login(t, p, "manager", halltest.Password)
	waitText(t, p, "day-box", "平时不用管")
	now.Store(beijing(20, 30))
	for _, act := range []struct{ button, says, then, now string }{
		{"day-close", "作废", "day-reopen", "今天之内可以恢复"},
		{"day-reopen", "20:00 已经结束，恢复以后不再发新号", "day-close", "取号时间到 20:00 为止，现在不再发新号"},
	} {
		at(p, act.button).MustClick()
		waitText(t, p, "day-box", act.says)
		at(p, "day-agree").MustClick()
		at(p, "day-go").MustClick()
		at(p, act.then)
		waitText(t, p, "day-box", act.now)
	}
}

// TestTheBreakOnScreen: before the first opening and between the openings the largest place of a screen says when it goes on, the windows that pause
// stand together with that time, or with the time that a clerk gave.
func TestTheBreakOnScreen(t *testing.T) {
	var now atomic.Int64
	now.Store(beijing(9, 40))
	h := hoursHall(t, 6, &now)
	p := open(t, startBrowser(t), h.URL+"/screen/hall-1?lang=zh&token="+h.Tokens[account.Screen], 1920, 1080)
	waitText(t, p, "newest", "10:00 开始办理")
	now.Store(beijing(13, 50))
	for i := range h.Clerks {
		h.Post(200, h.Clerks[i], fmt.Sprintf("/api/v1/windows/%d/open", i+1), "", nil)
	}
	h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "k", map[string]any{"matters": h.Matters[:1]})
	for _, act := range []string{"next", "start"} {
		h.Post(200, h.Clerks[0], "/api/v1/windows/1/"+act, "", nil)
	}
	waitText(t, p, "call-number", "A001")
	now.Store(beijing(14, 5))
	h.Post(200, h.Clerks[0], "/api/v1/windows/1/finish", "", map[string]any{})
	for i, pause := range []wire.PauseRequest{{}, {}, {}, {Minutes: 30}, {}} {
		h.Post(200, h.Clerks[i], fmt.Sprintf("/api/v1/windows/%d/pause", i+1), "", pause)
	}
	for _, says := range []string{"午间休息", "16:00 继续办理"} {
		waitText(t, p, "newest", says)
	}
	for _, says := range []string{"午休窗口", "1–3", "14:35 恢复", "16:00 恢复"} {
		waitText(t, p, "paused", says)
	}
	now.Store(beijing(16, 0))
	h.Post(200, h.Clerks[0], "/api/v1/windows/1/resume", "", nil)
	waitText(t, p, "newest", "请稍候")
	waitText(t, p, "paused", "暂停窗口")
}

// TestAnAddressWithoutPage says so in each language, fits a phone, and leads home; a screen that nobody let in does too.
func TestAnAddressWithoutPage(t *testing.T) {
	h := halltest.Make(t, 1)
	h.Pages = web.Pages()
	h.Start()
	b := startBrowser(t)
	for _, lang := range []string{"zh", "ug"} {
		p := &phone{t, open(t, b, h.URL+"/nope?lang="+lang, 390, 844), lang}
		at(p.page, "home")
		p.fits("missing")
		tight := p.page.MustEval(`() => [...document.querySelectorAll('button, a')].filter((e) => {
			const words = document.createRange()
			words.selectNodeContents(e)
			return e.getBoundingClientRect().width - words.getBoundingClientRect().width < 8
		}).map((e) => e.textContent).join()`).Str()
		if tight != "" {
			t.Errorf("%s: the words touch the edge of %s", lang, tight)
		}
	}
	open(t, b, h.URL+"/screen/nope", 1280, 720).MustElement(`a[href="/"]`)
}
