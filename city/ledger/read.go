package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"yitang/server/hall"
)

// Hall is how far the city is with a hall.
type Hall struct {
	ID       hall.ID
	Name     string
	Position uint64
	Head     uint64
	Early    int
	At       hall.Millis // of the last event
	Fault    string
	Version  string // of its lists
	Zone     string
	Layout   *hall.Layout // nil before its first; shared, to be read only
}

// Halls lists the halls that anything came from, by name.
func (l *Ledger) Halls(ctx context.Context) ([]Hall, error) {
	r, err := l.pool.Query(ctx, `SELECT id, name, position, head, early, at, fault, version, zone, layout FROM halls ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("ledger: halls: %w", err)
	}
	defer r.Close()
	var list []Hall
	for r.Next() {
		var h Hall
		var layout []byte
		if err := r.Scan(&h.ID, &h.Name, &h.Position, &h.Head, &h.Early, &h.At, &h.Fault, &h.Version, &h.Zone, &layout); err != nil {
			return nil, fmt.Errorf("ledger: halls: %w", err)
		}
		if h.Layout, err = l.layout(h.ID, layout); err != nil {
			return nil, fmt.Errorf("ledger: halls: %w", err)
		}
		list = append(list, h)
	}
	return list, r.Err()
}

// known is a hall's layout as it was read last.
type known struct {
	text   []byte
	layout *hall.Layout
}

// layout decodes a hall's layout, once for as long as it stays the same: it is asked for every few seconds.
func (l *Ledger) layout(id hall.ID, text []byte) (*hall.Layout, error) {
	if text == nil {
		return nil, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := l.layouts[id]; bytes.Equal(k.text, text) {
		return k.layout, nil
	}
	k := known{text: text, layout: &hall.Layout{}}
	if err := json.Unmarshal(text, k.layout); err != nil {
		return nil, err
	}
	l.layouts[id] = k
	return k.layout, nil
}

// Figures are what is counted by hall and day.
type Figures struct {
	Events, Issued, Called, Served, Done, Missed, LeftEarly int64
	WaitMS                                                  int64
	Waits                                                   []int64 // by the classes of WaitBounds, the last one without a bound
	ServiceMS                                               int64
	CasesOpened, CasesClosed                                int64
	Ratings, RatingSum, RatingsBad                          int64
}

// WaitBounds are the classes of waiting, in minutes.
func WaitBounds() []int { b := waitBounds(); return b[:] }

func (f *figures) public() Figures {
	return Figures{Events: f.Events, Issued: f.Issued, Called: f.Called, Served: f.Served, Done: f.Done, Missed: f.Missed,
		LeftEarly: f.LeftEarly, WaitMS: f.WaitMS, Waits: f.Waits[:], ServiceMS: f.ServiceMS, CasesOpened: f.CasesOpened,
		CasesClosed: f.CasesClosed, Ratings: f.Ratings, RatingSum: f.RatingSum, RatingsBad: f.RatingsBad}
}

// Add adds another hall's or day's figures.
func (f *Figures) Add(o *Figures) {
	f.Events, f.Issued, f.Called, f.Served, f.Done = f.Events+o.Events, f.Issued+o.Issued, f.Called+o.Called, f.Served+o.Served, f.Done+o.Done
	f.Missed, f.LeftEarly, f.WaitMS, f.ServiceMS = f.Missed+o.Missed, f.LeftEarly+o.LeftEarly, f.WaitMS+o.WaitMS, f.ServiceMS+o.ServiceMS
	f.CasesOpened, f.CasesClosed = f.CasesOpened+o.CasesOpened, f.CasesClosed+o.CasesClosed
	f.Ratings, f.RatingSum, f.RatingsBad = f.Ratings+o.Ratings, f.RatingSum+o.RatingSum, f.RatingsBad+o.RatingsBad
	if f.Waits == nil {
		f.Waits = make([]int64, len(o.Waits))
	}
	for i, n := range o.Waits {
		f.Waits[i] += n
	}
}

// sums are the figures' columns, added up.
func sums() string {
	list := make([]string, len(dayColumns()))
	for i, c := range dayColumns() {
		list[i] = "coalesce(sum(" + c + "), 0)::bigint"
	}
	return strings.Join(list, ", ")
}

func scanFigures(r pgx.Row, before ...any) (Figures, error) {
	var f figures
	args := before
	for _, v := range f.list() {
		args = append(args, v)
	}
	err := r.Scan(args...)
	return f.public(), err
}

// Sum adds up everything of a hall.
func (l *Ledger) Sum(ctx context.Context, id hall.ID) (Figures, error) {
	f, err := scanFigures(l.pool.QueryRow(ctx, `SELECT `+sums()+` FROM hall_days WHERE hall = $1`, id))
	if err != nil {
		return f, fmt.Errorf("ledger: %s: %w", id, err)
	}
	return f, nil
}

// ByHall adds up the days of a period, hall by hall.
func (l *Ledger) ByHall(ctx context.Context, from, to hall.Day) (map[hall.ID]Figures, error) {
	r, err := l.pool.Query(ctx, `SELECT hall, `+sums()+` FROM hall_days WHERE day BETWEEN $1::text::date AND $2::text::date GROUP BY hall`, from, to)
	if err != nil {
		return nil, fmt.Errorf("ledger: period: %w", err)
	}
	defer r.Close()
	out := map[hall.ID]Figures{}
	for r.Next() {
		var id hall.ID
		f, err := scanFigures(r, &id)
		if err != nil {
			return nil, fmt.Errorf("ledger: period: %w", err)
		}
		out[id] = f
	}
	return out, r.Err()
}

// DayFigures are the figures of all halls on the days of a part of a period.
type DayFigures struct {
	From, To hall.Day
	Figures
}

// ByDay adds up all halls, day by day, or month by month where so asked.
func (l *Ledger) ByDay(ctx context.Context, from, to hall.Day, months bool) ([]DayFigures, error) {
	part := "day"
	if months {
		part = "month"
	}
	r, err := l.pool.Query(ctx, `SELECT to_char(min(day), 'YYYY-MM-DD'), to_char(max(day), 'YYYY-MM-DD'), `+sums()+` FROM hall_days
		WHERE day BETWEEN $1::text::date AND $2::text::date GROUP BY date_trunc($3, day) ORDER BY 1`, from, to, part)
	if err != nil {
		return nil, fmt.Errorf("ledger: days: %w", err)
	}
	defer r.Close()
	var out []DayFigures
	for r.Next() {
		var d DayFigures
		if d.Figures, err = scanFigures(r, &d.From, &d.To); err != nil {
			return nil, fmt.Errorf("ledger: days: %w", err)
		}
		out = append(out, d)
	}
	return out, r.Err()
}

// Span is the first and the last day of which there are figures, empty where there are none.
func (l *Ledger) Span(ctx context.Context) (first, last hall.Day, err error) {
	err = l.pool.QueryRow(ctx, `SELECT coalesce(to_char(min(day), 'YYYY-MM-DD'), ''), coalesce(to_char(max(day), 'YYYY-MM-DD'), '') FROM hall_days WHERE issued > 0`).Scan(&first, &last)
	if err != nil {
		return "", "", fmt.Errorf("ledger: days: %w", err)
	}
	return first, last, nil
}
