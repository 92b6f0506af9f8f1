package city

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"yitang/city/outbox"
	"yitang/server/hall"
)

// errStale means that somebody else published a catalogue in between.
var errStale = errors.New("目录刚被其他人发布过。请刷新页面，再改一次。")

// catalogue is the city's newest catalogue, nil before the first.
func (t *City) catalogue(ctx context.Context) (*outbox.Standard, uint64, error) {
	e, err := t.standard.Get(ctx, outbox.CurrentKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("city: catalogue: %w", err)
	}
	s := &outbox.Standard{}
	return s, e.Revision(), json.Unmarshal(e.Value(), s)
}

// Versions are the catalogue's versions that are kept, the newest first, without their matters.
func (t *City) versions(ctx context.Context) ([]outbox.Standard, error) {
	list, err := t.standard.History(ctx, outbox.CurrentKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return []outbox.Standard{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("city: catalogue: %w", err)
	}
	out := make([]outbox.Standard, 0, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		var s outbox.Standard
		if err := json.Unmarshal(list[i].Value(), &s); err != nil {
			return nil, fmt.Errorf("city: catalogue: %w", err)
		}
		s.Matters = nil
		out = append(out, s)
	}
	return out, nil
}

// publish makes a catalogue the newest one; base is the version that it was made from. Halls take it over at the start of
// its first day.
func (t *City) publish(ctx context.Context, s *outbox.Standard, base int) error {
	if err := CheckStandard(s); err != nil {
		return err
	}
	now, revision, err := t.catalogue(ctx)
	if err != nil {
		return err
	}
	s.Version = 1
	if now != nil {
		if now.Version != base {
			return errStale
		}
		s.Version = now.Version + 1
	}
	s.Made = time.Now().UTC().Truncate(time.Second)
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("city: catalogue: %w", err)
	}
	if _, err := t.standard.Update(ctx, outbox.CurrentKey, data, revision); err != nil {
		var api *jetstream.APIError
		if errors.As(err, &api) {
			return errStale
		}
		return fmt.Errorf("city: catalogue: %w", err)
	}
	return nil
}

// CheckStandard says what is wrong with a catalogue, by the rules of a hall's own lists.
func CheckStandard(s *outbox.Standard) error {
	if _, err := time.Parse(time.DateOnly, string(s.From)); err != nil {
		return fmt.Errorf("from：%q 不是 YYYY-MM-DD 格式的日期", s.From)
	}
	if len(s.Matters) == 0 {
		return errors.New("matters：目录里一个事项也没有")
	}
	l := hall.Layout{Name: hall.Text{"zh": "市"}, Zone: "Asia/Shanghai", Hours: hall.Hours{Always: true}, Matters: s.Matters}
	seen := map[hall.FieldID]bool{}
	for _, m := range s.Matters {
		if !seen[m.Field] {
			seen[m.Field] = true
			l.Fields = append(l.Fields, hall.Field{ID: m.Field, Name: hall.Text{"zh": string(m.Field)}})
		}
	}
	return l.Check()
}
