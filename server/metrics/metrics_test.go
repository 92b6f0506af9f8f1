package metrics_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"yitang/server/account"
	"yitang/server/halltest"
)

// scrape reads the hall's figures as a Prometheus server does: name{label="value"} to value.
func scrape(h *halltest.Hall) map[string]float64 {
	h.Helper()
	text := h.Get(200, "", "/metrics").Body
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		h.Errorf("lint: %v %v", problems, err)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		h.Fatal(err)
	}
	out := map[string]float64{}
	for name, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			id := name + "{" + strings.Join(labels, ",") + "}"
			out[id] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return out
}

func TestFiguresOfAHall(t *testing.T) {
	h := halltest.New(t, 2)
	for range 3 {
		h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", map[string]any{"matters": h.Matters[:1]})
	}
	h.Post(200, h.Clerks[0], "/api/v1/windows/1/open", "", nil)
	h.Post(200, h.Clerks[0], "/api/v1/windows/1/next", "", nil)
	h.Post(409, h.Clerks[0], "/api/v1/windows/1/next", "", nil)
	got := scrape(h)
	for name, want := range map[string]float64{
		"yitang_hall_open{}":                  1,
		"yitang_waiting_tickets{field=A}":     2,
		"yitang_tickets_today{state=waiting}": 2,
		"yitang_tickets_today{state=called}":  1,
		"yitang_windows{state=open}":          1,
		"yitang_windows{state=closed}":        1,
		"yitang_http_request_duration_seconds{method=POST,route=/api/v1/tickets,status=201}":              3,
		"yitang_http_request_duration_seconds{method=POST,route=/api/v1/windows/:window/next,status=200}": 1,
		"yitang_http_request_duration_seconds{method=POST,route=/api/v1/windows/:window/next,status=409}": 1,
	} {
		if got[name] != want {
			t.Errorf("%s is %g, want %g", name, got[name], want)
		}
	}
	if got["yitang_longest_wait_seconds{field=A}"] <= 0 || got["yitang_longest_wait_seconds{field=B}"] != 0 {
		t.Errorf("longest waits: %g and %g s", got["yitang_longest_wait_seconds{field=A}"], got["yitang_longest_wait_seconds{field=B}"])
	}
	if n := got["yitang_commit_duration_seconds{}"]; n < 5 { // one for each command above, at least
		t.Errorf("%g commits", n)
	}
	if n := got["yitang_data_free_bytes{}"]; n <= 0 {
		t.Errorf("%g bytes are free", n)
	}
	if n := got["yitang_journal_events_total{}"]; n < 5 {
		t.Errorf("%g events", n)
	}
}
