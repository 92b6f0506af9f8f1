// Package metrics tells a Prometheus server how a hall is: what waits, how long, which windows and devices work, how
// fast requests and commits are. Names follow prometheus.io/docs/practices/naming. Nothing in them is about a person.
//
// The state of the hall is read at each scrape from the newest view, so that it costs a clerk nothing. It owns no goroutine.
package metrics

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"yitang/server/engine"
	"yitang/server/hall"
)

// Metrics are the figures of one hall.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	commits  prometheus.Histogram
	commands prometheus.Histogram
}

// New makes the figures of requests, commits and the process.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "yitang_http_request_duration_seconds", Help: "Time from a request to its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"method", "route", "status"}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "yitang_commit_duration_seconds", Help: "Time to put a batch of commands on disk.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}),
		commands: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "yitang_commit_commands", Help: "Commands in one commit.", Buckets: prometheus.ExponentialBuckets(1, 2, 9),
		}),
	}
	m.registry.MustRegister(m.requests, m.commits, m.commands, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Hall adds the figures of the hall that view shows; it is asked at each scrape and must be quick.
func (m *Metrics) Hall(view func() *hall.View, now func() time.Time) {
	m.registry.MustRegister(newSituation(view, now))
}

// Free adds what the data folder's disk has left; it is asked at each scrape. NaN: nobody can tell.
func (m *Metrics) Free(free func() (uint64, error)) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "yitang_data_free_bytes", Help: "Room left for the hall on the disk of its data folder.",
	}, func() float64 {
		n, err := free()
		if err != nil {
			return math.NaN()
		}
		return float64(n)
	}))
}

// Request counts an answered request. Route is the pattern, not the path, which would hold ids without end.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Journal measures what j puts on disk.
func (m *Metrics) Journal(j engine.Journal) engine.Journal { return &journal{j, m} }

type journal struct {
	engine.Journal
	m *Metrics
}

func (j *journal) Append(entries []hall.Entry) error {
	began := time.Now()
	err := j.Journal.Append(entries)
	j.m.commits.Observe(time.Since(began).Seconds())
	j.m.commands.Observe(float64(len(entries)))
	return err
}

// Handler answers a scrape in the text format that the client asks for.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
