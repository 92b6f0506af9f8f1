package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"yitang/server/wire"
)

// stage is what a row of the table of keys begins with.
type stage string

const (
	shut    stage = "shut"    // the window is closed
	idle    stage = "idle"    // it is open and somebody waits
	called  stage = "called"  // somebody with one matter has been called
	serving stage = "serving" // somebody with two matters is being served
	one     stage = "one"     // the same with one matter
	missed  stage = "missed"  // somebody did not come
	held    stage = "held"    // somebody fetches a copy
)

// keyRow is one act with the strokes it takes and what the hall must say then.
type keyRow struct {
	act     string
	english string
	from    stage
	strokes []string
	want    string // the ticket's state, or the window's after "window "
	ended   string // outcomes in the journal, separated by spaces
}

// keyRows are the twenty commonest acts of a window, roughly in the order of a day.
func keyRows() []keyRow {
	return []keyRow{
		{"开窗", "open the window", shut, []string{"F1"}, "window open", ""},
		{"叫下一位", "call the next", idle, []string{"Space"}, "called", ""},
		{"再叫一次", "call again", called, []string{"F2"}, "called", ""},
		{"开始办理", "begin the service", called, []string{"Space"}, "serving", ""},
		{"受理，办完", "accepted, finish", one, []string{"1", "Space"}, "done", "accepted"},
		{"受理并选免费邮寄，办完", "accepted, by free mail, finish", one, []string{"1", "e", "Space"}, "done", "accepted"},
		{"当场办结，办完", "done on the spot, finish", one, []string{"2", "Space"}, "done", "done"},
		{"补正（缺两份材料，打印通知书），办完", "two papers missing, with the notice, finish", one, []string{"3", "1", "2", "Enter", "Space"}, "done", "incomplete"},
		{"当场改正后受理，办完", "corrected here and accepted, finish", one, []string{"4", "Space"}, "done", "corrected"},
		{"咨询，办完", "advice, finish", one, []string{"7", "Space"}, "done", "consultation"},
		{"取件，办完", "collected, finish", one, []string{"8", "Space"}, "done", "collected"},
		{"缴费，办完", "paid, finish", one, []string{"9", "Space"}, "done", "paid"},
		{"查进度，办完", "asked how far it is, finish", one, []string{"0", "Space"}, "done", "progress"},
		{"两件事：一件受理、一件办结，办完", "two matters: one accepted, one done, finish", serving, []string{"1", "2", "Space"}, "done", "accepted done"},
		{"挂起，让对方去补材料", "hold, while papers are fetched", one, []string{"F6", "Enter"}, "held", ""},
		{"接着办挂起的号", "go on with who was on hold", held, []string{"h", "1"}, "serving", ""},
		{"转到别的类别", "send on to another field", one, []string{"F7", "b", "Enter"}, "waiting", ""},
		{"转到别的窗口（两位数）", "send on to another window (two digits)", one, []string{"F7", "1", "1", "Enter"}, "waiting", ""},
		{"过号", "did not come", called, []string{"F8"}, "no_show", ""},
		{"恢复过号的人排队", "let one who did not come queue again", missed, []string{"m", "1"}, "waiting", ""},
	}
}

const keysFile = "docs/keys.md"

// TestKeysOfTheWindow does the twenty commonest acts by the keyboard alone, counts the strokes, and holds docs/keys.md to
// them. YITANG_WRITE_KEYS=1 writes the file.
func TestKeysOfTheWindow(t *testing.T) {
	t.Parallel()
	rows := keyRows()
	text := keysText(rows)
	if os.Getenv("YITANG_WRITE_KEYS") != "" {
		if err := os.WriteFile(keysFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err := os.ReadFile(keysFile); err != nil || string(kept) != text {
		t.Errorf("%s does not say what is tested here (%v): run YITANG_WRITE_KEYS=1 go test -run TestKeysOfTheWindow .", keysFile, err)
	}
	d := newDesk(t, newHall(t, 12), startBrowser(t))
	if _, err := d.rig.clerk(t, 10).Open(context.Background(), "11"); err != nil {
		t.Fatal(err)
	}
	me := d.rig.clerk(t, 0)
	for _, row := range rows {
		number := d.prepare(me, row.from)
		d.keys(row.strokes...)
		if state, isWindow := strings.CutPrefix(row.want, "window "); isWindow {
			d.window("1", state)
		} else {
			d.becomes(number, row.want)
		}
		if got := d.ended(number); got != row.ended {
			t.Fatalf("%s: the journal has %q, not %q", row.act, got, row.ended)
		}
		d.clear(me, number)
	}
	d.bounces(me)
}

func keysText(rows []keyRow) string {
	var b strings.Builder
	b.WriteString("# 窗口页面：最常用的二十个操作要按几下 · The window: strokes of the twenty commonest acts\n\n" +
		"表由 `TestKeysOfTheWindow` 逐行在浏览器里按过，按键和次数以它为准。办完后两分钟内可按 `Z` 撤销。其他按键在页面上按 `?` 查看。\n\n" +
		"Each row is typed in a browser by `TestKeysOfTheWindow`. `Z` takes a finish back within two minutes. `?` shows all other keys on the page.\n\n" +
		"| 操作 | Act | 按键 Keys | 次数 Strokes |\n|---|---|---|---|\n")
	for _, r := range rows {
		shown := make([]string, len(r.strokes))
		for i, s := range r.strokes {
			shown[i] = "`" + strings.ToUpper(s[:1]) + s[1:] + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %d |\n", r.act, r.english, strings.Join(shown, " "), len(r.strokes))
	}
	return b.String()
}

// prepare brings window 1 into a stage and waits until the page shows it; it returns the ticket in question.
func (d *desk) prepare(me *wire.Client, from stage) string {
	d.Helper()
	ctx := context.Background()
	if from == shut {
		return ""
	}
	matters := []string{"SCJG-004", "SCJG-001"}
	if from != serving {
		matters = matters[:1]
	}
	number := d.take(matters...)
	if from == idle {
		waitText(d.T, d.page, "queue", number)
		return number
	}
	must(d, ctx, me.Next)
	switch from {
	case missed:
		must(d, ctx, me.NoShow)
		waitText(d.T, d.page, "missed", number)
		return number
	case called:
	default:
		must(d, ctx, me.Start)
	}
	if from == held {
		if _, err := me.Hold(ctx, "1", wire.HoldRequest{}); err != nil {
			d.Fatal(err)
		}
		waitText(d.T, d.page, "held", number)
		return number
	}
	waitText(d.T, d.page, "in-hand-number", number)
	if from != called {
		d.page.Timeout(pageTime).MustElement(`[data-testid="outcome-accepted"]:not([disabled])`)
	}
	heeds(d.page)
	return number
}

func must[A any](d *desk, ctx context.Context, act func(context.Context, wire.WindowID) (A, error)) {
	d.Helper()
	if _, err := act(ctx, "1"); err != nil {
		d.Fatal(err)
	}
}

// clear leaves window 1 with empty hands and nobody waiting.
func (d *desk) clear(me *wire.Client, number string) {
	d.Helper()
	ctx := context.Background()
	if number == "" {
		return
	}
	id := wire.TicketID(d.day + "-" + number)
	switch d.ticket(number).State {
	case "called", "serving":
		if _, err := me.Finish(ctx, "1", wire.FinishRequest{}); err != nil {
			d.Fatal(err)
		}
	case "waiting", "held", "no_show":
		if _, err := d.hall.Cancel(ctx, id); err != nil {
			d.Fatal(err)
		}
	}
	d.page.Timeout(pageTime).MustElementR(`[data-testid="act-main"]`, "叫下一位")
	heeds(d.page)
}

// ended are the outcomes that the journal has for a ticket.
func (d *desk) ended(number string) string {
	d.Helper()
	if number == "" {
		return ""
	}
	var brief wire.Brief
	d.rig.read(d.T, d.hall.Token, "/api/v1/tickets/"+d.day+"-"+number+"/brief", &brief)
	var all []string
	for _, leg := range brief.Legs {
		for _, o := range leg.Outcomes {
			all = append(all, o.Outcome)
		}
	}
	return strings.Join(all, " ")
}

// read gets JSON from the hall.
func (r *rig) read(t *testing.T, token, path string, out any) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, r.hall+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		t.Fatal(err)
	}
}

// window waits until a window is in a state.
func (d *desk) window(id, state string) {
	d.Helper()
	ctx, stop := context.WithTimeout(context.Background(), pageTime)
	defer stop()
	_ = d.hall.WatchHall(ctx, func(s wire.HallState) {
		for _, w := range s.Windows {
			if w.ID == id && w.State == state {
				stop()
			}
		}
	})
	if ctx.Err() != context.Canceled {
		d.Fatalf("window %s did not become %s", id, state)
	}
	heeds(d.page)
}

// bounces: a hand that hits the large key twice calls, and does not start the service.
func (d *desk) bounces(me *wire.Client) {
	d.Helper()
	first, second := d.prepare(me, idle), d.prepare(me, idle)
	time.Sleep(time.Until(d.large.Add(bounce)))
	press(d.page, "Space", "Space")
	d.becomes(first, "called")
	if a, b := d.ticket(first).State, d.ticket(second).State; a != "called" || b != "waiting" {
		d.Errorf("after two strokes at once the tickets are %s and %s", a, b)
	}
}
