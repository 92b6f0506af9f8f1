package report_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yitang/server/hall"
	"yitang/server/report"
	"yitang/server/runonce"
	"yitang/server/workday"
)

// ms is a moment of 3 June 2025 in the hall, a quarter past nine being 9.25.
func ms(hours float64) hall.Millis {
	return hall.Millis(time.Date(2025, 6, 2, 16, 0, 0, 0, time.UTC).UnixMilli()) + hall.Millis(math.Round(hours*3_600_000))
}

func floor(t *testing.T, tickets ...runonce.Ticket) *report.Floor {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return &report.Floor{Hall: "大厅", From: "2025-06-03", To: "2025-06-03", ReportDay: "2025-06-03", Fields: []hall.Field{{ID: "A", Name: hall.Text{"zh": "市场"}}},
		FieldOf: map[hall.MatterCode]hall.FieldID{"M1": "A"},
		Data:    &runonce.Data{Zone: zone, Calendar: workday.Default(), Days: tickets, Journal: &runonce.Journal{}, Standards: map[hall.MatterCode]runonce.Standard{"M1": {Department: "住建局", Promised: 5}}}}
}

// served is a ticket that waits, is served and done.
func served(window string, issued, waited, took float64) runonce.Ticket {
	called := ms(issued + waited/60)
	return runonce.Ticket{ID: "t", Matters: []hall.MatterCode{"M1"}, Channel: runonce.Kiosk, Window: hall.WindowID(window), Clerk: "li", State: runonce.Done, IssuedAt: ms(issued),
		CalledAt: called, StartedAt: called, EndedAt: called + hall.Millis(took*60_000)}
}

func TestTraffic(t *testing.T) {
	moved := served("2", 9.5, 0, 6)
	moved.From = "t"
	missed := runonce.Ticket{ID: "m", Channel: runonce.Phone, Window: "1", State: runonce.NoShow, IssuedAt: ms(10), CalledAt: ms(10.5), EndedAt: ms(10.6)}
	left := runonce.Ticket{ID: "l", Channel: runonce.Kiosk, State: runonce.Abandoned, IssuedAt: ms(10), EndedAt: ms(18)}
	later := served("1", 33, 1, 1) // the next day
	f := floor(t, served("1", 9, 5, 4), served("1", 9.2, 25, 8), moved, missed, left, later)
	before := floor(t, served("1", 9, 10, 10), served("1", 9, 10, 10), served("1", 11, 10, 10))
	f.Usual = report.NewUsual("平常一天", before, true)
	f.Now = ms(9.2)
	r := report.Traffic(f)
	if diff := cmp.Diff([]any{"平常到 09:12", 2, 0, nil, nil, nil, nil, nil, nil}, r.Table("totals").Rows[2]); diff != "" {
		t.Error(diff)
	}
	want := [][]any{{"09:00", 2, 2, 15.0, 10.0, 25.0, 3, 6.0}, {"10:00", nil, 0, 30.0, nil, 30.0, nil, nil}, {"11:00", nil, 1, nil, 10.0, nil, nil, nil}}
	if diff := cmp.Diff(want, r.Table("hours").Rows); diff != "" {
		t.Errorf("hours that have not come: %s", diff)
	}
	f.Now = ms(33)
	r = report.Traffic(f)
	want = [][]any{{"本期", 4, 3, 20.0, 30.0, 1.0 / 3, 6.0, 0.25, 0.25}, {"平常一天", 3, 3, 10.0, 10.0, 1.0, 10.0, 0.0, 0.0}}
	if diff := cmp.Diff(want, r.Table("totals").Rows); diff != "" {
		t.Error(diff)
	}
	want = [][]any{{"09:00", 2, 2, 15.0, 10.0, 25.0, 3, 6.0}, {"10:00", 2, 0, 30.0, nil, 30.0, 0, nil}, {"11:00", 0, 1, nil, 10.0, nil, 0, nil}}
	if diff := cmp.Diff(want, r.Table("hours").Rows); diff != "" {
		t.Error(diff)
	}
	if rows := r.Table("fields").Rows; len(rows) != 2 || rows[0][0] != "A 市场" || rows[0][1] != 2 || rows[1][1] != 2 {
		t.Errorf("%v", rows)
	}
}

// TestPeople: averages of fewer than five services are not told, of fewer than thirty not compared, and nobody has a place.
func TestPeople(t *testing.T) {
	var list []runonce.Ticket
	for i := range 30 {
		list = append(list, served("10", 9, 0, 10+float64(i%2)))
		if i < 29 {
			list = append(list, served("2", 9, 0, 4+float64(i%2)))
		}
		if i < 4 {
			list = append(list, served("3", 9, 0, 1))
		}
	}
	f := floor(t, list...)
	f.Data.Journal.Spells = []hall.SpellRow{{Window: "10", Since: ms(9), Until: ms(15), State: hall.Open}, {Window: "10", Since: ms(15), Until: ms(15.5), State: hall.Paused, Reason: "device"},
		{Window: "10", Since: ms(-20), Until: ms(-10), State: hall.Open}}
	r := report.People(f)
	rows := r.Table("windows").Rows
	for i, want := range []string{"2 29 不足 30 次，不比较", "3 4 不足 5 次，不公布平均", "10 30 比全体长"} {
		if got := fmt.Sprint(rows[i][0], " ", rows[i][1], " ", rows[i][9]); got != want {
			t.Errorf("row %d: %s, want %s", i, got, want)
		}
	}
	if rows[1][6] != nil || rows[2][2] != 6.0 || rows[2][3] != 0.5 || rows[2][4] != 1 || rows[2][5] != 315.0/360 || rows[0][2] != nil {
		t.Errorf("%v", rows)
	}
	if diff := cmp.Diff([][]any{{"设备故障", 1, 0.5, 30.0}}, r.Table("pauses").Rows); diff != "" {
		t.Error(diff)
	}
}

// TestUnended: what only the end of the day ended counts as done and in no average, and the table says how much there is of it.
func TestUnended(t *testing.T) {
	var list []runonce.Ticket
	for range 5 {
		list = append(list, served("1", 9, 0, 10))
	}
	forgotten := served("1", 15, 0, 0)
	forgotten.EndedAt = 0
	waiting := runonce.Ticket{ID: "w", Channel: runonce.Kiosk, Window: "1", State: runonce.Waiting, IssuedAt: ms(16), CalledAt: ms(16), StartedAt: ms(16)}
	f := floor(t, append(list, forgotten, waiting)...)
	f.Data.Journal.Spells = []hall.SpellRow{{Window: "1", Since: ms(9), Until: ms(16), State: hall.Open}, {Window: "1", Since: ms(16), Until: ms(17), State: hall.Paused, Reason: "water"},
		{Window: "1", Since: ms(17), Until: ms(24), State: hall.Paused, Reason: "meeting", Unended: true}, {Window: "2", Since: ms(9), Until: ms(24), State: hall.Open, Unended: true}}
	f.Data.Days = append(f.Data.Days, served("2", 9, 0, 60), later(served("2", 33, 0, 60)))
	r := report.People(f)
	windows, pauses := r.Table("windows"), r.Table("pauses")
	if diff := cmp.Diff([][]any{{"1", 6, 7.0, 1.0, 1, 50.0 / 420, 10.0, 10.0, 10.0, "不足 30 次，不比较"}, {"2", 1, 1.0, 0.0, 0, 1.0, nil, nil, nil, "不足 5 次，不公布平均"}}, windows.Rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]any{{"喝水、上厕所", 1, 1.0, 60.0}}, pauses.Rows); diff != "" {
		t.Error(diff)
	}
	traffic := report.Traffic(f)
	if row := traffic.Table("totals").Rows[0]; row[2] != 7 || row[6] != 110.0/6 {
		t.Errorf("%v", row)
	}
	for _, said := range []struct{ words, want string }{{windows.Note, "有 1 次办理"}, {windows.Note, "有 1 次开窗"}, {pauses.Note, "另有 1 次暂停"},
		{r.Table("clerks").Note, "有 1 次办理"}, {strings.Join(traffic.Definitions, " "), "本期有 1 次办理"}} {
		if !strings.Contains(said.words, said.want) {
			t.Errorf("%q does not say %q", said.words, said.want)
		}
	}
}

// later is a ticket of another day.
func later(t runonce.Ticket) runonce.Ticket {
	t.ID = "later"
	return t
}

// TestPromised: accepted on 3 June with five working days, the promised day is the 13th.
func TestPromised(t *testing.T) {
	day := func(n float64) hall.Millis { return ms(24*(n-3) + 10) }
	kase := func(id string, decided float64, change ...func(*runonce.Case)) runonce.Case {
		c := runonce.Case{ID: runonce.CaseID(id), Matter: "M1", End: runonce.Open, OpenedAt: day(3), AcceptedAt: day(3)}
		if decided > 0 {
			c.DecidedAt, c.ClosedAt, c.End = day(decided), day(decided), runonce.Delivered
		}
		for _, f := range change {
			f(&c)
		}
		return c
	}
	f := floor(t)
	f.From, f.To, f.ReportDay = "2025-06-01", "2025-06-12", "2025-06-12"
	law := f.Data.Standards["M1"]
	law.Statutory = 6
	f.Data.Standards["M1"] = law
	suspended := func(c *runonce.Case) { c.Suspended = true }
	f.Data.Cases = []runonce.Case{kase("early", 11), kase("late", 12, func(c *runonce.Case) { c.Due = "2025-06-11" }), kase("open", 0), kase("stands", 0, suspended),
		kase("over", 0, func(c *runonce.Case) { c.Due = "2025-06-10" }), kase("after", 13), kase("gone", 12, func(c *runonce.Case) { c.End = runonce.Withdrawn }),
		kase("far", 0, func(c *runonce.Case) { c.Due = "2025-06-20" })}
	r := report.Promised(f, &runonce.Report{}, 1, func(_ runonce.Grouping, key string) string { return key })
	if row := r.Table("promise").Rows[0]; row[1] != 2 || row[2] != 1 || row[3] != 0.5 || row[6] != 0 || row[7] != 1 {
		t.Errorf("%v", row)
	}
	var red []string
	for _, row := range r.Table("red").Rows {
		red = append(red, fmt.Sprint(row[0], " ", row[3], " ", row[4], " ", row[5], " ", row[6], " ", row[7]))
	}
	want := []string{"over 2025-06-10 5 6 -2 已超过法定期限", "after 2025-06-13 5 6 1 临近承诺日", "open 2025-06-13 5 6 1 临近承诺日"}
	if diff := cmp.Diff(want, red); diff != "" {
		t.Error(diff)
	}
	if rows := r.Table("late").Rows; len(rows) != 1 || rows[0][0] != "late" || rows[0][4] != 5 || rows[0][5] != 6 || rows[0][6] != 1 || rows[0][7] != "已超过承诺期限" {
		t.Errorf("%v", rows)
	}
	if row := r.Table("promise_departments").Rows[0]; row[0] != "住建局" || row[1] != nil || row[5] != 2 || row[6] != 5 || row[7] != 1 {
		t.Errorf("%v", row)
	}
}
