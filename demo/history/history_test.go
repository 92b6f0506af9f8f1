package history_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yitang/demo/history"
	"yitang/demo/profile"
	"yitang/server/catalogue"
	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/runonce"
)

// The same seed gives the same files, which a hall takes: everybody comes while it is open, and most of what the rules look
// for is found in few matters, as in a real hall.
func TestWrite(t *testing.T) {
	l, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	weekday := func(d time.Time) bool { return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday }
	c := history.Config{Layout: l, Open: []hall.Span{{From: 600, To: 840}, {From: 960, To: 1200}}, Works: weekday, Share: 0.2, Seed: 3,
		Shares: history.Reformed(), First: time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC), Last: time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC)}
	dirs := []string{filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")}
	var counts [2]history.Counts
	for i, dir := range dirs {
		if counts[i], err = history.Write(dir, c); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range append(exchange.Files(), exchange.MattersFile) {
		a, err := os.ReadFile(filepath.Join(dirs[0], name))
		b, err2 := os.ReadFile(filepath.Join(dirs[1], name))
		if err != nil || err2 != nil || string(a) != string(b) {
			t.Errorf("%s: two of the same seed differ (%v, %v)", name, err, err2)
		}
	}
	data, err := exchange.Read(os.DirFS(dirs[0]), zone)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(history.Counts{Cases: len(data.Cases), Tickets: len(data.Tickets), Notices: len(data.Notices), Referrals: len(data.Referrals)}, counts[0]); diff != "" {
		t.Error(diff)
	}
	missed := 0
	of := map[hall.MatterCode]hall.FieldID{}
	for _, m := range l.Matters {
		of[m.Code] = m.Field
	}
	fields, served, minutes := map[hall.FieldID]float64{}, 0.0, 0.0
	for i := range data.Tickets {
		k := &data.Tickets[i]
		fields[of[k.Matters[0]]]++
		if k.StartedAt > 0 {
			served, minutes = served+1, minutes+float64(k.EndedAt-k.StartedAt)/60_000
		}
		if k.State == runonce.NoShow {
			missed++
		}
		in := time.UnixMilli(int64(k.IssuedAt)).In(zone)
		if k.From == "" && (!weekday(in) || in.Hour() < 10 || in.Hour() == 14 || in.Hour() == 15 || in.Hour() >= 20) {
			t.Fatalf("%+v: at %v the hall is closed", k, in)
		}
	}
	if share := float64(missed) / float64(len(data.Tickets)); share < 0.02 || share > 0.06 {
		t.Errorf("%.3f were called and did not come; in the demo about four of a hundred do not", share)
	}
	people, err := profile.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range people.Fields {
		if got, want := fields[f.ID]/float64(len(data.Tickets)), f.DayMean/people.DayMean; math.Abs(got-want) > 0.03 {
			t.Errorf("%.3f came for field %s; of the live people %.3f do", got, f.ID, want)
		}
	}
	if mean := minutes / served; mean < 12 || mean > 16 {
		t.Errorf("services last %.1f min; in the demo about 14", mean)
	}
	r, err := runonce.Judge(*data, runonce.Query{From: "2025-06-01", To: "2025-06-30", ReportDay: "2025-06-30"})
	if err != nil {
		t.Fatal(err)
	}
	found := map[runonce.SignalID]int{}
	for _, s := range r.Signals {
		found[s.ID]++
	}
	if *r.All.Rate < 0.5 || found["B2"] > 0 || found["D2"] > len(l.Matters)/5 || len(r.Signals) == 0 {
		t.Errorf("%.2f came once; leads: %s", *r.All.Rate, fmt.Sprint(found))
	}
}
