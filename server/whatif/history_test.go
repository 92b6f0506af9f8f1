package whatif_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"yitang/server/hall"
	"yitang/server/whatif"
)

func TestReadRows(t *testing.T) {
	rows, err := whatif.ReadRows(strings.NewReader("\ufeffday,queue,ticket,issue_s,call_s,end_s,windows\r\n2025-06-03,A,1,36000,36600,37200,2\r\n2025-06-03,A,2,36060,,,\r\n"))
	if err != nil || len(rows) != 2 {
		t.Fatalf("%+v, %v", rows, err)
	}
	if r := rows[0]; r.Day != "2025-06-03" || r.Queue != "A" || r.Issue != 600 || r.Call != 610 || r.End != 620 || r.Windows != 2 {
		t.Errorf("%+v", r)
	}
	if r := rows[1]; !math.IsNaN(r.Call) || !math.IsNaN(r.End) || r.Windows != 0 {
		t.Errorf("%+v", r)
	}
	rows, err = whatif.ReadRows(strings.NewReader("date,office,queue_id,letter,ticket,issue_min,call_min,windows_open\n2020-01-02,X,182,A,1,489.0,500.5,6\n"))
	if err != nil || len(rows) != 1 || rows[0].Queue != "182" || rows[0].Call != 500.5 || !math.IsNaN(rows[0].End) || rows[0].Windows != 6 {
		t.Errorf("%+v, %v", rows, err)
	}
	for text, want := range map[string]string{
		"":                    "header",
		"day,queue,issue_s\n": "call_s",
		"day,queue,issue_s,call_s\n3 June,A,1,2\n":                   "line 2: day",
		"day,queue,issue_s,call_s\n2025-06-03,A,x,2\n":               "line 2: issue",
		"day,queue,issue_s,call_s\n2025-06-03,A,5,2\n":               "line 2: a call before",
		"day,queue,issue_s,call_s\n2025-06-03,A,1,2\n2025-06-03,A\n": "line 3",
		"day,queue,issue_s,call_s,windows\n2025-06-03,A,1,2,two\n":   "line 2: windows",
	} {
		if _, err := whatif.ReadRows(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// record simulates a history: queue A has two windows and a mean service of 6 minutes, B one and 10, on twenty days.
func record() string {
	var out strings.Builder
	out.WriteString("day,queue,ticket,issue_s,call_s,end_s,windows\n")
	c := chance(11)
	for day := range 20 {
		date := time.Date(2025, 6, 2+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		for _, q := range []struct {
			name          string
			windows       int
			gap, services float64
		}{{"A", 2, 200, 360}, {"B", 1, 640, 600}} {
			free := make([]float64, q.windows)
			at := 36000.0
			for n := 1; at < 60000; n++ {
				first := 0
				for i := range free {
					if free[i] < free[first] {
						first = i
					}
				}
				call := math.Max(at, free[first])
				free[first] = call - q.services*math.Log(c.in(0, 1))
				fmt.Fprintf(&out, "%s,%s,%d,%.0f,%.0f,,%d\n", date, q.name, n, math.Floor(at), math.Ceil(call), q.windows)
				at -= q.gap * math.Log(c.in(0, 1))
			}
		}
	}
	return out.String()
}

// TestServiceFromThePaceOfCalls: the mean service time is found again, though no end is known.
func TestServiceFromThePaceOfCalls(t *testing.T) {
	rows, err := whatif.ReadRows(strings.NewReader(record()))
	if err != nil {
		t.Fatal(err)
	}
	q := whatif.Queues(rows)
	if len(q) != 2 || q[0].Name != "A" || q[0].Windows != 2 || q[1].Windows != 1 || q[0].Measured {
		t.Fatalf("%+v", q)
	}
	for i, want := range []float64{6, 10} {
		if math.Abs(q[i].Service-want) > 0.15*want {
			t.Errorf("%s: %.2f min, drawn with %.0f", q[i].Name, q[i].Service, want)
		}
	}
}

// TestReformKeepsPeopleAndStaff: before and after serve the same people with the same windows, and after with more
// general windows nobody waits longer on the whole.
func TestReformKeepsPeopleAndStaff(t *testing.T) {
	rows, err := whatif.ReadRows(strings.NewReader(record()))
	if err != nil {
		t.Fatal(err)
	}
	var before []float64
	for _, general := range []int{0, 3} {
		r, err := whatif.NewReform(rows, 2, general)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []*hall.Layout{r.Before, r.After} {
			if err := l.Check(); err != nil || len(l.Windows) != 3 {
				t.Fatalf("%d windows, %v", len(l.Windows), err)
			}
		}
		days := whatif.Days(rows, r.Matter, r.Windows, 1)
		a, err := whatif.Replay(r.Before, r.After, days, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := whatif.Replay(r.After, r.After, days, nil)
		if err != nil {
			t.Fatal(err)
		}
		if real := whatif.Real(r.After, days); len(days) != 20 || a.Overall.N != len(rows) || b.Overall.N != len(rows) || real.Overall.N != len(rows) {
			t.Errorf("%d days, %d before and %d after of %d", len(days), a.Overall.N, b.Overall.N, len(rows))
		}
		wait, _ := whatif.Compare(a, b)
		if general == 0 && (math.Abs(wait.Mean) > 1e-9 || wait.Days != 20) { // two queues, two fields: nothing changes
			t.Errorf("nothing changed, and yet %+v", wait)
		}
		if general == 3 && (*wait.Hi >= 0 || b.Overall.WaitMean >= a.Overall.WaitMean) {
			t.Errorf("pooled: %+v", wait)
		}
		before = append(before, a.Overall.WaitMean)
	}
	if before[0] != before[1] {
		t.Errorf("the same days gave %v", before)
	}
	if _, err := whatif.NewReform(rows, 9, 0); err == nil {
		t.Error("nine fields were accepted")
	}
}
