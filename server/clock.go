package server

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/engine"
	"yitang/server/hall"
)

// A clock that is set may move so much without a word.
const (
	clockLook  = 5 * time.Second
	clockSlack = 2 * time.Second
)

// ClockJump says in the hall's language that the machine's clock was set while it ran: wall is how much it went on, passed how
// much time really passed. "" when it was not.
func ClockJump(wall, passed time.Duration) string {
	switch jump := wall - passed; {
	case jump > clockSlack:
		return fmt.Sprintf("本机时钟向前跳了 %s。号票时间以跳变后的时钟为准；若跳错了，请校正时钟：已发生的时间不会倒退。", jump.Round(time.Second))
	case jump < -clockSlack:
		return fmt.Sprintf("本机时钟向后拨了 %s。在时钟追上之前，新的记录都记为跳变前的最后时刻；号码不会重复，营业日不会倒退。", (-jump).Round(time.Second))
	}
	return ""
}

// silentDays is from how many days after the last one a hall's opening is told: a weekend and a free day on each side are usual.
const silentDays = 5

// Silence says in the hall's language that a hall opens long after its last day; "" when it does not.
func Silence(last, day hall.Day) string {
	from, err1 := time.Parse(time.DateOnly, string(last))
	to, err2 := time.Parse(time.DateOnly, string(day))
	if err1 != nil || err2 != nil || to.Before(from.AddDate(0, 0, silentDays)) {
		return ""
	}
	return fmt.Sprintf("本机时钟今天是 %s，而上一营业日是 %s，其间没有开门，那些天的预约已作废。大厅并没有停业的话，就是本机时钟错了：请校正时钟，再请系统管理员在 /admin 的“服务器”里确认日期。", day, last)
}

// clockWatch tells log and manager when somebody, or a dead battery, has set the machine's clock, and while it does not fit to
// the journal.
type clockWatch struct {
	eng *engine.Engine
	now func() time.Time
	log zerolog.Logger

	state hall.ClockState // that was told; empty before the first look
}

func (w *clockWatch) run(ctx context.Context) error {
	tick := time.NewTicker(clockLook)
	defer tick.Stop()
	last := time.Now()
	for {
		if err := w.fits(ctx); err != nil && ctx.Err() == nil {
			w.log.Error().Err(err).Msg("clock")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := time.Now()
		said := ClockJump(now.Round(0).Sub(last.Round(0)), now.Sub(last)) // Round takes the monotonic reading away
		last = now
		if said == "" {
			continue
		}
		w.log.Warn().Msg(said)
		jumped := hall.ReportDevice{Device: "server", Part: "clock", State: "warning", Reason: "clock_set_" + now.UTC().Format("20060102T150405"), Note: said}
		if err := w.report(ctx, jumped); err != nil && ctx.Err() == nil {
			w.log.Error().Err(err).Msg("clock")
		}
	}
}

// fits says when the clock has begun not to fit to the journal, and when it fits again.
func (w *clockWatch) fits(ctx context.Context) error {
	v, now := w.eng.View(), w.now()
	zone, err := time.LoadLocation(v.Layout.Zone)
	state := v.Clock(hall.Millis(now.UnixMilli()))
	if err != nil || state == w.state {
		return err
	}
	report := hall.ReportDevice{Device: "server", Part: "clock", State: "up", Reason: "clock_" + string(state)}
	if said := ClockWords(v, zone, now); said != "" {
		w.log.Warn().Msg(said)
		report.State, report.Note = "down", said
	} else if w.state == "" && wordOf(v).State != "down" { // a warning stands until the next day
		w.state = state
		return nil
	}
	if err := w.report(ctx, report); err != nil {
		return err
	}
	w.state = state
	return nil
}

// ClockWords says in the hall's language how the clock stands to the journal and what to do; "" while it is right.
func ClockWords(v *hall.View, zone *time.Location, now time.Time) string {
	const minute = "2006-01-02 15:04"
	shown, last := now.In(zone).Format(minute), time.UnixMilli(int64(v.At)).In(zone).Format(minute)
	const right = "请校正本机时钟；时钟没有错的话，请系统管理员在 /admin 的“服务器”里确认日期。"
	switch v.Clock(hall.Millis(now.UnixMilli())) {
	case hall.ClockAhead:
		return fmt.Sprintf("本机时钟是 %s，而日志的最后一条是 %s，相隔太久。确认之前不开始新的营业日，新的记录都记为那一刻。", shown, last) + right
	case hall.ClockBehind:
		said := fmt.Sprintf("本机时钟是 %s，早于日志的最后一条 %s。时钟追上之前，新的记录都记为那一刻", shown, last)
		if v.Day > hall.BusinessDay(zone, now) {
			said += fmt.Sprintf("，%s 以前不会开始新的营业日", v.Day)
		}
		return said + "。" + right
	}
	return ""
}

// saidOfDay is how old a word about the clock is that belongs to an earlier day.
const saidOfDay = hall.Millis(6 * time.Hour / time.Millisecond)

// wordOf is what was said of the clock and stands; the zero value where nothing does.
func wordOf(v *hall.View) hall.Device {
	for _, d := range v.Devices {
		if d.Device == "server" && d.Part == "clock" && d.State != "up" {
			return d
		}
	}
	return hall.Device{}
}

func (w *clockWatch) report(ctx context.Context, r hall.ReportDevice) error {
	_, err := w.eng.Do(ctx, engine.Request{Actor: hall.System, Command: r})
	return err
}
