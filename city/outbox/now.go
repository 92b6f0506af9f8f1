package outbox

import (
	"context"
	"encoding/json"
	"time"

	"yitang/city/line"
	"yitang/server/hall"
)

// Now is how a hall is at the moment, for the city's page and for people who look for another hall. It names nobody.
type Now struct {
	Hall    hall.ID     `json:"hall"`
	At      hall.Millis `json:"at"`
	Day     hall.Day    `json:"day"`
	Open    bool        `json:"open"` // tickets are issued
	Windows struct {
		Open   int `json:"open"`
		Paused int `json:"paused"`
		All    int `json:"all"`
	} `json:"windows"`
	Waiting int      `json:"waiting"`
	Issued  int      `json:"issued"`
	Done    int      `json:"done"`
	Longest int      `json:"longest_min"` // that somebody waits now
	Queues  []Queue  `json:"queues"`
	Down    []string `json:"down,omitempty"`  // devices, with the part
	Books   bool     `json:"books,omitempty"` // appointments can be made, from other halls too
}

// Queue is what waits for a field, and how long somebody who came now would wait.
type Queue struct {
	Field   hall.FieldID `json:"field"`
	Name    string       `json:"name"`
	Waiting int          `json:"waiting"`
	Served  bool         `json:"served"`            // an open window serves it
	P50     *int         `json:"p50_min,omitempty"` // none while the hall cannot honestly say
	P90     *int         `json:"p90_min,omitempty"`
}

// Near is a hall that serves a matter, with the wait there.
type Near struct {
	Hall    hall.ID     `json:"hall"`
	Name    string      `json:"name"`
	Address string      `json:"address,omitempty"`
	Km      *float64    `json:"km,omitempty"` // as the crow flies, where both halls' places are known
	P50     int         `json:"p50_min"`
	P90     int         `json:"p90_min"`
	At      hall.Millis `json:"at"` // when the hall said so
	Books   bool        `json:"books,omitempty"`
}

// beat says how the hall is: soon after something changed, and now and then.
func (o *Outbox) beat(ctx context.Context) error {
	news, end := o.c.News()
	defer end()
	tick := time.NewTicker(nowEvery)
	defer tick.Stop()
	for {
		o.speak()
		sleep(ctx, nowRest)
		select {
		case <-ctx.Done():
			return nil
		case <-news:
		case <-o.up:
		case <-tick.C:
		}
	}
}

// speak says how the hall is, once. What is lost on a line that just broke is followed by a better word.
func (o *Outbox) speak() {
	if o.c.Now == nil || !o.nc.IsConnected() {
		return
	}
	n, err := o.c.Now()
	if err != nil {
		return
	}
	n.Hall = o.hall()
	if data, err := json.Marshal(n); err == nil {
		_ = o.nc.Publish(line.NowOf(n.Hall), data)
	}
}

// Nearest asks the city which other halls serve all of some matters, the soonest first. It returns an error when the line
// is down: the hall then says nothing about others.
func (o *Outbox) Nearest(ctx context.Context, matters []hall.MatterCode) ([]Near, error) {
	q := Question{What: AskNearest}
	for _, m := range matters {
		q.Matters = append(q.Matters, string(m))
	}
	if !o.nc.IsConnected() {
		return nil, errDown
	}
	a, err := o.ask(ctx, q)
	if err != nil {
		return nil, err
	}
	return a.Near, nil
}
