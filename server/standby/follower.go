package standby

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"yitang/db"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/wire"
)

// Rhythm of following.
const (
	waitForNews = time.Second            // so often the two hear of each other at least
	sideEvery   = time.Second            // accounts are compared
	retryFirst  = 100 * time.Millisecond // after a failure, doubled up to:
	retryMax    = 2 * time.Second
	drainTime   = 60 * time.Second // for the rest of a planned switch
)

// Follower is a standby.
type Follower struct {
	DB      *db.DB
	Primary *Server
	Address string // of this server, for the primary and for clients
	Rule    hall.Rule
	Publish func(*hall.View)
	Log     zerolog.Logger

	state  *hall.State // the loop's
	view   atomic.Pointer[hall.View]
	orders chan *Order
	mu     sync.Mutex
	at     wire.ServerState
}

// Order is a person's word that the standby is to take over.
type Order struct {
	Lost bool // the primary is lost: take over with what is here
	done chan result
}

type result struct {
	Promotion
	err error
}

// Promotion is what the standby takes over with.
type Promotion struct {
	Epoch   int    `json:"epoch"`
	Planned bool   `json:"planned"`
	Seq     uint64 `json:"seq"`
	From    string `json:"from"` // the old primary's address
	Known   bool   `json:"-"`    // the old primary knows
}

// Load replays what the folder holds. It must come before Run.
func (f *Follower) Load(ctx context.Context) error {
	f.state, f.orders = hall.New(f.Rule), make(chan *Order)
	err := f.DB.Replay(ctx, func(e *hall.Event) error { f.state.Apply(e); return nil })
	if err != nil {
		return fmt.Errorf("standby: replay: %w", err)
	}
	kept, err := f.DB.Kept(ctx)
	if err != nil {
		return fmt.Errorf("standby: %w", err)
	}
	f.state.Restore(kept)
	epoch, err := Epoch(ctx, f.DB)
	if err != nil {
		return err
	}
	f.at = wire.ServerState{Role: wire.RoleStandby, Epoch: epoch, Seq: f.state.Seq(), Primary: f.Primary.URL}
	f.show()
	return nil
}

func (f *Follower) show() {
	v := f.state.View()
	f.view.Store(v)
	f.Publish(v)
}

// View implements api.Hall.
func (f *Follower) View() *hall.View { return f.view.Load() }

// Do implements api.Hall: a standby takes no command.
func (f *Follower) Do(context.Context, engine.Request) ([]byte, error) { return nil, f.Refusal() }

// Refusal is why this server takes no command.
func (f *Follower) Refusal() *wire.Error {
	return &wire.Error{Status: http.StatusServiceUnavailable, Code: wire.CodeStandby,
		Message: fmt.Sprintf("这是备用服务器，只供查看。请在主服务器 %s 上办理。", f.Primary.URL)}
}

// Epoch is the primary's as far as this server knows.
func (f *Follower) Epoch() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at.Epoch
}

// State implements api.Servers.
func (f *Follower) State(uint64) wire.ServerState {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

func (f *Follower) note(change func(*wire.ServerState)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.at)
}

// Journal implements api.Servers; so do the next ones: a standby has no standbys.
func (f *Follower) Journal(context.Context, wire.Cursor) ([]byte, error) { return nil, f.Refusal() }

// Followers implements api.Servers.
func (f *Follower) Followers(uint64) []wire.Follower { return []wire.Follower{} }

// Forget implements api.Servers.
func (f *Follower) Forget(string) (any, func(), error) { return nil, nil, f.Refusal() }

// Fence implements api.Servers.
func (f *Follower) Fence(context.Context, wire.Fence) (wire.Fenced, error) {
	return wire.Fenced{}, f.Refusal()
}

// Copy implements api.Servers.
func (f *Follower) Copy(context.Context) (wire.StandbyCopy, error) {
	return wire.StandbyCopy{}, f.Refusal()
}

// Piece implements api.Servers.
func (f *Follower) Piece(wire.StandbyPiece) ([]byte, error) { return nil, f.Refusal() }

// Run follows until ctx ends, the two servers' records differ, or an order to take over has been carried out: then the
// promotion is not nil, and nothing is followed any more.
func (f *Follower) Run(ctx context.Context) (*Promotion, error) {
	var checked time.Time
	for failed := 0; ; {
		side := time.Since(checked) >= sideEvery
		order, err := f.once(ctx, side)
		if err != nil && order == nil {
			if errors.Is(err, errDisk) || errors.Is(err, db.ErrDiverged) {
				return nil, err
			}
			failed++
			f.missed(err, failed)
			order = f.pause(ctx, min(retryFirst<<min(failed, 8), retryMax))
		} else {
			failed = 0
		}
		if ctx.Err() != nil {
			return nil, nil
		}
		if side && err == nil {
			checked = time.Now()
		}
		if order == nil {
			continue
		}
		p, err := f.takeOver(ctx, order)
		order.done <- result{p, err}
		if err == nil {
			return &p, nil
		}
		f.Log.Error().Err(err).Msg("not taken over")
	}
}

func (f *Follower) missed(err error, failed int) {
	f.note(func(s *wire.ServerState) { s.Note = err.Error() })
	if failed == 1 {
		f.Log.Warn().Err(err).Msg("the primary does not answer; what it has shown is kept, and asking goes on")
	}
}

// pause waits, or ends early with an order.
func (f *Follower) pause(ctx context.Context, d time.Duration) *Order {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-t.C:
		return nil
	case o := <-f.orders:
		return o
	}
}

// errDisk means that the folder could not be written; the state in memory is ahead of it then.
var errDisk = errors.New("standby: what the primary sent could not be put on disk")

// once asks for news and takes them in; it breaks off when an order comes.
func (f *Follower) once(ctx context.Context, side bool) (*Order, error) {
	ask, stop := context.WithCancel(ctx)
	defer stop()
	type answer struct {
		data []byte
		err  error
	}
	got := make(chan answer, 1)
	cursor, err := f.cursor(ctx, side)
	if err != nil {
		return nil, err
	}
	go func() {
		data, err := f.Primary.Journal(ask, cursor)
		got <- answer{data, err}
	}()
	select {
	case o := <-f.orders:
		stop()
		<-got
		return o, nil
	case a := <-got:
		if a.err != nil {
			return nil, explain(a.err)
		}
		return nil, f.take(a.data)
	}
}

// explain turns the primary's word that the records differ into the error that ends the following.
func explain(err error) error {
	var refused *wire.Error
	if errors.As(err, &refused) && refused.Code == codeDiverged {
		return fmt.Errorf("%w: %s", db.ErrDiverged, refused.Message)
	}
	return err
}

func (f *Follower) cursor(ctx context.Context, side bool) (wire.Cursor, error) {
	c, err := f.DB.Cursor(ctx, side)
	return wire.Cursor{Seq: c.Seq, Hash: c.Hash, Place: c.Place, Side: c.Side, Address: f.Address, WaitMS: int(waitForNews.Milliseconds())}, err
}

func (f *Follower) take(data []byte) error {
	now := time.Now()
	if data == nil {
		f.note(func(s *wire.ServerState) { s.Heard, s.Note = now, "" })
		return nil
	}
	piece, err := f.DB.Receive(data, f.state)
	if err != nil {
		if errors.Is(err, db.ErrDiverged) {
			return err
		}
		return fmt.Errorf("%w: %w", errDisk, err)
	}
	if piece.Events > 0 {
		f.show()
	}
	seq := f.state.Seq()
	f.note(func(s *wire.ServerState) {
		s.Seq, s.Head, s.Heard, s.Note, s.Epoch = seq, piece.Head, now, "", max(s.Epoch, piece.Epoch)
	})
	return nil
}

// TakeOver carries an order out and returns when this server may become the primary, or why not.
func (f *Follower) TakeOver(ctx context.Context, lost bool) (Promotion, error) {
	o := &Order{Lost: lost, done: make(chan result, 1)}
	select {
	case f.orders <- o:
	case <-ctx.Done():
		return Promotion{}, ctx.Err()
	}
	select {
	case r := <-o.done:
		return r.Promotion, r.err
	case <-ctx.Done():
	}
	select { // the following ends as soon as the order is carried out
	case r := <-o.done:
		return r.Promotion, r.err
	default:
		return Promotion{}, ctx.Err()
	}
}

// takeOver fences the primary and drains it; of a lost one it takes what is here.
func (f *Follower) takeOver(ctx context.Context, o *Order) (Promotion, error) {
	p := Promotion{Epoch: f.Epoch() + 1, Planned: true, From: f.Primary.URL}
	end, err := f.Primary.Fence(ctx, wire.Fence{Epoch: p.Epoch, URL: f.Address})
	if ctx.Err() != nil { // this server is being stopped, which says nothing about the primary
		return p, ctx.Err()
	}
	if err != nil {
		if !o.Lost {
			return p, fmt.Errorf("standby: 主服务器 %s 没有交出大厅（%w）。若它确实已经停机，请加 --lost 再试：最后一刻的号可能不在本机", f.Primary.URL, err)
		}
		p.Planned, p.Seq = false, f.state.Seq()
		return p, nil
	}
	p.Known = true
	for late := time.Now().Add(drainTime); ; {
		c, err := f.cursor(ctx, true)
		if err != nil {
			return p, err
		}
		c.WaitMS = 1
		data, err := f.Primary.Journal(ctx, c)
		switch {
		case err == nil && data == nil && c.Seq >= end.Seq && c.Place >= end.Place:
			p.Seq = c.Seq
			return p, nil
		case err == nil && data != nil:
			if err := f.take(data); err != nil {
				return p, err
			}
		case ctx.Err() != nil:
			return p, ctx.Err()
		case o.Lost:
			p.Planned, p.Seq = false, c.Seq
			return p, nil
		case time.Now().After(late):
			return p, fmt.Errorf("standby: 主服务器已停止受理，但本机还缺第 %d 条以后的记录（%w）。请再运行一次 yitang promote", c.Seq, err)
		}
	}
}
