package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/engine"
	"yitang/server/hall"
)

const dayCheck = 200 * time.Millisecond

// dayKeeper opens the business day by the hall's hours and closes it when the next one begins, and asks for more windows
// by the layout's reliefs; and it records who did not come to an appointment. What the rules refuse, or the hall is too busy
// for, is tried again at the next look.
type dayKeeper struct {
	eng *engine.Engine
	now func() time.Time
	log zerolog.Logger

	beforeDay func(ctx context.Context, day hall.Day) // called before a day is opened; nil = nothing
	given     func(ctx context.Context, day hall.Day) (hall.Given, error)

	looked bool   // since the start
	cut    string // what is to be said of a day that the server was not there to end; empty: nothing
}

func (k *dayKeeper) run(ctx context.Context) error {
	tick := time.NewTicker(dayCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			err := k.look(ctx)
			if errors.Is(err, engine.ErrMoved) || errors.Is(err, engine.ErrStopped) {
				return nil // why the hall stopped is the engine's to say
			}
			if err != nil {
				return err
			}
		}
	}
}

// look does what the clock asks for: at a change of day first the end of the old one, then the new one.
func (k *dayKeeper) look(ctx context.Context) error {
	for cmd := due(k.eng.View(), k.now()); cmd != nil; cmd = due(k.eng.View(), k.now()) {
		if open, ok := cmd.(hall.OpenDay); ok {
			var err error
			if cmd, err = k.opening(ctx, open); err != nil {
				return err
			}
		}
		before := k.eng.View()
		_, err := k.eng.Do(ctx, engine.Request{Actor: hall.System, Command: cmd})
		var refused *hall.Error
		if errors.As(err, &refused) || errors.Is(err, engine.ErrBusy) {
			k.log.Warn().Err(err).Msg("business day")
			return nil
		}
		if err != nil {
			return err
		}
		switch cmd.(type) {
		case hall.Relieve, hall.Settle:
			continue
		case hall.CallIdle:
			if k.eng.View().Seq == before.Seq { // the rule keeps the windows back: the next look asks again
				return nil
			}
			continue
		}
		v := k.eng.View()
		k.log.Info().Str("day", string(v.Day)).Bool("open", v.Open).Msg("business day")
		if !v.Open && !k.looked {
			k.cut = CutShort(before, v.At)
		}
		if err := errors.Join(k.tellSilence(ctx, before.Day, v), k.tellCut(ctx, v)); err != nil {
			return err
		}
	}
	k.looked = true
	return nil
}

// CutShort says in the hall's language that a server stopped on a day with people in the hall and was started again when the day
// was over: v is the hall as it stopped. "" where nobody was left.
func CutShort(v *hall.View, started hall.Millis) string {
	zone, err := time.LoadLocation(v.Layout.Zone)
	n := v.Totals
	if err != nil || n.Waiting+n.Called+n.Serving+n.Held == 0 {
		return ""
	}
	at := func(ms hall.Millis) string { return time.UnixMilli(int64(ms)).In(zone).Format("2006-01-02 15:04") }
	return fmt.Sprintf("营业日 %s 没有正常结束：服务器的最后一条记录在 %s，再启动已是 %s。当时没有办完的号已由系统结束：等候 %d 张、已叫到 %d 张、正在办理 %d 张、挂起 %d 张。"+
		"号票和办件都在，号码没有重复；办理时长不明的不计入报表。", v.Day, at(v.At), at(started), n.Waiting, n.Called, n.Serving, n.Held)
}

// tellCut tells log and manager, once the next day is open, of a day that was cut short; the day after takes it back.
func (k *dayKeeper) tellCut(ctx context.Context, v *hall.View) error {
	report := hall.ReportDevice{Device: "server", Part: "day", State: "up"}
	switch {
	case !v.Open:
		return nil
	case k.cut != "":
		k.log.Warn().Msg(k.cut)
		report.State, report.Reason, report.Note = "warning", "day_cut_short", k.cut
		k.cut = ""
	case !slices.ContainsFunc(v.Devices, func(d hall.Device) bool { return d.Device == "server" && d.Part == "day" && d.State != "up" }):
		return nil
	}
	return k.say(ctx, report)
}

// say reports something of the server's own. What the hall is too busy for is in the log.
func (k *dayKeeper) say(ctx context.Context, report hall.ReportDevice) error {
	_, err := k.eng.Do(ctx, engine.Request{Actor: hall.System, Command: report})
	var refused *hall.Error
	if errors.As(err, &refused) || errors.Is(err, engine.ErrBusy) {
		k.log.Warn().Err(err).Str("part", report.Part).Msg("not told")
		return nil
	}
	return err
}

// tellSilence tells log and manager of a day that was opened long after the last one: a clock that jumped while the machine was
// off looks the same. What was said of the clock on an earlier day is over with the next one.
func (k *dayKeeper) tellSilence(ctx context.Context, last hall.Day, v *hall.View) error {
	report := hall.ReportDevice{Device: "server", Part: "clock", State: "up", Reason: "clock_" + string(hall.ClockRight)}
	said := Silence(last, v.Day)
	switch at := hall.Millis(k.now().UnixMilli()); {
	case !v.Open:
		return nil
	case said != "":
		k.log.Warn().Msg(said)
		report.State, report.Reason, report.Note = "warning", "clock_silent", said
	case v.Clock(at) != hall.ClockRight || wordOf(v).State == "" || at-wordOf(v).Since < saidOfDay:
		return nil
	}
	return k.say(ctx, report)
}

// opening completes the command that opens a day.
func (k *dayKeeper) opening(ctx context.Context, open hall.OpenDay) (_ hall.Command, err error) {
	if k.beforeDay != nil {
		k.beforeDay(ctx, open.Day)
	}
	open.Given, err = k.given(ctx, open.Day)
	return open, err
}

// due is the command that the clock asks for, or nil. A clock that is not believed asks for nothing: it must not end the day.
func due(v *hall.View, now time.Time) hall.Command {
	if len(v.Layout.Matters) == 0 {
		return nil
	}
	zone, err := time.LoadLocation(v.Layout.Zone)
	if err != nil {
		return nil
	}
	if v.Clock(hall.Millis(now.UnixMilli())) == hall.ClockAhead {
		return nil
	}
	today := hall.BusinessDay(zone, now)
	if v.Open {
		if v.Day < today {
			return hall.CloseDay{}
		}
		if v.ReliefDue(hall.Millis(now.UnixMilli())) {
			return hall.Relieve{}
		}
		if v.SettleDue(hall.Millis(now.UnixMilli())) {
			return hall.Settle{}
		}
		if v.IdleDue(hall.Millis(now.UnixMilli())) {
			return hall.CallIdle{}
		}
		return nil
	}
	from, until, ok := v.Layout.Hours.Begins(zone, today)
	if !ok || v.Day >= today || now.Before(from) || !until.IsZero() && !now.Before(until) {
		return nil
	}
	open := hall.OpenDay{Day: today}
	if !until.IsZero() {
		open.IssueUntil = hall.Millis(until.UnixMilli())
	}
	return open
}
