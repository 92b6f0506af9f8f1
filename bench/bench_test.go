package bench_test

import (
	"strings"
	"testing"

	"yitang/bench"
)

// TestSizeRefused before anything is asked of the server.
func TestSizeRefused(t *testing.T) {
	for name, s := range map[string]bench.Size{
		"nobody":                          {Tickets: 10},
		"no ticket":                       {Clients: 1},
		"too many screens":                {Clients: 1, Tickets: 10, Screens: 2000, Stuck: 1},
		"one ticket, and half for a call": {Clients: 1, Tickets: 1, Screens: 1},
	} {
		_, err := bench.Run(t.Context(), bench.Target{}, s, func(string) { t.Errorf("%s: it began", name) })
		if err == nil || !strings.Contains(err.Error(), "bench: choose") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
