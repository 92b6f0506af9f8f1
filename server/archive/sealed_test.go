package archive_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"yitang/db"
	"yitang/server/archive"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/route"
)

// TestImportIsInTheJournal: an import is an event whose digest the imported rows must fit; an import that the journal does
// not take has not happened.
func TestImportIsInTheJournal(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	d := open(t, dir)
	eng, err := engine.New(ctx, d, route.Rule{}, time.Now, func(*hall.View) {})
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("no room")
	if _, err := archive.Import(ctx, d, example(t), shanghai(t), t.TempDir(), nil, func(hall.HistoryImported) error { return refused }); !errors.Is(err, refused) {
		t.Fatalf("%v", err)
	}
	if body, err := d.PastCase(ctx, "C1"); body != nil || err != nil {
		t.Fatalf("an import that the journal refused is there: %v", err)
	}
	if _, err := archive.Import(ctx, d, example(t), shanghai(t), t.TempDir(), nil, func(i hall.HistoryImported) error {
		if i.Cases != 18 || i.Tickets != 27 || len(i.Digest) != 64 {
			t.Errorf("%+v", i)
		}
		return eng.Alone(ctx, hall.ImportHistory{HistoryImported: i})
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if v := verify(t, dir); v.Fault != "" || v.Events != 1 {
		t.Fatalf("%+v", v)
	}
	spoil(t, dir, "UPDATE past_cases SET closed = closed + 1 WHERE id = 'C4'")
	if v := verify(t, dir); !strings.Contains(v.Fault, "imported history") {
		t.Errorf("a changed case: %q", v.Fault)
	}
	spoil(t, dir, "UPDATE past_cases SET closed = closed - 1 WHERE id = 'C4'")
	if v := verify(t, dir); v.Fault != "" {
		t.Errorf("put back: %q", v.Fault)
	}
	spoil(t, dir, "DELETE FROM past_cases", "DELETE FROM past_days", "DELETE FROM past_accepted", "DELETE FROM past_standards")
	if v := verify(t, dir); v.Fault == "" {
		t.Error("an import that somebody emptied is not found")
	}
}

func verify(t *testing.T, dir string) db.Verdict {
	t.Helper()
	v, err := db.Verify(context.Background(), dir, route.Rule{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func spoil(t *testing.T, dir string, statements ...string) {
	t.Helper()
	w, err := sql.Open("sqlite3", filepath.Join(dir, db.File))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, s := range statements {
		if _, err := w.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
}
