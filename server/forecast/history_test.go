package forecast_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/server/forecast"
)

func TestReadHistory(t *testing.T) {
	const in = "\ufeffqueue,day,ticket,call_s,issue_s\r\nB,10,2,,100\r\nA,2,10,200,150.5\r\nA,2,9,151,150.5\r\n"
	days, err := forecast.ReadHistory(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range days {
		for _, r := range d.Records {
			got = append(got, d.Name+" "+string(r.Queue)+" "+r.Ticket)
		}
	}
	if diff := cmp.Diff([]string{"2 A 9", "2 A 10", "10 B 2"}, got); diff != "" {
		t.Error(diff)
	}
	if days[1].Records[0].Called() || !days[0].Records[0].Called() || days[0].Records[1].Wait() != 49.5 {
		t.Error("calls and waits are not those of the file")
	}
}

func TestReadHistoryRefuses(t *testing.T) {
	const head = "day,queue,ticket,issue_s,call_s,end_s,windows\n"
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", "line 1: the file is empty"},
		{"column missing", "day,queue,ticket,issue_s\n", "line 1, column call_s: is missing"},
		{"column unknown", "day,queue,ticket,issue_s,call_s,wait\n", "line 1, column wait: unknown"},
		{"column twice", "day,queue,ticket,issue_s,call_s,call_s\n", "line 1, column call_s: stands twice"},
		{"cells", head + "1,A,1,5\n", "line 2: has 4 cells, the header has 7"},
		{"no number", head + "1,A,1,5,,,\n1,A,2,x,,,\n", `line 3, column issue_s: "x" is no number`},
		{"no issue", head + "1,A,1,,,,\n", "line 2, column issue_s: is empty"},
		{"no queue", head + "1,,1,5,,,\n", "line 2, column queue: is empty"},
		{"call before issue", head + "1,A,1,5,4,,\n", "line 2, column call_s: 4 is before issue_s 5"},
		{"end before call", head + "1,A,1,5,9,8,\n", "line 2, column end_s: 8 is before the issue or the call"},
		{"not of a day", head + "1,A,1,1577955600,,,\n", "line 2, column issue_s: 1577955600 is not between 0 and 172800"},
		{"NaN", head + "1,A,1,NaN,,,\n", `line 2, column issue_s: "NaN" is no number`},
		{"windows", head + "1,A,1,5,,,-1\n", "line 2, column windows: -1 is not between"},
		{"no such day", head + "2026-02-28,A,1,5,9,,\n2026-02-30,A,1,5,9,,\n", `line 3, column day: "2026-02-30" is no day of the calendar`},
		{"no such month", head + "2026-13-01,A,1,5,9,,\n", `line 2, column day: "2026-13-01" is no day of the calendar`},
		{"quote", head + "1,A,\"1,5,,,\n", "line 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := forecast.ReadHistory(strings.NewReader(c.in))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestQuotedHeader: spreadsheets put a byte order mark before a quoted name.
func TestQuotedHeader(t *testing.T) {
	days, err := forecast.ReadHistory(strings.NewReader("\ufeff\"day\",\"queue\",\"ticket\",\"issue_s\",\"call_s\"\r\n\"1\",\"A, B\",\"1\",\"5\",\"9\"\r\n"))
	if err != nil || len(days) != 1 || days[0].Records[0].Queue != "A, B" {
		t.Errorf("%+v, %v", days, err)
	}
}

// TestTwice: a number that is given out anew on a day is a ticket of its own, and its reader is told where.
func TestTwice(t *testing.T) {
	days, err := forecast.ReadHistory(strings.NewReader("day,queue,ticket,issue_s,call_s\n1,A,7,5,9\n1,B,7,5,9\n2,A,7,5,9\n1,A,7,60,\n1,A,7,60,\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(days[0].Records) != 4 {
		t.Errorf("%d tickets", len(days[0].Records))
	}
	got := forecast.Twice(days)
	if diff := cmp.Diff([]forecast.Repeat{{Day: "1", Queue: "A", Ticket: "7", Line: 5, First: 2}, {Day: "1", Queue: "A", Ticket: "7", Line: 6, First: 2}}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzReadHistory(f *testing.F) {
	f.Add("day,queue,ticket,issue_s,call_s,end_s,windows\n1,A,1,5,9,12,2\n2,A,1,5,,,\n")
	f.Fuzz(func(t *testing.T, in string) {
		days, err := forecast.ReadHistory(strings.NewReader(in))
		if err != nil {
			return
		}
		for _, d := range days {
			for i := range d.Records {
				if r := &d.Records[i]; r.Wait() < 0 || r.Issue < 0 || i > 0 && r.Issue < d.Records[i-1].Issue {
					t.Errorf("day %s: %+v", d.Name, r)
				}
			}
		}
	})
}
