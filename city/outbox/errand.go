package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"yitang/city/join"
	"yitang/city/line"
	"yitang/server/hall"
)

// Errand is what somebody asks of another hall, as a request to that hall's API. It names a person by the pseudonym that all
// halls of the city share, never by a number, and travels sealed to the hall that it is for.
type Errand struct {
	Method string `json:"method"`
	Path   string `json:"path"`          // with the query
	Key    string `json:"key,omitempty"` // Idempotency-Key: an errand that comes again gets the first outcome again
	Body   []byte `json:"body,omitempty"`
}

// Outcome is what the other hall's API answered.
type Outcome struct {
	Status int    `json:"status"`
	Body   []byte `json:"body,omitempty"`
}

// Other is another hall that takes appointments.
type Other struct {
	Hall    hall.ID  `json:"hall"`
	Name    string   `json:"name"`
	Address string   `json:"address,omitempty"`
	Km      *float64 `json:"km,omitempty"` // as the crow flies, where both halls' places are known
}

// Call is an errand as the city hands it to a hall; Reply is what that hall says to it.
type Call struct {
	ID     string  `json:"id"`
	From   hall.ID `json:"from"`
	Box    []byte  `json:"box"` // key to which the outcome is sealed
	Sealed []byte  `json:"sealed"`
}

// Reply answers a Call.
type Reply struct {
	ID     string `json:"id"`
	Sealed []byte `json:"sealed"`
}

// Fault is why the city has no outcome of an errand.
type Fault string

// The faults. Only after FaultSilent may the errand have been done.
const (
	FaultNoHall Fault = "no_hall"
	FaultAway   Fault = "away"
	FaultSilent Fault = "silent"
)

// What became of an errand without an outcome.
var (
	ErrNoHall = errors.New("outbox: the city has no such hall")
	ErrAway   = errors.New("outbox: the other hall cannot be reached: nothing was asked of it")
	ErrSilent = errors.New("outbox: no answer came from the other hall: it may have done what it was asked")
)

// Bounds of errands.
const (
	errandWithin   = 7 * time.Second // for a hall that asks
	ErrandWithin   = 5 * time.Second // for the city, which asks for it
	errandsAtOnce  = 4               // that a hall does for others
	errandsWaiting = 64
)

// Halls asks the city which other halls take appointments for some matters, the nearest first.
func (o *Outbox) Halls(ctx context.Context, matters []hall.MatterCode) ([]Other, error) {
	if !o.nc.IsConnected() {
		return nil, errDown
	}
	q := Question{What: AskHalls}
	for _, m := range matters {
		q.Matters = append(q.Matters, string(m))
	}
	a, err := o.ask(ctx, q)
	if err != nil {
		return nil, err
	}
	return a.Halls, nil
}

// Errand has another hall do something. The error is ErrNoHall or ErrAway where nothing was done, and ErrSilent where nobody
// knows: the same errand, sent again, finds out.
func (o *Outbox) Errand(ctx context.Context, to hall.ID, e Errand) (*Outcome, error) {
	if !o.nc.IsConnected() {
		return nil, ErrAway
	}
	a, err := o.ask(ctx, Question{What: AskKey, To: to})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	if err := a.Fault.err(); err != nil {
		return nil, err
	}
	data, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	sealed, err := join.SealTo(a.Box, data)
	if err != nil {
		return nil, err
	}
	if a, err = o.askFor(ctx, errandWithin, Question{What: AskErrand, To: to, Sealed: sealed}); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSilent, err)
	}
	if err := a.Fault.err(); err != nil {
		return nil, err
	}
	out := &Outcome{}
	if data, ok := o.pass.Load().Unseal(a.Sealed); !ok || json.Unmarshal(data, out) != nil {
		return nil, fmt.Errorf("%w: its answer cannot be read", ErrSilent)
	}
	return out, nil
}

func (f Fault) err() error {
	switch f {
	case "":
		return nil
	case FaultNoHall:
		return ErrNoHall
	case FaultAway:
		return ErrAway
	}
	return ErrSilent
}

// attend does what other halls ask, a few at a time, until ctx ends. What there is no room for gets no answer.
func (o *Outbox) attend(ctx context.Context) error {
	calls := make(chan *nats.Msg, errandsWaiting)
	sub, err := o.nc.ChanSubscribe(line.CallOf(o.hall()), calls)
	if err != nil {
		return fmt.Errorf("outbox: errands: %w", err)
	}
	defer sub.Unsubscribe() //nolint:errcheck // the connection is closed next
	g, ctx := errgroup.WithContext(ctx)
	for range errandsAtOnce {
		g.Go(func() error {
			for {
				select {
				case <-ctx.Done():
					return nil
				case m := <-calls:
					o.sayOnce(o.serve(m.Data))
				}
			}
		})
	}
	return g.Wait()
}

// serve does one errand and says what came of it. One that was not sealed to this hall gets no answer.
func (o *Outbox) serve(data []byte) error {
	var c Call
	if err := json.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("outbox: errand: %w", err)
	}
	open, ok := o.pass.Load().Unseal(c.Sealed)
	if !ok {
		return fmt.Errorf("outbox: an errand from %q was not sealed to this hall", c.From)
	}
	var e Errand
	if err := json.Unmarshal(open, &e); err != nil {
		return fmt.Errorf("outbox: errand: %w", err)
	}
	made, err := json.Marshal(o.c.Do(c.From, e))
	if err != nil {
		return fmt.Errorf("outbox: errand: %w", err)
	}
	sealed, err := join.SealTo(c.Box, made)
	if err != nil {
		return err
	}
	reply, err := json.Marshal(Reply{ID: c.ID, Sealed: sealed})
	if err != nil {
		return fmt.Errorf("outbox: errand: %w", err)
	}
	return o.nc.Publish(line.AnswerOf(o.hall()), reply)
}
