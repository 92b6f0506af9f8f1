package db_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yitang/db"
	"yitang/server/hall"
)

// purgeAll purges what is due, as the hall does.
func (b *book) purgeAll(persons, audit hall.Day) (records int) {
	b.Helper()
	for {
		plan, err := b.d.PurgePlan(context.Background(), persons, audit)
		if err != nil {
			b.Fatal(err)
		}
		if plan == nil {
			return records
		}
		n, err := b.d.PurgeCount(context.Background(), plan)
		if err != nil {
			b.Fatal(err)
		}
		done, ok := b.do(hall.System, hall.Purge{RecordsPurged: *plan})[0].Body.(*hall.RecordsPurged)
		if !ok || done.Records != n {
			b.Fatalf("%d records were to be purged, %d were", n, done.Records)
		}
		records += n
	}
}

// TestNothingIsDueOnTheFirstDay: what was recorded before a hall's first day is as old as that day, not due at once.
func TestNothingIsDueOnTheFirstDay(t *testing.T) {
	b := newBook(t)
	b.do(hall.System, hall.AdoptLayout{Layout: layout("1")})
	b.do(li, hall.RecordAccess{What: hall.LoginFailed, User: "admin", Source: "10.9.8.7"})
	b.day("2025-06-03")
	if plan, err := b.d.PurgePlan(t.Context(), "2023-06-03", "2024-06-03"); plan != nil || err != nil {
		t.Errorf("%+v %v", plan, err)
	}
	b.do(hall.System, hall.OpenDay{Day: "2025-06-04"})
	if n := b.purgeAll("2023-06-03", "2025-06-03"); n == 0 {
		t.Error("it is due with the first day, and is kept")
	}
}

// private is what the days of lived say about persons: pseudonyms, codes, words.
func private(day hall.Day) []string {
	list := []string{"法定到场" + string(day)}
	n := 0
	if day > "2025-06-03" {
		n = 8
	}
	for i := range 8 {
		list = append(list, fmt.Sprintf("pseudonym%d\"", n+i+1), fmt.Sprintf("track%d\"", n+i+1))
	}
	return list
}

// bytesOf are all bytes of a hall's files.
func bytesOf(t testing.TB, dir string) []byte {
	t.Helper()
	var all []byte
	for _, name := range []string{db.File, db.File + "-wal", db.File + "-shm"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}

// After a purge the chain verifies, the projections agree with the journal, what is counted is as it was, and the bytes are
// nowhere in the file or its log; what is not due yet is left alone.
func TestPurge(t *testing.T) {
	b := lived(t)
	b.do(li, hall.ActOnCase{Case: b.s.FindCase("pseudonym2", "B-1").ID, Step: hall.StepEnd, Detail: hall.StepDetail{Today: "2025-06-05", End: hall.Withdrawn}})
	b.do(li, hall.RecordAccess{What: hall.LoginFailed, User: "Passw0rd-typed-here", Source: "10.9.8.7"})
	b.do(hall.System, hall.CloseDay{})
	b.do(hall.System, hall.OpenDay{Day: "2025-06-06"})
	b.take("A-1")
	counts := func() string {
		var s string
		for _, q := range []string{"SELECT group_concat(day || state || priority || issued_at || matters) FROM tickets",
			"SELECT group_concat(ticket || window || called_at || ended_at || end) FROM services", "SELECT group_concat(grade || at) FROM ratings",
			"SELECT group_concat(case_id || ticket || outcome || purpose) FROM case_visits", "SELECT group_concat(id || matter || opened_at || closed_at || end) FROM cases"} {
			s += ask(t, b.d.Readers(), q)
		}
		return s
	}
	before := counts()
	if n := b.purgeAll("2025-06-03", "2025-06-05"); n == 0 {
		t.Fatal("nothing was purged")
	}
	if v := b.verify(); v.Fault != "" {
		t.Fatal(v.Fault)
	}
	if counts() != before {
		t.Error("the purge changed what is counted")
	}
	if err := b.d.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	all := bytesOf(t, b.dir)
	for _, s := range append(private("2025-06-03"), "Passw0rd-typed-here", "10.9.8.7") {
		s = strings.TrimSuffix(s, `"`)
		if s == "pseudonym1" || s == "track1" || s == "pseudonym2" { // the beginning of later ones; of a case that was closed later
			continue
		}
		if bytes.Contains(all, []byte(s)) {
			t.Errorf("%s is still in the files", s)
		}
	}
	for _, s := range private("2025-06-04") {
		if !bytes.Contains(all, []byte(strings.TrimSuffix(s, `"`))) {
			t.Errorf("%s is gone, and was not due", s)
		}
	}
	if !bytes.Contains(all, []byte("pseudonym2")) {
		t.Error("the person of a case that was not closed long enough is gone")
	}
	b.purgeAll("2025-06-05", "2025-06-05")
	if err := b.d.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(bytesOf(t, b.dir), []byte("pseudonym2")) {
		t.Error("the person of a closed case is still there")
	}
	if plan, err := b.d.PurgePlan(context.Background(), "2025-06-05", "2025-06-05"); plan != nil || err != nil {
		t.Errorf("there is more to purge: %+v %v", plan, err)
	}
	b.close()
	b.open() // and it goes on
	b.take("B-1")
	if v := b.verify(); v.Fault != "" {
		t.Fatal(v.Fault)
	}
}

// What claims to have been purged and was not ordered so, or not like that, is found.
func TestVerifyFindsAFalsePurge(t *testing.T) {
	for name, tampering := range map[string]string{
		"by no purge":     "UPDATE events SET payload = '{}', purged = 3 WHERE seq = 40",
		"one more":        "UPDATE events SET purged = (SELECT max(purged) FROM events) WHERE seq = (SELECT max(seq) FROM events WHERE kind = 'ticket_started' AND purged = 0)",
		"another payload": "UPDATE events SET payload = replace(payload, 'A-1', 'B-1') WHERE seq = (SELECT min(seq) FROM events WHERE purged > 0)",
		"one less":        "UPDATE events SET purged = 0 WHERE seq = (SELECT min(seq) FROM events WHERE purged > 0)",
	} {
		t.Run(name, func(t *testing.T) {
			b := lived(t)
			b.purgeAll("2025-06-03", "")
			b.tamper(tampering)
			if v := b.verify(); !strings.Contains(v.Fault, "event ") {
				t.Errorf("not found: %q", v.Fault)
			}
		})
	}
}

// The journal cannot be purged without an order, nor otherwise than it says.
func TestOnlyAnOrderedPurgeChangesEvents(t *testing.T) {
	b := lived(t)
	b.purgeAll("2025-06-03", "")
	w := b.raw()
	for _, s := range []string{
		"UPDATE events SET payload = '{}' WHERE seq = 40",
		"UPDATE events SET payload = '{}', purged = 41 WHERE seq = 40",
		"UPDATE events SET payload = '{}', at = 0, purged = (SELECT max(seq) FROM events WHERE kind = 'records_purged') WHERE seq = 40",
		"UPDATE events SET payload = 'x' WHERE seq = (SELECT min(seq) FROM events WHERE purged > 0)",
	} {
		if _, err := w.Exec(s); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", s, err)
		}
	}
}
