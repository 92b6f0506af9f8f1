package outbox

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yitang/city/join"
	"yitang/city/letter"
	"yitang/city/line"
	"yitang/server/hall"
)

// placeFile holds the acknowledged position. It lies beside the hall's database, not in it: a lost position costs only
// that events are sent twice, and no commit of a clerk's ever waits for it.
const placeFile = "city-place.json"

// Place is up to where the city has acknowledged the journal.
type Place struct {
	Gen letter.Generation `json:"gen"`
	Seq uint64            `json:"seq"`
	// Torn says that the city knows another journal under this hall's name, so that nothing more is sent.
	Torn string `json:"-"`
}

func loadPlace(dir string, gen letter.Generation) (*Place, error) {
	p := &Place{Gen: gen}
	data, err := os.ReadFile(filepath.Join(dir, placeFile)) // #nosec G304 -- the hall's own folder
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("outbox: %w", err)
	}
	var kept Place
	if json.Unmarshal(data, &kept) != nil || kept.Gen != gen { // from the beginning: nothing is counted twice
		return p, nil
	}
	return &kept, nil
}

// keepEvery is how often the place is put on disk: what is lost is sent twice.
const keepEvery = 2 * time.Second

func (o *Outbox) moveTo(p *Place) error {
	o.place.Store(p)
	if time.Since(o.kept) < keepEvery {
		return nil
	}
	return o.keep()
}

// keep puts the place on disk.
func (o *Outbox) keep() error {
	o.kept = time.Now()
	data, err := json.Marshal(o.place.Load())
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return join.WriteFile(filepath.Join(o.c.Dir, placeFile), data)
}

// Position is the acknowledged position.
func (o *Outbox) Position() uint64 { return o.place.Load().Seq }

// Question is what a hall asks the city.
type Question struct {
	What    string   `json:"what"`
	Matters []string `json:"matters,omitempty"` // nearest, halls
	To      hall.ID  `json:"to,omitempty"`      // key, errand
	Sealed  []byte   `json:"sealed,omitempty"`  // errand: an Errand that only that hall can open
}

// The questions.
const (
	AskPosition = "position"
	AskNearest  = "nearest"
	AskHalls    = "halls"  // that take appointments
	AskKey      = "key"    // to which an errand is sealed
	AskErrand   = "errand" // is handed on to another hall
)

// Answer is the city's.
type Answer struct {
	Gen  letter.Generation `json:"gen,omitempty"`
	Seq  uint64            `json:"seq,omitempty"`  // position: the last event that is in the city's database
	Hash string            `json:"hash,omitempty"` // of that event
	Idle bool              `json:"idle,omitempty"` // the city has taken in everything that its stream holds
	Near []Near            `json:"near,omitempty"`

	Halls  []Other `json:"halls,omitempty"`
	Box    []byte  `json:"box,omitempty"`    // key
	Sealed []byte  `json:"sealed,omitempty"` // errand: an Outcome that only the asking hall can open
	Fault  Fault   `json:"fault,omitempty"`  // key, errand: why there is none
}

// ask puts a question to the city.
func (o *Outbox) ask(ctx context.Context, q Question) (*Answer, error) {
	return o.askFor(ctx, askWithin, q)
}

func (o *Outbox) askFor(ctx context.Context, within time.Duration, q Question) (*Answer, error) {
	data, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	m, err := o.nc.RequestWithContext(ctx, line.AskOf(o.hall()), data)
	if err != nil {
		return nil, fmt.Errorf("outbox: ask: %w", err)
	}
	a := &Answer{}
	return a, json.Unmarshal(m.Data, a)
}

// check compares the place with what the city has: a city that lost the end of its stream is sent it again; one that
// knows another journal under this hall's name is sent nothing; and a new key of the city is fetched. It returns when it
// was done, or no time when the city did not answer.
func (o *Outbox) check(ctx context.Context) time.Time {
	a, err := o.ask(ctx, Question{What: AskPosition})
	if err != nil {
		return time.Time{}
	}
	p := o.place.Load()
	if a.Gen > p.Gen {
		if err := o.renew(ctx); err != nil {
			o.sayOnce(err)
		}
		return time.Now()
	}
	if a.Gen != p.Gen || a.Seq == 0 && !a.Idle {
		return time.Now()
	}
	torn, err := o.torn(ctx, a)
	switch {
	case err != nil:
		o.sayOnce(err)
	case torn != "" && p.Torn == "":
		o.place.Store(&Place{Gen: p.Gen, Seq: p.Seq, Torn: torn})
		o.c.Log.Error().Msg(torn)
	case torn == "" && a.Idle && a.Seq < p.Seq:
		o.c.Log.Warn().Uint64("from", a.Seq+1).Msg("the city lost the end of its stream: sending it again")
		o.sayOnce(o.moveTo(&Place{Gen: p.Gen, Seq: a.Seq}))
	}
	return time.Now()
}

// torn says whether the city's last event is not this journal's.
func (o *Outbox) torn(ctx context.Context, a *Answer) (string, error) {
	if a.Seq == 0 {
		return "", nil
	}
	list, err := o.c.Journal.ChainAfter(ctx, a.Seq-1, 1)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errJournal, err)
	}
	if len(list) == 1 && strings.HasPrefix(hex.EncodeToString(list[0].Hash), a.Hash) {
		return "", nil
	}
	return fmt.Sprintf("the city has event %d of this hall as another one: this folder was restored from an older backup, or two halls use one name; "+
		"nothing is sent until the city has run yitang city renew %s", a.Seq, o.hall()), nil
}

// renew fetches the hall's newest grant, which a new key of the city or a new beginning has made, and begins again.
func (o *Outbox) renew(ctx context.Context) error {
	data, err := o.get(ctx, line.Grants, string(o.hall()))
	if err != nil || data == nil {
		return err
	}
	var a join.Answer
	if err := json.Unmarshal(data, &a); err != nil {
		return fmt.Errorf("outbox: grant: %w", err)
	}
	pass := *o.pass.Load()
	g, err := pass.Open(&a)
	if err != nil {
		return err
	}
	if g.Gen <= pass.Grant.Gen {
		return nil
	}
	g.Person = pass.Grant.Person // this one is never changed under a working hall
	if err := pass.Accept(o.c.Dir, g); err != nil {
		return err
	}
	o.pass.Store(&pass)
	o.c.Log.Info().Int("generation", int(g.Gen)).Msg("the city has a new key: the journal is sent again under it")
	return o.moveTo(&Place{Gen: g.Gen})
}

// get is the newest value of a key, nil where there is none.
func (o *Outbox) get(ctx context.Context, bucket, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	m, err := o.nc.RequestWithContext(ctx, line.GetOf(bucket, key), nil)
	if err != nil {
		return nil, fmt.Errorf("outbox: %s: %w", bucket, err)
	}
	if status := m.Header.Get("Status"); status != "" { // 404: nobody has put it
		return nil, nil
	}
	return m.Data, nil
}
