package server_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yitang/db"
	"yitang/server"
	"yitang/server/account"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/route"
)

// A dry run says what a purge then does; after it the figures are there, the person is not, and the chain verifies, on the
// standby that follows as well.
func TestPurgeByTheClock(t *testing.T) {
	h := halltest.Make(t, 1)
	at := time.Date(2023, 6, 1, 10, 0, 0, 0, time.UTC)
	h.Now = func() time.Time { return at }
	const number = "11010519491231002X"
	for i := range 3 {
		h.Start()
		if i > 0 { // a year is no holiday
			h.Post(200, h.Tokens[account.System], "/api/v1/admin/clock", "", map[string]any{"day": at.Format(time.DateOnly), "close": true})
			eventually(t, "the day is open", func() bool {
				return bytes.Contains(h.Get(200, h.Tokens[account.System], "/api/v1/admin/clock").Body, []byte(`"open":true`))
			})
		}
		h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", map[string]any{"matters": h.Matters[:1], "person": map[string]any{"kind": "id", "number": number}})
		h.Stop()
		at = at.AddDate(1, 0, 0)
	}
	at = at.AddDate(-1, 1, 0) // July 2025: the first day is more than 24 months old
	data, err := db.Open(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	ctx := context.Background()
	layout, err := data.Layout(ctx)
	if err != nil {
		t.Fatal(err)
	}
	person := person(t, data)
	dry, err := server.WouldPurge(ctx, data, layout, at)
	if err != nil || dry.Days != 1 || dry.Records == 0 || dry.Persons != "2023-06-30" || dry.Audit != "2024-06-30" {
		t.Fatalf("%+v %v", dry, err)
	}
	done, err := server.PurgeDue(ctx, data, layout, at, func(cmd hall.Command) error {
		eng, err := engine.New(ctx, data, route.Rule{}, func() time.Time { return at }, func(*hall.View) {})
		if err != nil {
			return err
		}
		return eng.Alone(ctx, cmd)
	})
	if err != nil || done != dry {
		t.Errorf("the dry run said %+v, done was %+v (%v)", dry, done, err)
	}
	if err := server.Compact(ctx, data, at); err != nil {
		t.Fatal(err)
	}
	first, err := data.Ticket(ctx, "20230601-A001")
	if err != nil || first == nil || first.Person != "" || first.IssuedAt == 0 {
		t.Errorf("%+v %v", first, err)
	}
	text, err := os.ReadFile(filepath.Join(h.Dir, db.File))
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte(person)); n == 0 {
		t.Error("the same person's later tickets were purged, too")
	}
	if bytes.Contains(text, []byte(number)) {
		t.Error("the number itself is in the file")
	}
	h.Verify()
}

// person is the pseudonym of the first ticket.
func person(t *testing.T, data *db.DB) string {
	t.Helper()
	first, err := data.Ticket(context.Background(), "20230601-A001")
	if err != nil || first == nil || first.Person == "" {
		t.Fatalf("%+v %v", first, err)
	}
	return first.Person
}
