package ledger_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"yitang/city/ledger"
	"yitang/city/letter"
	"yitang/city/play"
	"yitang/db"
	"yitang/server/catalogue"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/person"
)

func TestMain(m *testing.M) { os.Exit(halltest.Postgres(m)) }

// fresh is an empty ledger.
func fresh(t testing.TB) (*ledger.Ledger, string) {
	t.Helper()
	url := halltest.Database(t)
	l, err := ledger.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, url
}

// book is a played hall with its own journal on disk.
type book struct {
	*db.DB
	*play.Hall
	gen     letter.Generation
	entries []hall.Entry // not on disk yet
}

func newBook(t testing.TB, id hall.ID, seed uint64) *book {
	t.Helper()
	d, err := db.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	layout, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	layout.Hall, layout.Name = id, hall.Text{"zh": "大厅" + string(id)}
	b := &book{DB: d, gen: 1}
	if b.Hall, err = play.New(*layout, seed, func(e hall.Entry) error { b.entries = append(b.entries, e); return nil }); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *book) days(t testing.TB, people int, days ...hall.Day) {
	t.Helper()
	for _, d := range days {
		if err := b.Day(d, people); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Append(b.entries); err != nil {
		t.Fatal(err)
	}
	b.entries = nil
}

func key(t testing.TB, seed byte) person.Key {
	t.Helper()
	secret := make([]byte, 32)
	secret[0] = seed
	k, err := person.NewKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// letters are the whole journal as the hall would send it.
func (b *book) letters(t testing.TB) []*letter.Letter {
	t.Helper()
	w := letter.Writer{Hall: b.Hall.ID, Gen: b.gen, Key: key(t, 0)}
	events, err := b.ChainAfter(t.Context(), 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	var out []*letter.Letter
	for len(events) > 0 {
		m, n, err := w.Pack(events, events[len(events)-1].Seq)
		if err != nil {
			t.Fatal(err)
		}
		list, err := letter.Decode(m.Data)
		if err != nil {
			t.Fatal(err)
		}
		out, events = append(out, list...), events[n:]
	}
	return out
}

// take takes letters in parts of at most n.
func take(t testing.TB, l *ledger.Ledger, letters []*letter.Letter, n int) (sum ledger.Taken) {
	t.Helper()
	for from := 0; from < len(letters); from += n {
		got, err := l.Take(t.Context(), letters[from:min(from+n, len(letters))])
		if err != nil {
			t.Fatal(err)
		}
		sum.New, sum.Again, sum.Early, sum.Refused = sum.New+got.New, sum.Again+got.Again, sum.Early+got.Early, sum.Refused+got.Refused
	}
	return sum
}

func chance(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2)) }
