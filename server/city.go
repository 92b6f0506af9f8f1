package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"yitang/city/join"
	"yitang/city/outbox"
	"yitang/db"
	"yitang/server/api"
	"yitang/server/engine"
	"yitang/server/feed"
	"yitang/server/hall"
	"yitang/server/wire"
)

var (
	_ outbox.Journal = (*db.DB)(nil)
	_ api.Nearby     = near{}
)

// standardFile keeps the city's newest catalogue until its day comes, and across a line that is down.
const standardFile = "city-standard.json"

// tellCityEvery is how often the outbox hears of new events, at most: it sends what is there in one go.
const tellCityEvery = 250 * time.Millisecond

// branch is the hall as a branch of its city. A hall without a city has none.
type branch struct {
	dir   string
	eng   *engine.Engine
	news  *feed.Feed
	waits *forecaster
	now   func() time.Time
	log   zerolog.Logger
	api   *api.API // set before anything runs
}

// branch joins a hall to its city: what runs beside it, and what its parts know of other halls. Without a city it is nothing.
func (c *Config) branch(parts *api.Config, b *branch, journal outbox.Journal) ([]func(context.Context) error, error) {
	c.beforeDay = b.beforeDay // a catalogue that came while the hall had a city has its day without one too
	if c.City == "" {
		return nil, nil
	}
	o, err := b.outbox(c.City, journal)
	if err != nil {
		return nil, err
	}
	parts.Nearby = near{o, c.Now}
	return []func(context.Context) error{o.Run}, nil
}

// outbox is the hall's side of the line.
func (b *branch) outbox(city string, journal outbox.Journal) (*outbox.Outbox, error) {
	if city == ByPass {
		city = ""
	}
	return outbox.New(outbox.Config{Dir: b.dir, URL: city, Journal: journal, News: b.news.Beat(feed.Every(tellCityEvery)).Subscribe,
		Now: b.state, Adopt: b.adopt, Do: b.do, Log: b.log})
}

// near asks the city for other halls.
type near struct {
	*outbox.Outbox
	now func() time.Time
}

// Nearest implements api.Nearby.
func (n near) Nearest(ctx context.Context, matters []hall.MatterCode) ([]wire.NearHall, error) {
	list, err := n.Outbox.Nearest(ctx, matters)
	var out []wire.NearHall
	for _, h := range list {
		out = append(out, wire.NearHall{Hall: string(h.Hall), Name: h.Name, Address: h.Address, Km: h.Km, Wait: wire.Wait{P50Min: h.P50, P90Min: h.P90}, Books: h.Books,
			AgeS: max(0, int(n.now().UnixMilli()-int64(h.At))/1000)})
	}
	return out, err
}

// Halls implements api.Nearby.
func (n near) Halls(ctx context.Context, matters []hall.MatterCode) ([]wire.OtherHall, error) {
	list, err := n.Outbox.Halls(ctx, matters)
	var out []wire.OtherHall
	for _, h := range list {
		out = append(out, wire.OtherHall{Hall: string(h.Hall), Name: h.Name, Address: h.Address, Km: h.Km})
	}
	return out, err
}

// Errand implements api.Nearby.
func (n near) Errand(ctx context.Context, to string, e api.Errand) (*api.Outcome, error) {
	out, err := n.Outbox.Errand(ctx, hall.ID(to), outbox.Errand(e))
	switch {
	case errors.Is(err, outbox.ErrNoHall):
		return nil, api.ErrNoHall
	case errors.Is(err, outbox.ErrAway):
		return nil, api.ErrAway
	case err != nil:
		return nil, fmt.Errorf("%w: %w", api.ErrSilent, err)
	}
	return (*api.Outcome)(out), nil
}

// do does another hall's errand.
func (b *branch) do(from hall.ID, e outbox.Errand) outbox.Outcome {
	return outbox.Outcome(b.api.Do(from, api.Errand(e)))
}

// state is the hall's word about itself.
func (b *branch) state() (*outbox.Now, error) {
	frame := b.news.Newest()
	if frame == nil {
		return nil, errors.New("server: no state yet")
	}
	v, now := frame.View, hall.Millis(b.now().UnixMilli())
	n := &outbox.Now{At: now, Day: v.Day, Open: v.Open && (v.Until == 0 || now < v.Until), Waiting: v.Totals.Waiting, Issued: v.Totals.Issued, Done: v.Totals.Done,
		Books: v.Layout.Booking.On()}
	served := map[hall.FieldID]bool{}
	for i := range v.Windows {
		w := &v.Windows[i]
		n.Windows.All++
		switch w.State {
		case hall.Open:
			n.Windows.Open++
			for _, f := range w.Plan.Fields {
				served[f] = true
			}
		case hall.Paused:
			n.Windows.Paused++
		}
	}
	for i := range v.Queues {
		n.Queues = append(n.Queues, b.queue(&v.Queues[i], served[v.Queues[i].Field.ID], now, n))
	}
	for _, d := range v.Devices {
		if d.State == "down" {
			n.Down = append(n.Down, d.Device+" "+d.Part)
		}
	}
	return n, nil
}

func (b *branch) queue(q *hall.Queue, served bool, now hall.Millis, n *outbox.Now) outbox.Queue {
	out := outbox.Queue{Field: q.Field.ID, Name: q.Field.Name["zh"], Waiting: len(q.Waiting), Served: served}
	for _, t := range q.Waiting {
		n.Longest = max(n.Longest, int((now-t.Since)/60_000))
	}
	if s, ok := b.waits.Outlook().Field(q.Field.ID, now); ok && served {
		out.P50, out.P90 = &s.P50Min, &s.P90Min
	}
	return out
}

// adopt keeps a catalogue for its day. One that is already kept or in force changes nothing.
func (b *branch) adopt(_ context.Context, s *outbox.Standard) error {
	if kept, err := b.standard(); err != nil || kept != nil && kept.Version >= s.Version {
		return err
	}
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	b.log.Info().Int("version", s.Version).Str("from", string(s.From)).Msg("the city has a new catalogue")
	return join.WriteFile(filepath.Join(b.dir, standardFile), data)
}

func (b *branch) standard() (*outbox.Standard, error) {
	data, err := os.ReadFile(filepath.Join(b.dir, standardFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s := &outbox.Standard{}
	return s, json.Unmarshal(data, s)
}

// beforeDay plans the city's catalogue for the day that is about to begin, when it is due. What the hall's rules refuse is
// said, and the day begins without it.
func (b *branch) beforeDay(ctx context.Context, day hall.Day) {
	s, err := b.standard()
	if err != nil {
		b.log.Error().Err(err).Msg("the city's catalogue cannot be read: the hall goes on with its own")
		return
	}
	if s == nil || s.From > day {
		return
	}
	v := b.eng.View()
	base := v.Layout
	if v.Planned != nil {
		base = v.Planned
	}
	next, changed := withStandard(base, s)
	if !changed {
		return
	}
	if _, err := b.eng.Do(ctx, engine.Request{Actor: hall.System, Command: hall.PlanLayout{Layout: *next}}); err != nil {
		b.log.Error().Err(err).Int("version", s.Version).Msg("the city's catalogue was refused: the hall goes on with its own")
		return
	}
	b.log.Info().Int("version", s.Version).Str("day", string(day)).Msg("the hall works by the city's catalogue from today on")
}

// withStandard is a layout with the city's standard for each matter that the hall offers. The hall keeps its windows,
// which queue a matter stands in and how long it takes there, and the matters that the city has no standard for.
func withStandard(l *hall.Layout, s *outbox.Standard) (*hall.Layout, bool) {
	standard := make(map[hall.MatterCode]*hall.Matter, len(s.Matters))
	for i := range s.Matters {
		standard[s.Matters[i].Code] = &s.Matters[i]
	}
	next := *l
	next.Matters = make([]hall.Matter, len(l.Matters))
	for i, own := range l.Matters {
		next.Matters[i] = own
		if m := standard[own.Code]; m != nil {
			next.Matters[i] = *m
			next.Matters[i].Field, next.Matters[i].ServiceMin = own.Field, own.ServiceMin
		}
	}
	next.Standard = s.Version
	if next.Version = next.Named(); next.Version == l.Named() {
		return l, false
	}
	return &next, true
}
