package db_test

import (
	"context"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"yitang/db"
	"yitang/server/hall"
	"yitang/server/route"
)

// How many logs are torn, and from which seed; `make torture` tears 1,000.
var (
	tearings = flag.Int("torn", 40, "logs that TestTornLog tears")
	tornSeed = flag.Uint64("torn.seed", 1, "seed of TestTornLog")
)

// TestTornLog cuts the end of SQLite's write-ahead log off at random, or fills it with zeros or noise, as a disk may leave
// it that lied about a power cut. The hall opens with what was whole: the first n events, each commit whole or absent,
// projections that agree; and goes on from there.
func TestTornLog(t *testing.T) {
	b := lived(t)
	if _, err := b.d.Writer().Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil { // the log holds what comes now, from an open day on
		t.Fatal(err)
	}
	ends := map[uint64]bool{} // sequence numbers at which a commit ended
	for i := range 60 {
		b.take([]hall.MatterCode{"A-1", "B-1"}[i%2])
		ends[b.s.Seq()] = true
	}
	all := b.s.Seq()
	kept := t.TempDir()
	copyHall(t, b.dir, kept) // while the hall is open, so that the log is there
	lost := 0
	for i := range *tearings {
		seed := *tornSeed + uint64(i)
		rng := rand.New(rand.NewPCG(seed, 0))
		dir := t.TempDir()
		copyHall(t, kept, dir)
		how := tear(t, rng, filepath.Join(dir, db.File+"-wal"))
		d, err := db.Open(dir)
		if err != nil {
			t.Fatalf("seed %d, %s: %v", seed, how, err)
		}
		s := hall.New(route.Rule{})
		if err := d.Replay(context.Background(), func(e *hall.Event) error { s.Apply(e); return nil }); err != nil {
			t.Fatalf("seed %d, %s: %v", seed, how, err)
		}
		v, err := db.Verify(context.Background(), dir, route.Rule{}, nil)
		if err != nil || v.Fault != "" || v.Events > all {
			t.Fatalf("seed %d, %s: %d of %d events, %s %v", seed, how, v.Events, all, v.Fault, err)
		}
		if v.Events > all-60 && !ends[v.Events] {
			t.Fatalf("seed %d, %s: %d events are in the middle of a commit", seed, how, v.Events)
		}
		if v.Events < all {
			lost++
		}
		c := &book{TB: t, dir: dir, d: d, s: s, at: s.Now(), n: 1000}
		c.take("A-1")
		c.close()
		if again := c.verify(); again.Fault != "" || again.Events != v.Events+1 {
			t.Fatalf("seed %d, %s: does not go on: %+v after %+v", seed, how, again, v)
		}
	}
	t.Logf("%d logs torn from seed %d: %d lost commits at their end, none in the middle", *tearings, *tornSeed, lost)
	if lost == 0 {
		t.Error("no tearing reached a commit")
	}
}

func copyHall(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range []string{db.File, db.File + "-wal"} {
		in, err := os.Open(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		out, err := os.Create(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(out, in); err != nil {
			t.Fatal(err)
		}
		_, _ = in.Close(), out.Close()
	}
}

// tear spoils the end of a log and says how.
func tear(t *testing.T, rng *rand.Rand, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || len(b) == 0 {
		t.Fatalf("no log to tear: %d bytes, %v", len(b), err)
	}
	from := len(b) - rng.IntN(len(b)*2/3)
	how := []string{"cut", "zeros", "noise", "a page of zeros"}[rng.IntN(4)]
	switch end := b[from:]; how {
	case "cut":
		b = b[:from]
	case "zeros":
		clear(end)
	case "noise":
		for i := range end {
			end[i] = byte(rng.Uint32())
		}
	default:
		clear(end[:min(len(end), 4096)])
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return how
}
