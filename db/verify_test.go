package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"yitang/db"
	"yitang/server/hall"
	"yitang/server/route"
)

func TestVerifyGood(t *testing.T) {
	b := newBook(t)
	if v := b.verify(); v.Fault != "" || v.Events != 0 {
		t.Errorf("an empty hall: %+v", v)
	}
	b = lived(t)
	if v := b.verify(); v.Fault != "" || v.Events != uint64(len(b.all)) {
		t.Errorf("beside the open hall: %+v, want %d events", v, len(b.all))
	}
	b.close()
	if v := b.verify(); v.Fault != "" || v.Events != uint64(len(b.all)) {
		t.Errorf("of the closed hall: %+v, want %d events", v, len(b.all))
	}
}

func TestVerifyNoHall(t *testing.T) {
	if _, err := db.Verify(context.Background(), t.TempDir(), route.Rule{}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
}

// TestVerifyChangedByte changes one byte of each column of each event, one at a time: the event is named by its number.
func TestVerifyChangedByte(t *testing.T) {
	b := lived(t)
	b.close()
	w := b.raw()
	run := func(query string, args ...any) {
		t.Helper()
		if _, err := w.Exec(query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	columns := []string{"seq", "hall", "day", "at", "actor", "kind", "version", "payload", "digest", "hash"}
	for _, e := range b.all {
		for _, column := range columns {
			var was any
			if err := w.QueryRow("SELECT "+column+" FROM events WHERE seq = ?", e.Seq).Scan(&was); err != nil {
				t.Fatal(err)
			}
			now := changed(was)
			run("DROP TRIGGER events_keep_update")
			run("UPDATE events SET "+column+" = ? WHERE seq = ?", now, e.Seq)
			run(keepUpdate)
			if v := b.verify(); !strings.Contains(v.Fault, fmt.Sprintf("event %d ", e.Seq)) {
				t.Errorf("%s of event %d was %v, is %v: %q", column, e.Seq, was, now, v.Fault)
			}
			at := e.Seq
			if column == "seq" {
				at = uint64(now.(int64))
			}
			run("DROP TRIGGER events_keep_update")
			run("UPDATE events SET "+column+" = ? WHERE seq = ?", was, at)
			run(keepUpdate)
		}
	}
	if v := b.verify(); v.Fault != "" {
		t.Errorf("after all was put back: %s", v.Fault)
	}
}

// changed is a value with one byte changed, of the same type.
func changed(v any) any {
	switch v := v.(type) {
	case int64:
		return v ^ 1<<20
	case []byte:
		c := append([]byte{}, v...)
		c[len(c)/2] ^= 1
		return c
	case string:
		if v == "" {
			return "x"
		}
		c := []byte(v)
		c[len(c)/2] ^= 1
		return string(c)
	}
	panic(fmt.Sprintf("%T", v))
}

// TestVerifyFinds tampers in every other way; the fault names the place.
func TestVerifyFinds(t *testing.T) {
	const insert = "INSERT INTO events SELECT %s, hall, day, at, actor, kind, version, payload, digest, hash, purged FROM events WHERE seq = %d"
	for _, c := range []struct {
		name  string
		sql   []string
		fault string
	}{
		{"a missing event", []string{"DELETE FROM events WHERE seq = 9"}, "event 9 is missing"},
		{"the first missing", []string{"DELETE FROM events WHERE seq = 1"}, "event 1 is missing"},
		{"the last ticket missing", []string{"DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)"}, "projection tickets has a row that the journal does not make: 20250605-A001"},
		{"all missing", []string{"DELETE FROM events"}, "projection tickets has a row"},
		{"a missing one closed up", []string{"DELETE FROM events WHERE seq = 9", "UPDATE events SET seq = -seq WHERE seq > 9", "UPDATE events SET seq = -seq - 1 WHERE seq < 0"}, "event 9 "},
		{"two in another order", []string{"UPDATE events SET seq = -1 WHERE seq = 7", "UPDATE events SET seq = 7 WHERE seq = 8", "UPDATE events SET seq = 8 WHERE seq = -1"}, "event 7 "},
		{"one twice", []string{fmt.Sprintf(insert, "(SELECT max(seq) + 1 FROM events)", 5)}, "event %d "},
		{"a payload taken away", []string{"UPDATE events SET payload = NULL WHERE seq = 6"}, "event 6 "},
		{"a payload and its digest", []string{"UPDATE events SET (payload, digest) = (SELECT payload, digest FROM events WHERE seq = 5) WHERE seq = 6"}, "event 6 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := lived(t)
			b.close()
			b.tamper(c.sql...)
			want := strings.ReplaceAll(c.fault, "%d", fmt.Sprint(len(b.all)+1))
			if v := b.verify(); !strings.Contains(v.Fault, want) {
				t.Errorf("got %q, want %q", v.Fault, want)
			}
		})
	}
}

// TestVerifyGuards: a journal without its guards is named although nothing was changed.
func TestVerifyGuards(t *testing.T) {
	for _, s := range []string{"DROP TRIGGER events_keep_update", "DROP TRIGGER events_keep_delete", "DROP TRIGGER events_keep_replace",
		"DROP TRIGGER events_keep_update; CREATE TRIGGER events_keep_update BEFORE UPDATE ON events BEGIN SELECT 1; END"} {
		b := lived(t)
		b.close()
		w := b.raw()
		if _, err := w.Exec(s); err != nil {
			t.Fatal(err)
		}
		w.Close()
		if v := b.verify(); !strings.Contains(v.Fault, "triggers") {
			t.Errorf("%s: %q", s, v.Fault)
		}
	}
}

// TestVerifyProjections changes each column of a row of each projection, takes a row away and adds one.
func TestVerifyProjections(t *testing.T) {
	b := lived(t)
	b.close()
	w := b.raw()
	for _, p := range []struct {
		table, row, name string
		columns          []string
	}{
		{"tickets", "id = '20250603-A003'", "20250603-A003", nil},
		{"services", "ticket = '20250603-A001' AND leg = 1", "20250603-A001", nil},
		{"window_spells", "seq = (SELECT max(seq) FROM window_spells)", "1", nil},
		{"cases", "id = '20250604-0001'", "20250604-0001", []string{"id", "state", "body"}},
		{"case_visits", "case_id = '20250604-0001'", "20250604-B001", []string{"case_id", "purpose", "derived"}},
		{"referrals", "ticket <> '' AND seq = (SELECT min(seq) FROM referrals WHERE ticket <> '')", "20250603-", []string{"to_at", "sent_back"}},
		{"ratings", "id = '20250604-B001-2'", "20250604-B001-2", []string{"grade", "text"}},
		{"rating_tasks", "id = '20250604-B001-2'", "20250604-B001-2", []string{"state", "body"}},
	} {
		list := columns(t, w, p.table)
		if len(p.columns) > 0 { // the others are compared by the same line
			list = p.columns
		}
		for _, column := range list {
			var was any
			if err := w.QueryRow("SELECT " + column + " FROM " + p.table + " WHERE " + p.row).Scan(&was); err != nil {
				t.Fatalf("%s.%s: %v", p.table, column, err)
			}
			tx, err := w.Begin()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec("CREATE TEMP TABLE saved AS SELECT * FROM main." + p.table + " WHERE " + p.row); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec("UPDATE "+p.table+" SET "+column+" = ? WHERE "+p.row, changed(was)); err != nil {
				t.Fatalf("%s.%s: %v", p.table, column, err)
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			v := b.verify()
			if !strings.Contains(v.Fault, "projection "+p.table) || !strings.Contains(v.Fault, p.name) {
				t.Errorf("%s.%s was %v: %q", p.table, column, was, v.Fault)
			}
			restore(t, w, p.table, column, changed(was))
		}
	}
	if v := b.verify(); v.Fault != "" {
		t.Errorf("after all was put back: %s", v.Fault)
	}
}

// restore puts the saved row in the place of the changed one.
func restore(t *testing.T, w *sql.DB, table, column string, changed any) {
	t.Helper()
	keys := map[string][]string{"tickets": {"id"}, "services": {"ticket", "leg"}, "window_spells": {"window", "seq"},
		"cases": {"id"}, "case_visits": {"ticket", "leg", "matter"}, "referrals": {"seq"}, "ratings": {"id"}, "rating_tasks": {"id"}}[table]
	where := "1=1"
	for _, k := range keys {
		if k == column {
			where += " AND " + k + " = ?1"
		} else {
			where += " AND " + k + " = (SELECT " + k + " FROM temp.saved)"
		}
	}
	for _, s := range []string{"DELETE FROM main." + table + " WHERE " + where, "INSERT INTO main." + table + " SELECT * FROM temp.saved", "DROP TABLE temp.saved"} {
		var err error
		if strings.Contains(s, "?1") {
			_, err = w.Exec(s, changed)
		} else {
			_, err = w.Exec(s)
		}
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func columns(t *testing.T, w *sql.DB, table string) []string {
	t.Helper()
	rows, err := w.Query("SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		list = append(list, name)
	}
	if err := rows.Err(); err != nil || len(list) == 0 {
		t.Fatalf("%s has %d columns, %v", table, len(list), err)
	}
	return list
}

// TestVerifyRows takes rows of the projections away and adds some.
func TestVerifyRows(t *testing.T) {
	for _, c := range []struct{ name, sql, fault string }{
		{"a ticket less", "DELETE FROM tickets WHERE id = '20250603-A002'", "20250603-A002"},
		{"the last ticket less", "DELETE FROM tickets WHERE id = '20250605-A001'", "projection tickets lacks a row that the journal makes: 20250605-A001"},
		{"a service less", "DELETE FROM services WHERE ticket = '20250603-A001'", "20250603-A001"},
		{"a case less", "DELETE FROM cases WHERE id = '20250603-0001'", "projection cases, row 20250603-0001: "},
		{"a rating less", "DELETE FROM ratings WHERE ticket = '20250604-B001'", "20250604-B001-2"},
		{"no spells", "DELETE FROM window_spells", "projection window_spells lacks a row"},
		{"a service more", "INSERT INTO services (ticket, leg, day, window, clerk, called_at, why) VALUES ('20250609-A001', 1, '2025-06-09', '1', 'li', 1, '{}')",
			"projection services has a row that the journal does not make: 20250609-A001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := lived(t)
			b.close()
			w := b.raw()
			if _, err := w.Exec(c.sql); err != nil {
				t.Fatal(err)
			}
			w.Close()
			if v := b.verify(); !strings.Contains(v.Fault, c.fault) {
				t.Errorf("got %q, want %q", v.Fault, c.fault)
			}
		})
	}
}

// TestVerifyBesideWork verifies again and again while the hall works: each time one moment of it, whole.
func TestVerifyBesideWork(t *testing.T) {
	b := lived(t)
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			default:
				b.take("A-1")
			}
		}
	}()
	last := uint64(0)
	for range 10 {
		v := b.verify()
		if v.Fault != "" || v.Events < last {
			t.Errorf("%+v after %d events", v, last)
		}
		last = v.Events
	}
	close(stop)
	<-ended
}

// TestVerifyProgress is told of every 10,000 events.
func TestVerifyProgress(t *testing.T) {
	b := newBook(t)
	b.do(hall.System, hall.AdoptLayout{Layout: layout("1")})
	var entry hall.Entry
	for i := range 20_000 {
		events, err := hall.Decide(b.s, hall.ReportDevice{Device: "k", Part: "p", State: []string{"up", "down"}[i%2]}, b.at, kiosk)
		if err != nil {
			t.Fatal(err)
		}
		b.s.Apply(&events[0])
		entry.Events = append(entry.Events, events...)
	}
	if err := b.d.Append([]hall.Entry{entry}); err != nil {
		t.Fatal(err)
	}
	var told []uint64
	v, err := db.Verify(t.Context(), b.dir, route.Rule{}, func(n uint64) { told = append(told, n) })
	if err != nil || v.Fault != "" || v.Events != 20_001 || fmt.Sprint(told) != "[10000 20000]" {
		t.Errorf("%+v, %v, told %v", v, err, told)
	}
}
