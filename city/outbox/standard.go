package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"yitang/city/line"
	"yitang/server/hall"
)

var errDown = errors.New("outbox: the line to the city is down")

// Standard is the city's catalogue (一事项一标准): one standard for each matter, for every hall, from a day on.
type Standard struct {
	Version int           `json:"version"` // counts up from 1
	From    hall.Day      `json:"from"`    // first business day on which halls work by it
	Made    time.Time     `json:"made"`
	Note    string        `json:"note,omitempty"`
	Matters []hall.Matter `json:"matters"`
}

// CurrentKey is the key of the newest catalogue.
const CurrentKey = "current"

// followEvery is how often the catalogue is asked for without a word from the city.
const followEvery = 5 * time.Minute

// follow hands the city's newest catalogue to the hall, at the start, when the city says that there is one, and when the
// line comes back: a hall that was away gets the newest and none in between.
func (o *Outbox) follow(ctx context.Context) error {
	told := make(chan *nats.Msg, 8)
	sub, err := o.nc.ChanSubscribe(line.SubjectOf(line.Standard, ">"), told)
	if err != nil {
		return fmt.Errorf("outbox: catalogue: %w", err)
	}
	defer sub.Unsubscribe() //nolint:errcheck // the connection is closed next
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var asked time.Time
	for {
		if o.nc.IsConnected() && time.Since(asked) >= followEvery {
			if err := o.catalogue(ctx); err != nil {
				o.sayOnce(err)
			} else {
				asked = time.Now()
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-told:
			asked = time.Time{}
		case <-tick.C:
			if !o.nc.IsConnected() {
				asked = time.Time{}
			}
		}
	}
}

func (o *Outbox) catalogue(ctx context.Context) error {
	data, err := o.get(ctx, line.Standard, CurrentKey)
	if err != nil || data == nil {
		return err
	}
	s := &Standard{}
	if err := json.Unmarshal(data, s); err != nil {
		return fmt.Errorf("outbox: catalogue: %w", err)
	}
	return o.c.Adopt(ctx, s)
}
