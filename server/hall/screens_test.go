package hall_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"yitang/server/hall"
)

const manager hall.Actor = "manager:m"

func TestArrangeScreens(t *testing.T) {
	d := newDay(t)
	plan := hall.DefaultPlan("lobby", hall.HallScreen)
	d.do(manager, hall.SetAreas{Areas: []hall.Area{{ID: "east", Name: hall.Text{"zh": "东区"}, Windows: []hall.WindowID{one}}}})
	plan.Arrows = map[hall.AreaID]hall.Direction{"east": "left"}
	d.do(manager, hall.ArrangeScreen{Plan: plan})
	before := d.s.View().Screens
	plan.Name = "大门"
	d.do(manager, hall.ArrangeScreen{Plan: plan})
	v := d.s.View().Screens
	if len(v.Screens) != 1 || v.Plan("lobby").Name != "大门" || before.Plan("lobby").Name != "" || v.Plan("other") != nil {
		t.Errorf("arranged: %+v, the view before: %+v", v.Screens, before.Screens)
	}
	d.do(manager, hall.PostNotice{Notice: hall.Notice{ID: "n1", Text: hall.Text{"zh": "一"}, Until: d.at + 1000}})
	d.do(manager, hall.PostNotice{Notice: hall.Notice{ID: "n2", Text: hall.Text{"zh": "二"}}})
	d.at += 2000
	d.do(manager, hall.PostNotice{Notice: hall.Notice{ID: "n3", Text: hall.Text{"zh": "三"}}})
	if got := fmt.Sprint(d.s.View().Screens.Notices); strings.Contains(got, "n1") || !strings.Contains(got, "n2") || !strings.Contains(got, "n3") {
		t.Errorf("notices: %s", got)
	}
	d.do(manager, hall.DropNotice{Notice: "n2"})
	d.do(manager, hall.RemoveScreen{Screen: "lobby"})
	v = d.s.View().Screens
	if len(v.Screens) != 0 || len(v.Notices) != 1 || len(v.Areas) != 1 {
		t.Errorf("left: %+v", v)
	}
}

func TestDefaultPlansAreGood(t *testing.T) {
	for _, kind := range []hall.ScreenKind{hall.HallScreen, hall.AreaScreen, hall.WindowScreen, hall.WaitingScreen} {
		p := hall.DefaultPlan("s", kind)
		p.Fields, p.Window = []hall.FieldID{"A"}, one
		newDay(t).do(manager, hall.ArrangeScreen{Plan: p})
	}
}

func TestScreensRefused(t *testing.T) {
	plan := func(change func(p *hall.ScreenPlan)) hall.Command {
		p := hall.DefaultPlan("s", hall.HallScreen)
		change(&p)
		return hall.ArrangeScreen{Plan: p}
	}
	voice := func(change func(v *hall.Voice)) hall.Command {
		v := hall.DefaultVoice()
		change(&v)
		return hall.SetVoice{Voice: v}
	}
	panels := func(list ...hall.Panel) hall.Command {
		return plan(func(p *hall.ScreenPlan) { p.Portrait = list })
	}
	for _, c := range []struct {
		word string
		cmd  hall.Command
	}{
		{"屏幕编号", plan(func(p *hall.ScreenPlan) { p.ID = "a/b" })},
		{"kind", plan(func(p *hall.ScreenPlan) { p.Kind = "cinema" })},
		{"theme", plan(func(p *hall.ScreenPlan) { p.Theme = "pink" })},
		{"window", plan(func(p *hall.ScreenPlan) { p.Kind = hall.WindowScreen })},
		{"fields", plan(func(p *hall.ScreenPlan) { p.Kind = hall.AreaScreen })},
		{"Q", plan(func(p *hall.ScreenPlan) { p.Fields = []hall.FieldID{"Q"} })},
		{"zone", plan(func(p *hall.ScreenPlan) { p.Zone = []hall.WindowID{"77"} })},
		{"area", plan(func(p *hall.ScreenPlan) { p.Area = "moon" })},
		{"arrows", plan(func(p *hall.ScreenPlan) { p.Arrows = map[hall.AreaID]hall.Direction{"moon": "up"} })},
		{"zh", plan(func(p *hall.ScreenPlan) { p.Languages = []string{"ug"} })},
		{"fr", plan(func(p *hall.ScreenPlan) { p.Languages = []string{"zh", "fr"} })},
		{"ticker", plan(func(p *hall.ScreenPlan) { p.Ticker = hall.Text{"zh": strings.Repeat("长", 301)} })},
		{"portrait", panels()},
		{"newspaper", panels(hall.Panel{Kind: "newspaper", W: 1, H: 1})},
		{"网格", panels(hall.Panel{Kind: hall.HeadPanel, X: 20, W: 5, H: 1})},
		{"网格", panels(hall.Panel{Kind: hall.HeadPanel, X: 1 << 62, W: 1 << 62, H: 1})},
		{"重叠", panels(hall.Panel{Kind: hall.HeadPanel, W: 5, H: 5}, hall.Panel{Kind: hall.NewestPanel, X: 4, Y: 4, W: 5, H: 5})},
		{"中文", hall.PostNotice{Notice: hall.Notice{ID: "n", Text: hall.Text{"ug": "x"}}}},
		{"n9", hall.DropNotice{Notice: "n9"}},
		{"没有自己的版式", hall.RemoveScreen{Screen: "s"}},
		{"中文名称", hall.SetAreas{Areas: []hall.Area{{ID: "east"}}}},
		{"88", hall.SetAreas{Areas: []hall.Area{{ID: "east", Name: hall.Text{"zh": "东"}, Windows: []hall.WindowID{"88"}}}}},
		{"rate", voice(func(v *hall.Voice) { v.Rate = 20 })},
		{"times", voice(func(v *hall.Voice) { v.Times = 0 })},
		{"every_s", voice(func(v *hall.Voice) { v.EveryS = 1 })},
		{"volumes", voice(func(v *hall.Voice) { v.Volumes = []hall.VolumeFrom{{From: 60}, {From: 60}} })},
		{"languages", voice(func(v *hall.Voice) { v.Languages = nil })},
	} {
		d := newDay(t)
		_, err := hall.Decide(d.s, c.cmd, d.at, manager)
		var refused *hall.Error
		if !errors.As(err, &refused) || !strings.Contains(refused.Message, c.word) {
			t.Errorf("%+v: %v, want a refusal with %q", c.cmd, err, c.word)
		}
	}
}

func TestVolumeByHour(t *testing.T) {
	v := hall.Voice{Volumes: []hall.VolumeFrom{{From: 480, Volume: 100}, {From: 1200, Volume: 40}}}
	for minute, want := range map[int]int{0: 40, 479: 40, 480: 100, 1199: 100, 1200: 40} {
		if got := v.VolumeAt(minute); got != want {
			t.Errorf("minute %d: %d, want %d", minute, got, want)
		}
	}
	if got := (&hall.Voice{}).VolumeAt(5); got != 100 {
		t.Errorf("without a table: %d", got)
	}
}

// TestACallStaysUntilFollowed: however many calls come after it, one that nobody has followed is not forgotten.
func TestACallStaysUntilFollowed(t *testing.T) {
	d := newDay(t)
	first := d.take("A-1")
	d.do(li, hall.OpenWindow{Window: one}, hall.CallNext{Window: one})
	d.do(wang, hall.OpenWindow{Window: "2"})
	for range 60 {
		d.take("B-1")
		d.do(wang, hall.CallNext{Window: "2"})
		d.do(wang, hall.Start{Window: "2"})
		d.do(wang, hall.Finish{Window: "2"})
	}
	v := d.s.View()
	if len(v.Calls) != 40 || v.Calls[0].Ticket != first || v.Calls[0].State != hall.Called {
		t.Errorf("%d calls, the oldest is %+v", len(v.Calls), v.Calls[0])
	}
}

func TestPauseUntil(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one}, hall.PauseWindow{Window: one, Until: d.at + 60_000})
	if w := d.s.Window(one); w.Until != d.at+60_000 {
		t.Errorf("paused until %d", w.Until)
	}
	d.do(li, hall.ResumeWindow{Window: one})
	if w := d.s.Window(one); w.Until != 0 {
		t.Errorf("open again, still until %d", w.Until)
	}
}

// TestTheScreensOutliveTheirWindows: what a new layout has left without a window bars no other change, and can be taken away piece
// by piece.
func TestTheScreensOutliveTheirWindows(t *testing.T) {
	d := newDay(t)
	for _, w := range []hall.WindowID{"2", "3"} {
		p := hall.DefaultPlan(hall.ScreenID("over-"+w), hall.WindowScreen)
		p.Window = w
		d.do(manager, hall.ArrangeScreen{Plan: p})
	}
	d.do(manager, hall.SetAreas{Areas: []hall.Area{{ID: "east", Name: hall.Text{"zh": "东区"}, Windows: []hall.WindowID{"2", "3"}}}})
	less := layout()
	less.Windows = []hall.WindowPlan{less.Windows[0], less.Windows[3]}
	d.do(manager, hall.AdoptLayout{Layout: less})
	d.do(manager, hall.PostNotice{Notice: hall.Notice{ID: "n", Text: hall.Text{"zh": "一"}}},
		hall.RemoveScreen{Screen: "over-2"}, hall.SetAreas{}, hall.RemoveScreen{Screen: "over-3"})
	p := hall.DefaultPlan("over-2", hall.WindowScreen)
	p.Window = "2"
	d.expect(hall.CodeInvalid, manager, hall.ArrangeScreen{Plan: p})
}
