package city

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"yitang/city/outbox"
	"yitang/server/hall"
)

// errStale means that somebody else published a catalogue in between.
var errStale = errors.New("目录刚被其他人发布过。请刷新页面，再改一次。")

// catalogue is the city's newest catalogue, nil before the first.
func (t *City) catalogue(ctx context.Context) (*outbox.Standard, uint64, error) {
	t.admits.RLock()
	e, err := t.standard.Get(ctx, outbox.CurrentKey)
	t.admits.RUnlock()
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
	if err := l.Check(); err != nil {
		return errors.New(hall.InWords(err))
	}
	return nil
}

// StandardState is the catalogue as the page shows it.
type StandardState struct {
	Current  *outbox.Standard  `json:"current"` // null before the first
	Versions []outbox.Standard `json:"versions"`
	Halls    []HallStandard    `json:"halls"`
}

// HallStandard is by which version a hall works, as its newest lists say.
type HallStandard struct {
	Hall    hall.ID `json:"hall"`
	Name    string  `json:"name"`
	Version int     `json:"version"`  // 0 = its own lists
	Own     int     `json:"own"`      // matters that it offers and the newest catalogue does not have
	Online  bool    `json:"online"`   // hears of a new version now
	NoLists bool    `json:"no_lists"` // nothing has come from it yet
}

// Publication is a catalogue to be published.
type Publication struct {
	Base    int           `json:"base"` // version that it was made from, 0 for the first
	From    hall.Day      `json:"from"` // first business day on which halls work by it
	Note    string        `json:"note,omitempty"`
	Matters []hall.Matter `json:"matters"`
}

func (t *City) getStandard(r *http.Request, _ *caller) (any, error) {
	s, _, err := t.catalogue(r.Context())
	if err != nil {
		return nil, err
	}
	versions, err := t.versions(r.Context())
	return StandardState{s, versions, t.adoption(s)}, err
}

// adoption is which hall works by which version.
func (t *City) adoption(s *outbox.Standard) []HallStandard {
	has := map[hall.MatterCode]bool{}
	if s != nil {
		for i := range s.Matters {
			has[s.Matters[i].Code] = true
		}
	}
	list := []HallStandard{}
	halls := t.layouts.Load()
	for _, g := range t.glance() {
		if g.Revoked {
			continue
		}
		h := HallStandard{Hall: g.Hall, Name: g.Name, Version: g.Standard, Online: g.Online, NoLists: true}
		if halls != nil && (*halls)[g.Hall] != nil && (*halls)[g.Hall].Layout != nil {
			h.NoLists = false
			for _, m := range (*halls)[g.Hall].Layout.Matters {
				if !has[m.Code] {
					h.Own++
				}
			}
		}
		list = append(list, h)
	}
	return list
}

func (t *City) putStandard(r *http.Request, who *caller) (any, error) {
	in, err := body[Publication](r)
	if err != nil {
		return nil, err
	}
	s := &outbox.Standard{From: in.From, Note: in.Note, Matters: in.Matters}
	if err := CheckStandard(s); err != nil {
		return nil, invalid(err.Error())
	}
	if err := t.publish(r.Context(), s, in.Base); errors.Is(err, errStale) {
		return nil, refusal{http.StatusConflict, "catalogue_changed", err.Error()}
	} else if err != nil {
		return nil, err
	}
	t.c.Log.Info().Str("by", who.name).Int("version", s.Version).Str("from", string(s.From)).Msg("a catalogue was published")
	return s, nil
}
