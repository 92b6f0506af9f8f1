package town

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"yitang/city/join"
	"yitang/city/play"
	"yitang/db"
	"yitang/demo/stage"
	"yitang/server"
	"yitang/server/account"
	"yitang/server/catalogue"
	"yitang/server/hall"
	"yitang/server/wire"
)

// branch is a real hall of the demo.
type branch struct {
	place
	dir, listen string
	log         zerolog.Logger
	token       string // of the kiosk
	clerks      []string
	matters     []string
	seed        uint64
	clock       func() time.Time
	data        *db.DB     // while it is set up
	past        *play.Hall // of a new hall
	lists       *hall.Layout
	unwritten   []hall.Entry
	behind      atomic.Int64 // how far the hall's clock is behind, while it catches up with this morning
	rng         *rand.Rand
}

func (h *branch) now() time.Time { return h.clock().Add(-time.Duration(h.behind.Load())) }

// townPeople is how many people there are: few enough that some go to two halls.
const townPeople = 700

// settle makes halls that have lived, or takes up those that are there. They live day by day side by side, since people
// who were sent home at one of them go to another.
func (t *town) settle(ctx context.Context) error {
	var young []*branch
	for _, h := range t.halls {
		if err := h.begin(ctx); err != nil {
			return err
		}
		defer h.data.Close() //nolint:errcheck // everything is committed
		if h.past != nil {
			young = append(young, h)
		}
	}
	if len(young) == len(t.halls) {
		if err := t.live(); err != nil {
			return err
		}
	}
	for _, h := range t.halls {
		if err := h.accounts(ctx); err != nil {
			return err
		}
		if p, err := join.Load(h.dir); err == nil && p.Grant != nil {
			p.Grant.URLs = []string{"nats://" + t.line}
			if err := p.Accept(h.dir, p.Grant); err != nil {
				return err
			}
		} else if err := t.enrol(h); err != nil {
			return err
		}
	}
	return nil
}

// live plays the days up to the one before the first that is lived in real time into the halls' journals.
func (t *town) live() error {
	for _, h := range t.halls {
		h.past.Unmet, h.past.Rush = &t.unmet, true
	}
	zone, err := time.LoadLocation(t.halls[0].lists.Zone)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	// The business day on which the halls begin to catch up is still to be lived.
	today, err := time.Parse(time.DateOnly, string(hall.BusinessDay(zone, t.Now().Add(-catchUp))))
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	for i := t.Days; i > 0; i-- {
		day := today.AddDate(0, 0, -i)
		if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
			continue
		}
		for _, h := range t.halls {
			if err := h.past.Day(hall.Day(day.Format(time.DateOnly)), int(float64(h.people)*(0.75+0.5*h.rng.Float64()))); err != nil {
				return err
			}
		}
	}
	for _, h := range t.halls {
		if err := h.write(); err != nil {
			return err
		}
	}
	return nil
}

// begin opens the hall's folder; a new hall has a past to live through.
func (h *branch) begin(ctx context.Context) (err error) {
	h.rng = rand.New(rand.NewPCG(h.seed, 7)) // #nosec G404 -- a game of chance, not a secret
	if h.data, err = db.Open(h.dir); err != nil {
		return err
	}
	if h.lists, err = h.layout(); err != nil {
		return err
	}
	head, err := h.data.Head(ctx)
	if err != nil {
		return err
	}
	if head > 0 {
		return h.takeUp(ctx, head)
	}
	h.behind.Store(int64(catchUp))
	h.past, err = play.New(*h.lists, h.seed, h.keep)
	if err == nil {
		h.past.People = func(r *rand.Rand) string { return fmt.Sprintf("p%d", r.IntN(townPeople)) }
	}
	return err
}

// takeUp lets a hall that has lived go on from its journal's last event: a hall's time never runs back, so that all that it caught
// up with from before that would happen in that one moment.
func (h *branch) takeUp(ctx context.Context, head uint64) error {
	last, err := h.data.ChainAfter(ctx, head-1, 1)
	if err != nil {
		return err
	}
	h.behind.Store(int64(min(catchUp, max(0, h.clock().Sub(time.UnixMilli(int64(last[0].At)))))))
	return nil
}

// keep writes what is played, many acts at once.
func (h *branch) keep(e hall.Entry) error {
	if h.unwritten = append(h.unwritten, e); len(h.unwritten) < batch {
		return nil
	}
	return h.write()
}

func (h *branch) write() error {
	err := h.data.Append(h.unwritten)
	h.unwritten = nil
	return err
}

// layout is the example hall with a few windows that serve everything, always open so that somebody is there whenever one looks.
func (h *branch) layout() (*hall.Layout, error) {
	l, err := catalogue.Example()
	if err != nil {
		return nil, err
	}
	l.Hall, l.Name, l.Hours, l.Windows = h.id, hall.Text{"zh": h.name}, hall.Hours{Always: true}, nil
	l.Standard = 1 // the city's first catalogue, see publish
	var all []hall.FieldID
	for _, f := range l.Fields {
		all = append(all, f.ID)
	}
	for i := range h.windows {
		l.Windows = append(l.Windows, hall.WindowPlan{ID: hall.WindowID(strconv.Itoa(i + 1)), Kind: hall.General, Fields: all})
	}
	for _, m := range l.Matters {
		h.matters = append(h.matters, string(m.Code))
	}
	stage.TakeAppointments(l, h.clock())
	return l, l.Check()
}

// batch is how many acts of the past are written at once.
const batch = 256

func (h *branch) accounts(ctx context.Context) error {
	hash := account.HashPassword(Password)
	list := []account.Account{{User: "manager", Name: "大厅管理员", Role: account.Manager, Password: hash}, {User: "kiosk-1", Name: "kiosk-1", Role: account.Kiosk}}
	for _, w := range h.lists.Windows {
		list = append(list, account.Account{User: "clerk" + string(w.ID), Name: "工号 10" + string(w.ID), Role: account.Clerk, Window: string(w.ID), Password: hash})
	}
	for _, a := range list {
		if err := h.data.PutAccount(ctx, a); err != nil {
			return err
		}
		if a.Role == account.Manager {
			continue
		}
		token := account.NewToken()
		if err := h.data.PutToken(ctx, account.Token{Digest: account.Digest(token), User: a.User, Made: time.Now()}); err != nil {
			return err
		}
		if a.Role == account.Kiosk {
			h.token = token
		} else {
			h.clerks = append(h.clerks, token)
		}
	}
	return nil
}

// open starts the hall, lets it catch up with at most the last hour, and its people go on.
func (h *branch) open(ctx context.Context, g *errgroup.Group, pages fs.FS) (string, error) {
	ready, failed := make(chan string, 1), make(chan error, 1)
	keep, end := context.WithCancel(context.WithoutCancel(ctx))
	g.Go(func() error {
		defer end()
		err := server.Run(keep, server.Config{Dir: h.dir, Listen: h.listen, Now: h.now, Pages: pages, Demo: true, City: server.ByPass,
			Log: h.log.Level(zerolog.WarnLevel), Ready: func(a net.Addr) { ready <- "http://" + a.String() }})
		failed <- err
		return err
	})
	select {
	case err := <-failed:
		return "", err
	case base := <-ready:
		g.Go(func() error {
			defer end()
			return h.work(ctx, base)
		})
		return base, nil
	}
}

// How a demo hall lives.
const (
	catchUp   = 70 * time.Minute // that are lived at once before somebody looks, less where the hall lived in them already
	service   = 9 * time.Minute  // on average
	stepOf    = time.Minute
	liveTick  = 2 * time.Second
	untilOpen = 30 * time.Second // for the day to begin
)

// desk is a window with its clerk.
type desk struct {
	*wire.Client
	id   wire.WindowID
	busy bool
	free time.Time
}

// work lives what the hall is behind at once and goes on in real time until ctx ends.
func (h *branch) work(ctx context.Context, base string) error {
	kiosk := wire.New(base, h.token)
	var desks []*desk
	for i, token := range h.clerks {
		desks = append(desks, &desk{Client: wire.New(base, token), id: wire.WindowID(strconv.Itoa(i + 1))})
	}
	for end := time.Now().Add(untilOpen); ; time.Sleep(100 * time.Millisecond) {
		if c, err := kiosk.Catalogue(ctx); err == nil && c.Hall.Open || ctx.Err() != nil {
			break
		}
		if time.Now().After(end) {
			return fmt.Errorf("demo: %s does not open", h.id)
		}
	}
	for h.behind.Load() > 0 && ctx.Err() == nil {
		h.behind.Store(max(0, h.behind.Load()-int64(stepOf)))
		h.minute(ctx, kiosk, desks, stepOf)
	}
	tick := time.NewTicker(liveTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			h.minute(ctx, kiosk, desks, liveTick)
		}
	}
}

// minute is a while in which some come and each window goes on. What the hall refuses has no consequence here.
func (h *branch) minute(ctx context.Context, kiosk *wire.Client, desks []*desk, d time.Duration) {
	for due := h.load * float64(h.windows) * float64(d) / float64(service); due > 0; due-- {
		if h.rng.Float64() < due {
			m := h.matters[min(h.rng.IntN(len(h.matters)), h.rng.IntN(len(h.matters)))]
			_, _ = kiosk.Take(ctx, wire.NewKey(), wire.TakeRequest{Matters: []string{m}, Person: wire.Person{Kind: "none"}})
		}
	}
	for _, k := range desks {
		if k.busy && h.now().Before(k.free) {
			continue
		}
		if k.busy {
			_, _ = k.Finish(ctx, k.id, wire.FinishRequest{})
		}
		k.busy = false
		if got, err := k.Next(ctx, k.id); err != nil {
			h.sit(ctx, k)
		} else if got != nil {
			h.serve(ctx, k, got.Ticket)
		}
	}
}

// sit opens a window that does not call, at first and because the turn of a business day has closed it, and goes on with whom it
// has in hand: since before the demo started, or because a finish was lost.
func (h *branch) sit(ctx context.Context, k *desk) {
	if w, err := k.Open(ctx, k.id); err == nil && w.Ticket != nil {
		h.serve(ctx, k, *w.Ticket)
	}
}

// serve begins to serve whom a window has called, or goes on where a service has begun.
func (h *branch) serve(ctx context.Context, k *desk, t wire.Ticket) {
	if t.State != string(hall.Serving) {
		var err error
		if t, err = k.Start(ctx, k.id); err != nil {
			return
		}
	}
	since := h.now()
	if t.StartedAt != nil {
		since = *t.StartedAt
	}
	k.busy, k.free = true, since.Add(time.Duration((0.4+1.2*h.rng.Float64())*float64(service)))
}
