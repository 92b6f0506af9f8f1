package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"yitang/server/hall"
)

// situation collects the newest view of a hall.
type situation struct {
	view func() *hall.View
	now  func() time.Time

	events, open, waiting, longest, served, windows, tickets, devices *prometheus.Desc
}

func newSituation(view func() *hall.View, now func() time.Time) *situation {
	d := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("yitang_"+name, help, labels, nil)
	}
	return &situation{
		view: view, now: now,
		events:  d("journal_events_total", "Events in the journal, over the hall's whole life."),
		open:    d("hall_open", "1 while the business day is open."),
		waiting: d("waiting_tickets", "Tickets that wait, by field.", "field"),
		longest: d("longest_wait_seconds", "Time since the issue of the ticket that has waited longest, by field; 0 when none waits.", "field"),
		served:  d("served_tickets_today", "Tickets finished on this business day, by field.", "field"),
		windows: d("windows", "Windows by state.", "state"),
		tickets: d("tickets_today", "Tickets of this business day by state.", "state"),
		devices: d("device_parts", "Parts of devices by their last report.", "state"),
	}
}

// Describe implements prometheus.Collector.
func (s *situation) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.events, s.open, s.waiting, s.longest, s.served, s.windows, s.tickets, s.devices} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (s *situation) Collect(out chan<- prometheus.Metric) {
	v := s.view()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	out <- prometheus.MustNewConstMetric(s.events, prometheus.CounterValue, float64(v.Seq))
	open := 0.0
	if v.Open {
		open = 1
	}
	gauge(s.open, open)
	for i := range v.Queues {
		q, field := &v.Queues[i], string(v.Queues[i].Field.ID)
		gauge(s.waiting, float64(len(q.Waiting)), field)
		gauge(s.longest, s.longestWait(q.Waiting), field)
		gauge(s.served, float64(q.Served), field)
	}
	windows := map[hall.WindowState]float64{hall.Open: 0, hall.Paused: 0, hall.Closed: 0}
	for i := range v.Windows {
		windows[v.Windows[i].State]++
	}
	for state, n := range windows {
		gauge(s.windows, n, string(state))
	}
	s.totals(v.Totals, gauge)
	devices := map[string]float64{"up": 0, "warning": 0, "down": 0}
	for i := range v.Devices {
		devices[v.Devices[i].State]++
	}
	for state, n := range devices {
		gauge(s.devices, n, state)
	}
}

func (s *situation) totals(n hall.Totals, gauge func(d *prometheus.Desc, value float64, labels ...string)) {
	for state, count := range map[hall.TicketState]int{hall.Waiting: n.Waiting, hall.Called: n.Called, hall.Serving: n.Serving,
		hall.Held: n.Held, hall.Done: n.Done, hall.NoShow: n.NoShow, hall.Abandoned: n.Abandoned, hall.Cancelled: n.Cancelled} {
		gauge(s.tickets, float64(count), string(state))
	}
}

// longestWait is the age of the oldest ticket: a queue's order is by place, which need not be that of issue.
func (s *situation) longestWait(waiting []*hall.Ticket) float64 {
	now, oldest := s.now(), 0.0
	for _, t := range waiting {
		oldest = max(oldest, now.Sub(time.UnixMilli(int64(t.IssuedAt))).Seconds())
	}
	return oldest
}
