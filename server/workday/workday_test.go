package workday_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yitang/server/workday"
)

// TestDue holds the calendar to the dates that the hall's specification names.
func TestDue(t *testing.T) {
	c := workday.Default()
	for _, w := range []struct {
		from workday.Day
		n    int
		due  workday.Day
	}{
		{"2025-01-24", 3, "2025-02-05"}, {"2025-03-27", 3, "2025-04-02"}, {"2025-05-30", 5, "2025-06-12"},
		{"2025-05-30", 20, "2025-07-03"}, {"2025-09-26", 1, "2025-09-28"}, {"2025-09-26", 5, "2025-10-10"},
		{"2025-09-30", 10, "2025-10-21"}, {"2025-04-25", 5, "2025-05-06"}, {"2025-06-03", 0, "2025-06-03"},
	} {
		if got, err := c.Due(w.from, w.n); err != nil || got != w.due {
			t.Errorf("due(%s, %d) = %s, %v, want %s", w.from, w.n, got, err, w.due)
		}
	}
}

func TestYearHas244WorkingDays(t *testing.T) {
	c, n := workday.Default(), 0
	for d := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2025; d = d.AddDate(0, 0, 1) {
		works, err := c.IsWorkday(workday.Day(d.Format(time.DateOnly)))
		if err != nil {
			t.Fatal(err)
		}
		if works {
			n++
		}
	}
	if n != 244 {
		t.Errorf("2025 has %d working days, want 244", n)
	}
}

func TestUnknownYearIsRefused(t *testing.T) {
	c := workday.Default()
	for _, ask := range map[string]func() error{
		"from":    func() error { _, err := c.Due("2031-03-03", 3); return err },
		"0 days":  func() error { _, err := c.Due("2031-03-03", 0); return err },
		"across":  func() error { _, err := c.Due("2025-12-30", 5); return err },
		"before":  func() error { _, err := c.Between("2024-12-30", "2025-01-03"); return err },
		"the day": func() error { _, err := c.IsWorkday("2024-02-29"); return err },
	} {
		err := ask()
		var unknown *workday.UnknownYearError
		if !errors.As(err, &unknown) || !strings.Contains(unknown.Message(), "calendar.csv") {
			t.Errorf("got %v, want an unknown year with what to do", err)
		}
	}
	if d, err := c.Due("2025-12-30", 1); err != nil || d != "2025-12-31" {
		t.Errorf("the last day of the year: %s, %v", d, err)
	}
	if c := c.With(workday.Year{Year: 2026, Holidays: []workday.Day{"2026-01-01"}}); len(c.Years()) != 2 {
		t.Errorf("with a year of the hall's own the calendar knows %v", c.Years())
	} else if d, err := c.Due("2025-12-30", 2); err != nil || d != "2026-01-02" {
		t.Errorf("across the new year: %s, %v", d, err)
	}
}

func TestNoDay(t *testing.T) {
	c := workday.Default()
	if _, err := c.Due("2025-02-30", 1); err == nil || !strings.Contains(err.Error(), "2025-02-30") {
		t.Errorf("30 February: %v", err)
	}
	if _, err := c.Due("2025-02-03", -1); err == nil {
		t.Error("a negative term was accepted")
	}
	if _, err := c.Between("2025-01-01", "x"); err == nil {
		t.Error("x was taken for a day")
	}
}

// TestBetweenUndoesDue draws days and terms of 2025.
func TestBetweenUndoesDue(t *testing.T) {
	c := workday.Default()
	rapid.Check(t, func(r *rapid.T) {
		from := workday.Day(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 200).Draw(r, "day")).Format(time.DateOnly))
		n := rapid.IntRange(0, 60).Draw(r, "n")
		due, err := c.Due(from, n)
		if err != nil {
			r.Fatal(err)
		}
		if got, err := c.Between(from, due); err != nil || got != n {
			r.Fatalf("between(%s, %s) = %d, %v, want %d", from, due, got, err, n)
		}
		if got, err := c.Between(due, from); err != nil || got > -n {
			r.Fatalf("backwards from %s to %s: %d, %v", due, from, got, err)
		}
		if works, err := c.IsWorkday(due); n > 0 && (err != nil || !works) {
			r.Fatalf("%s is due and does not work, %v", due, err)
		}
	})
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "line 1: the header",
		"day,kind\n":                      "line 1: the header must be date,kind",
		"date,kind\n2025-02-30,holiday\n": `line 2, column date: "2025-02-30" is no day`,
		"date,kind\n2025-01-01,holiday\n2025-01-01,holiday\n": "line 3, column date: 2025-01-01 stands twice",
		"date,kind\n2025-01-01,rest\n":                        `line 2, column kind: "rest" is neither`,
		"date,kind\n2025-01-02,workday\n":                     "line 2, column kind: 2025-01-02 is a Thursday",
		"date,kind\n2025-01-02\n":                             "line 2: wrong number of fields",
		"date,kind\n2025\"01-02,holiday\n":                    `line 2: bare " in non-quoted-field`,
	} {
		if _, err := workday.Parse(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	years, err := workday.Parse(strings.NewReader("\ufeffdate,kind\r\n2027-01-01,holiday\r\n2026-01-01,holiday\r\n2026-01-04,workday\r\n"))
	if err != nil || len(years) != 2 || years[0].Year != 2026 || len(years[0].Worked) != 1 {
		t.Errorf("two years: %+v, %v", years, err)
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	years := []workday.Year{
		{Year: 2026, Holidays: []workday.Day{"2026-01-01"}, Worked: []workday.Day{"2026-01-04"}},
		{Year: 2027, Holidays: []workday.Day{}}, {Year: 2028},
	}
	var file strings.Builder
	if err := workday.Write(&file, years); err != nil {
		t.Fatal(err)
	}
	got, err := workday.Parse(strings.NewReader(file.String()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, file.String())
	}
	read, meant := workday.New(got...), workday.New(years...)
	if !slices.Equal(read.Years(), meant.Years()) {
		t.Fatalf("years %v, want %v", read.Years(), meant.Years())
	}
	for d := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2029; d = d.AddDate(0, 0, 1) {
		day := workday.Day(d.Format(time.DateOnly))
		a, err := read.IsWorkday(day)
		b, err2 := meant.IsWorkday(day)
		if a != b || err != nil || err2 != nil {
			t.Errorf("%s: %v %v, want %v %v", day, a, err, b, err2)
		}
	}
}
