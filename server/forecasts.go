package server

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/feed"
	"yitang/server/forecast"
	"yitang/server/hall"
)

// Past is what forecasts learn from.
type Past interface {
	PastServices(ctx context.Context, until hall.Day, days int, each func(*hall.PastService) error) error
	PastSpells(ctx context.Context, since hall.Millis, each func(hall.PastSpell) error) error
}

// How often a hall is learnt anew and looked at. Both leave the machine to the clerks: a look rests nine times as long as
// it took, so that forecasts take a tenth of one core at most; learning rests much longer.
const (
	lookEvery  = 15 * time.Second
	lookRest   = 100 * time.Millisecond // at least
	lookShare  = 9
	learnEvery = 30 * time.Second // of the hall's own time too
	learnShare = 30               // rests so many times as long as it took
)

// mostWaiting is how many people may wait for a forecast to be made: with more, a look would take seconds, and everybody
// is told only how many are ahead.
const mostWaiting = 4000

// forecaster keeps the newest outlook. Its one goroutine looks at every new state, or at the newest of those that came
// while it was looking, and never at the engine.
type forecaster struct {
	past   Past
	news   *feed.Feed
	now    func() time.Time
	log    zerolog.Logger
	newest atomic.Pointer[forecast.Outlook]
	report atomic.Pointer[forecast.Report]

	known    *forecast.Hall
	day      hall.Day           // that before is of
	before   []hall.PastService // of the days before today
	spells   []hall.PastSpell
	learnAt  time.Time
	learntAt time.Time // by the hall's clock
	quality  forecast.Quality
	alarmAt  time.Time // when alarms are due again
}

// Outlook is the newest outlook, or nil while too little is known.
func (f *forecaster) Outlook() *forecast.Outlook { return f.newest.Load() }

// Report is how good it was and what will be too full; nil while too little is known.
func (f *forecaster) Report() *forecast.Report { return f.report.Load() }

func (f *forecaster) run(ctx context.Context) error {
	news, unsubscribe := f.news.Beat(feed.Every(lookRest)).Subscribe()
	defer unsubscribe()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		began := time.Now()
		if frame := f.news.Newest(); frame != nil {
			f.look(ctx, frame.View)
		}
		rest := time.NewTimer(max(lookShare*time.Since(began), lookRest))
		select {
		case <-ctx.Done():
			rest.Stop()
			return nil
		case <-rest.C:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-news:
		case <-tick.C:
		}
	}
}

// look learns when it is time and makes the outlook of a view.
func (f *forecaster) look(ctx context.Context, v *hall.View) {
	if !v.Open || len(v.Layout.Matters) == 0 || v.Totals.Waiting > mostWaiting {
		f.silence()
		return
	}
	now := f.now()
	if f.known == nil || f.known.Layout() != v.Layout || f.day != v.Day || f.due(now) {
		if err := f.learn(ctx, v, now); err != nil {
			if ctx.Err() == nil {
				f.log.Error().Err(err).Msg("forecasts stay away until the past can be read")
			}
			f.known = nil
			f.silence()
			return
		}
	}
	f.newest.Store(f.known.Look(v, hall.Millis(now.UnixMilli()), v.Seq))
	if time.Now().After(f.alarmAt) {
		f.lookAhead(v, now)
	}
}

// silence takes back what was said of the time to come; how good it was stays.
func (f *forecaster) silence() {
	f.newest.Store(nil)
	if r := f.report.Load(); r != nil && r.Alarms != nil {
		f.report.Store(&forecast.Report{Quality: r.Quality, Foresees: r.Foresees})
	}
	f.alarmAt = time.Time{}
}

// lookAhead renews the manager's report. It rests much longer than it takes.
func (f *forecaster) lookAhead(v *hall.View, now time.Time) {
	if !f.known.Knows() {
		f.report.Store(nil)
		return
	}
	began := time.Now()
	f.report.Store(&forecast.Report{Quality: f.quality, Foresees: f.known.Foresees(),
		Alarms: f.known.Alarms(v, hall.Millis(now.UnixMilli()), v.Seq)})
	f.alarmAt = time.Now().Add(max(lookEvery, learnShare*time.Since(began)))
}

// due says whether it is time to learn from what happened since; at once where too little was known.
func (f *forecaster) due(now time.Time) bool {
	return time.Now().After(f.learnAt) && (!f.known.Knows() || now.Sub(f.learntAt) >= learnEvery)
}

// learn reads what is new and learns from all of it. The days before today are read once a day.
func (f *forecaster) learn(ctx context.Context, v *hall.View, now time.Time) error {
	began := time.Now()
	zone, err := time.LoadLocation(v.Layout.Zone)
	if err != nil {
		return err
	}
	midnight, err := time.ParseInLocation(time.DateOnly, string(v.Day), zone)
	if err != nil {
		return err
	}
	if f.day != v.Day {
		if err := f.learnBefore(ctx, v.Day, midnight); err != nil {
			return err
		}
	}
	past := f.before[:len(f.before):len(f.before)]
	err = f.past.PastServices(ctx, v.Day, 1, func(s *hall.PastService) error {
		if s.Day == v.Day {
			past = append(past, *s)
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, offset := midnight.Zone()
	known := forecast.Learn(v.Layout, past, f.spells, hall.Millis(now.UnixMilli()), v.Day, hall.Millis(offset)*1000)
	f.known, f.quality = known, forecast.Judged(past, hall.Millis(offset)*1000)
	if r := f.report.Load(); r != nil {
		f.report.Store(&forecast.Report{Quality: f.quality, Foresees: r.Foresees, Alarms: r.Alarms})
	}
	f.learntAt, f.learnAt = now, time.Now().Add(learnShare*time.Since(began))
	return nil
}

func (f *forecaster) learnBefore(ctx context.Context, today hall.Day, midnight time.Time) error {
	f.before, f.spells = nil, nil
	first := hall.Millis(0)
	err := f.past.PastServices(ctx, today, forecast.PastDays+1, func(s *hall.PastService) error {
		if s.Day == today {
			return nil
		}
		if first == 0 || s.IssuedAt < first {
			first = s.IssuedAt
		}
		f.before = append(f.before, *s)
		return nil
	})
	if err != nil {
		return err
	}
	const early = 12 * 3600 * 1000 // windows open before the first ticket
	err = f.past.PastSpells(ctx, first-early, func(s hall.PastSpell) error {
		if s.Since < hall.Millis(midnight.UnixMilli()) {
			f.spells = append(f.spells, s)
		}
		return nil
	})
	if err == nil {
		f.day = today
	}
	return err
}
