package kiosk

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/rs/zerolog"
)

// Bounds of what is known of the matters' use.
const (
	popularName = "popular.json"
	popularMax  = 6
	popularHalf = 100_000 // above this all counts are halved, so that what is used now weighs more
)

// popular counts which matters tickets are taken for at this kiosk, so that its page can offer them first. It knows
// nothing about people.
type popular struct {
	path  string
	log   zerolog.Logger
	mu    sync.Mutex
	count map[string]int
}

func newPopular(dir string, log zerolog.Logger) *popular {
	p := &popular{path: filepath.Join(dir, popularName), log: log, count: map[string]int{}}
	if data, err := os.ReadFile(p.path); err == nil && json.Unmarshal(data, &p.count) != nil {
		p.count = map[string]int{} // only a convenience: it is counted anew
	}
	return p
}

// add counts a ticket's matters and keeps the counts.
func (p *popular) add(matters []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range matters {
		if p.count[m]++; p.count[m] > popularHalf {
			for k := range p.count {
				p.count[k] /= 2
			}
		}
	}
	data, err := json.Marshal(p.count)
	if err == nil {
		err = os.WriteFile(p.path, data, catalogueMode)
	}
	if err != nil {
		p.log.Warn().Err(err).Msg("the use of matters cannot be kept")
	}
}

// most lists the matters used most, the most used first.
func (p *popular) most() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]string, 0, len(p.count))
	for m := range p.count {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(p.count[b]-p.count[a], cmp.Compare(a, b)) })
	return list[:min(len(list), popularMax)]
}
