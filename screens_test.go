package main_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"

	"yitang/server/wire"
)

// clipMS is how long a recorded word of these tests lasts: short, so that twenty calls are spoken in a few seconds.
const clipMS = 20

// recordWords puts a voice of short clips into a hall's folder.
func recordWords(t *testing.T, dir string) {
	t.Helper()
	n := 22050 * clipMS / 1000
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), uint32(36+2*n))
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x22\x56\x00\x00\x44\xAC\x00\x00\x02\x00\x10\x00data"...)
	b = le.AppendUint32(b, uint32(2*n))
	for i := range n {
		b = le.AppendUint16(b, uint16(int16(6000-12000*(i/30%2))))
	}
	folder := filepath.Join(dir, "clips", "zh")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields("请 号 到 窗口 办理 零 一 二 三 四 五 六 七 八 九 十 A B C D E F G H") {
		if err := os.WriteFile(filepath.Join(folder, word+".wav"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// speakShort has the hall speak Chinese only, without a gong, each call once.
func speakShort(t *testing.T, r *rig) {
	t.Helper()
	recordWords(t, r.server.dir)
	m := r.client(t)
	err := m.SetVoice(context.Background(), wire.VoicePlan{Languages: []string{"zh"}, Rate: 160, Times: 1, EveryS: 600, Volumes: []wire.VolumeFrom{}})
	if err != nil {
		t.Fatal(err)
	}
}

// logPlayback writes down what the page's audio element plays from its beginning to its end.
const logPlayback = `() => {
	window.played = []
	const audio = document.querySelector('[data-testid="voice"]')
	let now = ''
	audio.addEventListener('playing', () => (now = new URL(audio.currentSrc).pathname.split('/').slice(-2).join('>')))
	audio.addEventListener('ended', () => window.played.push(now))
}`

// TestTwentyCallsAreSpoken calls twenty numbers within two seconds: the board shows them, and the page's audio element
// plays every one of them to its end, in the order of the calls.
func TestTwentyCallsAreSpoken(t *testing.T) {
	t.Parallel()
	const calls = 20
	r, b := newHall(t, calls), startBrowser(t)
	speakShort(t, r)
	page := open(t, b, r.hall+"/screen/hall-1?token="+r.access.ScreenToken, 1920, 1080)
	page.MustElement(".stage").MustClick() // a browser wants a touch before any sound
	page.MustEval(logPlayback)
	clerks := r.openWindows(t, calls)
	begun := time.Now()
	var want []string
	for i, c := range clerks {
		next, err := c.Next(context.Background(), wire.WindowID(fmt.Sprint(i+1)))
		if err != nil || next == nil {
			t.Fatalf("window %d: %v", i+1, err)
		}
		want = append(want, fmt.Sprintf("%s>%d", next.Ticket.Number, i+1))
	}
	called := time.Since(begun)
	waitText(t, page, "call-number", strings.Split(want[calls-1], ">")[0])
	played := waitPlayed(t, page, calls)
	if fmt.Sprint(played) != fmt.Sprint(want) {
		t.Errorf("played %v\nwant   %v", played, want)
	}
	t.Logf("%d calls within %v, the last one was spoken %v after the first call", calls, called.Round(time.Millisecond), time.Since(begun).Round(time.Millisecond))
	// Who has not come stays on the board: the newest, and the others page by page, of which the last may have few.
	page.Timeout(pageTime).MustWait(`() => document.querySelectorAll('[data-testid="recent-call"].called').length >= 4`)
}

func waitPlayed(t *testing.T, p *rod.Page, n int) []string {
	t.Helper()
	var played []string
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		played = nil
		for _, v := range p.MustEval(`() => window.played`).Arr() {
			played = append(played, v.Str())
		}
		if len(played) >= n {
			time.Sleep(300 * time.Millisecond) // one more would be one too many
			return append(played, make([]string, max(0, p.MustEval(`() => window.played.length`).Int()-len(played)))...)
		}
	}
	t.Fatalf("only %d calls were played: %v, sound %s", len(played), played, p.MustEval(`() => document.querySelector('audio').error?.message`))
	return nil
}

// openWindows opens the first n windows, with as many tickets waiting.
func (r *rig) openWindows(t *testing.T, n int) []*wire.Client {
	t.Helper()
	ctx := context.Background()
	device := wire.New(r.hall, r.access.DeviceToken)
	var clerks []*wire.Client
	for i := range n {
		if _, err := device.Take(ctx, "", wire.TakeRequest{Matters: []string{"SCJG-004"}}); err != nil {
			t.Fatal(err)
		}
		c := wire.New(r.hall, "")
		s, err := c.Login(ctx, wire.Login{User: r.access.Clerks[i].User, Password: r.access.Clerks[i].Password})
		if err != nil {
			t.Fatal(err)
		}
		c = c.WithToken(s.Token)
		if _, err := c.Open(ctx, wire.WindowID(r.access.Clerks[i].Window)); err != nil {
			t.Fatal(err)
		}
		clerks = append(clerks, c)
	}
	return clerks
}

// TestAScreenAfterAPowerCut: the line goes and comes back, the screen keeps its picture meanwhile, says what is new, and
// says nothing twice.
func TestAScreenAfterAPowerCut(t *testing.T) {
	t.Parallel()
	r, b := newHall(t, 4), startBrowser(t)
	speakShort(t, r)
	page := open(t, b, r.hall+"/screen/hall-1?token="+r.access.ScreenToken, 1280, 720)
	page.MustElement(".stage").MustClick()
	page.MustEval(logPlayback)
	clerks := r.openWindows(t, 3)
	next := func(i int) string {
		n, err := clerks[i].Next(context.Background(), wire.WindowID(fmt.Sprint(i+1)))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s>%d", n.Ticket.Number, i+1)
	}
	first := next(0)
	if got := waitPlayed(t, page, 1); got[0] != first {
		t.Fatalf("played %v", got)
	}
	r.server.kill()
	at(page, "stale")
	waitText(t, page, "call-number", "A001") // the last state stays
	r.server.start(t)
	second := next(1)
	if got := waitPlayed(t, page, 2); fmt.Sprint(got) != fmt.Sprint([]string{first, second}) {
		t.Errorf("after the power cut: %v", got)
	}
	page.MustReload() // the screen's own power
	page.MustElement(".stage")
	page.MustEval(logPlayback)
	untouched := open(t, b, r.hall+"/screen/hall-1?token="+r.access.ScreenToken, 1280, 720)
	untouched.MustElement(".stage")
	third := next(2)
	at(untouched, "sound-blocked") // only text, and a word about it
	if got := waitPlayed(t, page, 1); fmt.Sprint(got) != fmt.Sprint([]string{third}) {
		t.Errorf("after the screen's own power cut: %v", got)
	}
}

// TestBoardsAreLegible measures the newest number on each size of screen: at least an eighth of the screen's height, in
// figures as they stand on the glass, not only as lines of text; and the Uyghur board mirrored as a whole, its numbers
// not.
func TestBoardsAreLegible(t *testing.T) {
	t.Parallel()
	const capHeight = 0.733 // of a figure in Noto Sans CJK, in em
	r, b := newHall(t, 2), startBrowser(t)
	clerks := r.openWindows(t, 1)
	if _, err := clerks[0].Next(context.Background(), "1"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path          string
		width, height int
		rtl           bool
	}{
		{"hall-1?", 1280, 720, false}, {"hall-1?", 1920, 1080, false}, {"hall-1?", 3840, 2160, false}, {"hall-1?", 1080, 1920, false},
		{"waiting-1?", 1080, 1920, false}, {"window-1?", 1920, 1080, false}, {"window-1?", 1080, 1920, false}, {"hall-1?lang=ug,zh&", 1920, 1080, true}, {"hall-1?lang=kk&", 1080, 1920, true},
	} {
		p := open(t, b, r.hall+"/screen/"+c.path+"token="+r.access.ScreenToken, c.width, c.height)
		waitText(t, p, "call-number", "A001")
		size := p.MustEval(`() => parseFloat(getComputedStyle(document.querySelector('[data-testid="call-number"]')).fontSize)`).Num()
		if size*capHeight < float64(c.height)/8 {
			t.Errorf("%s at %d×%d: the figures are %.0f px high, less than an eighth", c.path, c.width, c.height, size*capHeight)
		}
		spill := p.MustEval(`() => [...document.querySelectorAll('.box .num, .stage p')].filter((e) => { const r = e.getBoundingClientRect(); return r.width && (r.left < -1 || r.right > innerWidth + 1 || r.bottom > innerHeight + 1) }).map((e) => e.textContent).join()`).Str()
		if spill != "" {
			t.Errorf("%s at %d×%d: beyond the edge: %s", c.path, c.width, c.height, spill)
		}
		left := p.MustEval(`() => document.querySelector('[data-testid="call-number"]').getBoundingClientRect().left < document.querySelector('[data-testid="call-window"]').getBoundingClientRect().left`).Bool()
		dir := p.MustEval(`() => getComputedStyle(document.querySelector('[data-testid="call-number"]')).direction + ' ' + document.documentElement.dir`).Str()
		if want := map[bool]string{false: "ltr ltr", true: "ltr rtl"}[c.rtl]; dir != want || c.width > c.height && left == c.rtl && !strings.HasPrefix(c.path, "window") {
			t.Errorf("%s: directions %s, the number is left of the window: %t", c.path, dir, left)
		}
		p.MustClose()
	}
}

// TestTheManagerArrangesAScreen moves a panel with the keyboard, adds one, sees it in the live preview and then on the
// real screen; posts a notice and asks the screen for its name.
func TestTheManagerArrangesAScreen(t *testing.T) {
	t.Parallel()
	r, b := newHall(t, 4), startBrowser(t)
	screen := open(t, b, r.hall+"/screen/hall-1?token="+r.access.ScreenToken, 1280, 720)
	screen.MustElement(".stage")
	desk := open(t, b, r.hall+"/manager/screens", 1600, 1200)
	login(t, desk, r.access.Manager.User, r.access.Manager.Password)
	waitText(t, desk, "screen-hall-1", "1280×720")
	at(desk, "edit-hall-1").MustClick()
	at(desk, "panel-waiting").MustFocus().MustType(input.Delete)
	desk.MustElement(`[data-testid="editor"] select[aria-label]`).MustSelect("所有窗口")
	at(desk, "add-panel").MustClick()
	at(desk, "panel-windows")
	preview := at(desk, "preview").MustFrame().Context(context.Background())
	preview.Timeout(pageTime).MustElementR("li .id", "4") // window 4, in the preview, before anything is saved
	if has, _, _ := screen.HasR("li .id", "4"); has {
		t.Error("the real screen shows what was not saved")
	}
	at(desk, "save").MustClick()
	waitText(t, desk, "done", "hall-1")
	screen.Timeout(pageTime).MustElementR("li .id", "4")
	at(desk, "notice-zh").MustInput("三号电梯检修，请走楼梯")
	at(desk, "notice-post").MustClick()
	screen.Timeout(pageTime).MustElementR(".ticker", "三号电梯检修")
	at(desk, "identify-hall-1").MustClick()
	waitText(t, screen, "screen-name", "hall-1")
}
