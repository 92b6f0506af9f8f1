package city_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"yitang/city"
	"yitang/city/letter"
	"yitang/city/register"
	"yitang/server/hall"
	"yitang/server/halltest"
)

// judgedBefore makes of each judgement that is kept one of a program that did not keep by which rules.
func (w *town) judgedBefore() {
	w.Helper()
	c, err := pgx.Connect(w.Context(), w.config.Database)
	if err != nil {
		w.Fatal(err)
	}
	defer c.Close(w.Context()) //nolint:errcheck // what it did is committed
	if tag, err := c.Exec(w.Context(), `UPDATE judged SET body = '{}', over = true`); err != nil || tag.RowsAffected() == 0 {
		w.Fatalf("%d judgements were kept, %v", tag.RowsAffected(), err)
	}
}

// seals are the persons of the city's tickets, in order, one for each ticket of somebody.
func (w *town) seals() []string {
	w.Helper()
	c, err := pgx.Connect(w.Context(), w.config.Database)
	if err != nil {
		w.Fatal(err)
	}
	defer c.Close(w.Context()) //nolint:errcheck // it only read
	r, err := c.Query(w.Context(), `SELECT person FROM tickets WHERE person <> '' ORDER BY person`)
	if err != nil {
		w.Fatal(err)
	}
	list, err := pgx.CollectRows(r, pgx.RowTo[string])
	if err != nil {
		w.Fatal(err)
	}
	return list
}

// taken is up to where the database has a hall's journal, and in which generation: what the page shows of the latter is the register's.
func (w *town) taken(id hall.ID) (gen letter.Generation, position uint64) {
	w.Helper()
	c, err := pgx.Connect(w.Context(), w.config.Database)
	if err != nil {
		w.Fatal(err)
	}
	defer c.Close(w.Context()) //nolint:errcheck // it only read
	err = c.QueryRow(w.Context(), `SELECT gen, position FROM halls WHERE id = $1`, id).Scan(&gen, &position)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		w.Fatal(err)
	}
	return gen, position
}

// TestRotate changes the city's key while two halls work. A person was at one of them before and comes to the other one after:
// still one case with two visits. What was sealed under the old key is gone from the database, every event is there once, and
// the halls work by the new key after a restart too.
func TestRotate(t *testing.T) {
	w := newTown(t)
	township, cityHall := w.branch("township", 1), w.branch("changji", 1)
	halls, names := []*halltest.Hall{township, cityHall}, []hall.ID{"township", "changji"}
	for _, h := range halls {
		h.Now = june()
		h.Start()
	}
	arrived := func(gen letter.Generation) func() bool {
		return func() bool {
			for i, h := range halls {
				if is, position := w.taken(names[i]); is != gen || position != head(t, h) {
					return false
				}
			}
			return true
		}
	}
	visit(t, township, township.Matters[0], "incomplete")
	w.until("both journals are in the city", arrived(1))
	before := w.seals()
	if len(before) != 1 {
		t.Fatalf("sealed before: %q", before)
	}
	w.change(func(r *register.Register) { r.Rotate() })
	visit(t, cityHall, cityHall.Matters[0], "done") // under the old key or the new one
	w.until("both journals are in the city under the new key", func() bool {
		seals := w.seals()
		return arrived(2)() && len(seals) == 2 && !slices.Contains(seals, before[0])
	})
	if after := w.seals(); after[0] != after[1] {
		t.Errorf("one person is two: %q", after)
	}
	once := func(visits string) {
		t.Helper()
		var o city.Once
		w.call("GET", "/api/v1/runonce?from=2025-06-03&to=2025-06-03", 200, nil, &o)
		if o.All.N != 1 || o.Visits[visits] != 1 || o.Moved != 1 {
			t.Errorf("%+v", o)
		}
	}
	once("2")
	w.judgedBefore()
	once("2")
	township.Stop()
	township.Start()
	visit(t, township, township.Matters[0], "consultation")
	w.until("what a restarted hall tells", arrived(2))
	if after := w.seals(); len(after) != 3 || after[0] != after[2] {
		t.Errorf("the restarted hall seals by another key: %q", after)
	}
}
