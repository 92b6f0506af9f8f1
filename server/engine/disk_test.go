package engine_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yitang/db"
	"yitang/server/engine"
	"yitang/server/hall"
)

// hallOnDisk is a folder with a layout and an open day.
func hallOnDisk(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	d := open(t, dir)
	e, _, stop := start(t, d)
	do(t, e, engine.Request{Actor: hall.System, Command: hall.AdoptLayout{Layout: layout()}})
	do(t, e, engine.Request{Actor: hall.System, Command: hall.OpenDay{Day: "2025-06-03"}})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t testing.TB, dir string) *db.DB {
	t.Helper()
	d, err := db.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestRestart plays 30 hours of a hall on a real file, with a restart after each: the view is always the same as before
// it, and every key still gives its first answer. The hours are fake, the file is not.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := hallOnDisk(t)
		answers := map[string]string{}
		var last *hall.View
		for hour := range 30 {
			d := open(t, dir)
			e, _, stop := start(t, d)
			if last != nil {
				if diff := cmp.Diff(last, e.View(), cmpopts.EquateEmpty(), cmp.AllowUnexported(hall.Ticket{})); diff != "" {
					t.Fatalf("hour %d: the view changed over a restart (-before +after):\n%s", hour, diff)
				}
			}
			for key, want := range answers {
				if got := do(t, e, request(key, "A-1")); got != want {
					t.Fatalf("hour %d: key %s gives %q, first %q", hour, key, got, want)
				}
			}
			key := fmt.Sprint("hour ", hour)
			answers[key] = do(t, e, request(key, "A-1"))
			if want := hall.Number("A", hour+1); answers[key] != want {
				t.Fatalf("hour %d: number %s, want %s", hour, answers[key], want)
			}
			serve(t, e, hour)
			last = e.View()
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
		}
	})
}

// serve has the clerk do what the hour suggests.
func serve(t *testing.T, e *engine.Engine, hour int) {
	t.Helper()
	acts := []hall.Command{hall.OpenWindow{Window: "1"}, hall.CallNext{Window: "1"}, hall.Recall{Window: "1"}, hall.Start{Window: "1"},
		hall.Hold{Window: "1", Reason: "copy"}, hall.CallNext{Window: "1"}, hall.Miss{Window: "1"}, hall.CallNext{Window: "1"},
		hall.Transfer{Window: "1", Field: "B"}, hall.CallNext{Window: "1"}, hall.Finish{Window: "1"}, hall.PauseWindow{Window: "1"},
		hall.ResumeWindow{Window: "1"}, hall.CloseWindow{Window: "1"}}
	do(t, e, engine.Request{Actor: clerk, Command: acts[hour%len(acts)], Answer: number})
}

// BenchmarkDo issues tickets from 64 callers at once, on a real file with the durability of production.
func BenchmarkDo(b *testing.B) {
	d := open(b, hallOnDisk(b))
	defer d.Close()
	e, _, stop := start(b, d)
	var n atomic.Int64
	b.SetParallelism(64) // times GOMAXPROCS; the rest waits
	gate := make(chan struct{}, 64)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			gate <- struct{}{}
			i := n.Add(1)
			take := takes("A-1")
			take.Track = fmt.Sprint("t", i)
			_, err := e.Do(context.Background(), engine.Request{Actor: kiosk, Key: fmt.Sprint(i), Digest: "d", Command: take, Answer: number})
			<-gate
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "issue/s")
	if err := stop(); err != nil {
		b.Error(err)
	}
}
