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

// clockWatch tells log and manager when somebody, or a dead battery, has set the machine's clock.
type clockWatch struct {
	eng *engine.Engine
	log zerolog.Logger
}

func (w *clockWatch) run(ctx context.Context) error {
	tick := time.NewTicker(clockLook)
	defer tick.Stop()
	last := time.Now()
	for {
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
		report := hall.ReportDevice{Device: "server", Part: "clock", State: "warning", Reason: "clock_set_" + now.UTC().Format("20060102T150405"), Note: said}
		if _, err := w.eng.Do(ctx, engine.Request{Actor: hall.System, Command: report}); err != nil && ctx.Err() == nil {
			w.log.Error().Err(err).Msg("clock")
		}
	}
}
