package exchange_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"yitang/server/exchange"
	"yitang/server/mistake"
)

// example is a copy of the worked example that a test may spoil.
func example(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range exchange.Files() {
		text, err := os.ReadFile("testdata/example/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	return files
}

const (
	ticketsHead = "ticket,case,matter,person,actor,purpose,channel,window,clerk,from_ticket,issued_at,called_at,started_at,ended_at,state\n"
	standards   = "code,promised_working_days,guide_visits,transferred_from\nM1,0,no,\nM2,5,yes,2019-09-01\n"
)

// The spoilt folders, each with one mistake.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, file, old, new, want string }{
		{"file missing", "referrals.csv", "", "<missing>", "referrals.csv: the file is missing"},
		{"file empty", "notices.csv", "", "<empty>", "notices.csv, line 1: the file is empty; the first line must name the columns"},
		{"no header", "cases.csv", "case,matter,subject,subject_kind,opened_at,accepted_at,decided_at,closed_at,end,first_complete,delivery_offered,delivery_chosen,decision_org,seal,agent\n", "", "cases.csv, line 1, column C1: unknown column"},
		{"column missing", "tickets.csv", ",ended_at,state\n", ",state\n", "tickets.csv, line 1, column ended_at: the column is missing"},
		{"column twice", "referrals.csv", "reason", "to", "referrals.csv, line 1, column to: the column stands twice"},
		{"column unknown", "notices.csv", "written", "in_writing", "notices.csv, line 1, column in_writing: unknown column; known are case, seq, at, items, written"},
		{"column beyond", "notices.csv", "written\n", "written,note\n", "notices.csv, line 1, column note: unknown column"},
		{"column in capitals", "cases.csv", ",seal,", ",Seal,", "cases.csv, line 1, column Seal: unknown column"},
		{"value too few", "cases.csv", "C9,M1,p9,person", "C9,M1,p9", "cases.csv, line 10: 14 values instead of the header's 15; a value with a comma needs quotation marks"},
		{"value too many", "notices.csv", "章程,yes", "章程,yes,", "notices.csv, line 3: 6 values instead of the header's 5"},
		{"quote open", "notices.csv", "C6,1", "C6,\"1", "notices.csv, line 5: a quotation mark is not closed"},
		{"quote bare", "cases.csv", "p4,", "p\"4,", "cases.csv, line 5: a quotation mark stands inside a value"},
		{"time without offset", "cases.csv", "2025-06-03T10:05:00+08:00", "2025-06-03T10:05:00", "cases.csv, line 2, column opened_at: \"2025-06-03T10:05:00\" is not a time like 2025-06-03T10:15:00+08:00"},
		{"time with blank", "tickets.csv", "2025-06-03T10:04:00+08:00", "2025-06-03 10:04:00+08:00", "tickets.csv, line 2, column called_at: "},
		{"time of no day", "tickets.csv", "2025-06-18T11:00:00+08:00", "2025-06-31T11:00:00+08:00", "tickets.csv, line 28, column started_at: "},
		{"time of no hour", "cases.csv", "2025-06-19T12:00:00+08:00", "2025-06-19T24:00:00+08:00", "cases.csv, line 16, column closed_at: "},
		{"time of one digit", "cases.csv", "2025-06-19T12:00:00+08:00", "2025-06-19T9:00:00+08:00", "cases.csv, line 16, column closed_at: "},
		{"time a day only", "notices.csv", "2025-06-04T10:15:00+08:00", "2025-06-04", "notices.csv, line 3, column at: "},
		{"offset without colon", "notices.csv", "2025-06-04T10:15:00+08:00", "2025-06-04T10:15:00+0800", "notices.csv, line 3, column at: "},
		{"no issue time", "tickets.csv", "2025-06-03T10:25:00+08:00", "", "tickets.csv, line 3, column issued_at: the time is missing"},
		{"end unknown", "cases.csv", ",delivered,no", ",done,no", "cases.csv, line 4, column end: \"done\" is not one of delivered, refused"},
		{"end in capitals", "cases.csv", ",withdrawn,", ",Withdrawn,", "cases.csv, line 16, column end: "},
		{"subject kind", "cases.csv", "p1,person", "p1,firm", "cases.csv, line 2, column subject_kind: \"firm\" is not one of person, company"},
		{"delivery", "cases.csv", "yes,collect", "yes,pickup", "cases.csv, line 8, column delivery_chosen: "},
		{"actor", "tickets.csv", "p1,self", "p1,owner", "tickets.csv, line 2, column actor: "},
		{"channel", "tickets.csv", "A,online", "A,web", "tickets.csv, line 14, column channel: "},
		{"state", "tickets.csv", "abandoned", "left", "tickets.csv, line 18, column state: "},
		{"purpose unknown", "tickets.csv", "self,C,kiosk", "self,Z,kiosk", "tickets.csv, line 19, column purpose: \"Z\" is not one of the letters QABVPCSXR"},
		{"purpose a word", "tickets.csv", "self,C,kiosk", "self,CC,kiosk", "tickets.csv, line 19, column purpose: "},
		{"yes in Chinese", "cases.csv", ",delivered,no,yes", ",delivered,否,yes", "cases.csv, line 4, column first_complete: \"否\" is not one of yes, no"},
		{"yes in capitals", "notices.csv", "住所证明,no", "住所证明,NO", "notices.csv, line 5, column written: "},
		{"seq of 0", "notices.csv", "C6,1,", "C6,0,", "notices.csv, line 5, column seq: \"0\" is not a whole number from 1 on"},
		{"seq a word", "notices.csv", "C6,1,", "C6,one,", "notices.csv, line 5, column seq: "},
		{"seq empty", "notices.csv", "C6,1,", "C6,,", "notices.csv, line 5, column seq: "},
		{"notice twice", "notices.csv", "C4,2,", "C4,1,", "notices.csv, line 4, column seq: notice 1 of case C4 stands twice, first in line 3"},
		{"case twice", "cases.csv", "C18,", "C1,", "cases.csv, line 19, column case: C1 stands twice, first in line 2"},
		{"ticket twice", "tickets.csv", "20250618-A001", "20250603-A001", "tickets.csv, line 28, column ticket: 20250603-A001 stands twice, first in line 2"},
		{"case without id", "cases.csv", "\nC18,", "\n,", "cases.csv, line 19, column case: the value is missing"},
		{"ticket of no case", "tickets.csv", "C11;C12", "C11;C99", "tickets.csv, line 17, column case: cases.csv has no case \"C99\""},
		{"notice of no case", "notices.csv", "C6,1,", "C99,1,", "notices.csv, line 5, column case: cases.csv has no case \"C99\""},
		{"referral of no case", "referrals.csv", "accepted\n", "accepted\nC99,2025-06-04T10:15:00+08:00,A,B,,yes\n", "referrals.csv, line 2, column case: cases.csv has no case \"C99\""},
		{"case empty among others", "tickets.csv", "C11;C12", "C11;;C12", "tickets.csv, line 17, column case: value 2 of \"C11;;C12\" is empty"},
		{"purposes too few", "tickets.csv", "A;A", "A", "tickets.csv, line 17, column purpose: 1 purposes for 2 cases"},
		{"purposes too many", "tickets.csv", "self,C,kiosk", "self,C;C,kiosk", "tickets.csv, line 19, column purpose: 2 purposes for 1 cases"},
		{"purpose missing", "tickets.csv", "self,C,kiosk", "self,,kiosk", "tickets.csv, line 19, column purpose: 0 purposes for 1 cases"},
		{"ends before it starts", "tickets.csv", "2025-06-03T10:20:00+08:00", "2025-06-03T10:04:59+08:00", "tickets.csv, line 2, column ended_at: the service ends before it has started"},
		{"not UTF-8", "notices.csv", "住所证明,no", "\xd7\xa1\xcb\xf9,no", "notices.csv, line 5, column items: the value is not UTF-8"},
		{"standard twice", "matters.csv", standards, standards + "M1,0,,\n", "matters.csv, line 4, column code: M1 stands twice, first in line 2"},
		{"standard's day", "matters.csv", standards, strings.Replace(standards, "2019-09-01", "2019-9-1", 1), "matters.csv, line 3, column transferred_from: "},
		{"standard's promise", "matters.csv", standards, strings.Replace(standards, "M2,5", "M2,-5", 1), "matters.csv, line 3, column promised_working_days: "},
		{"calendar", "calendar.csv", "", "<calendar>", "calendar.csv: line 2, column kind: "},
	} {
		t.Run(c.name, func(t *testing.T) { checkRefused(t, c.file, c.old, c.new, c.want) })
	}
}

func checkRefused(t *testing.T, file, old, spoilt, want string) {
	t.Helper()
	files := example(t)
	files["matters.csv"] = &fstest.MapFile{Data: []byte(standards)}
	if files[file] != nil && !strings.Contains(string(files[file].Data), old) {
		t.Fatalf("%s does not contain %q", file, old)
	}
	switch spoilt {
	case "<missing>":
		delete(files, file)
	case "<empty>":
		files[file].Data = nil
	case "<calendar>":
		files[file] = &fstest.MapFile{Data: []byte("date,kind\n2026-01-01,rest\n")}
	default:
		files[file].Data = []byte(strings.Replace(string(files[file].Data), old, spoilt, 1))
	}
	d, err := exchange.Read(files, shanghai(t))
	var p mistake.List
	if !errors.As(err, &p) || d != nil {
		t.Fatalf("got %v, %v", d, err)
	}
	if !strings.HasPrefix(p[0].Error(), want) {
		t.Errorf("\n got %s\nwant %s", p[0], want)
	}
}

// unreadable is a folder with one file that is there and cannot be opened.
type unreadable struct {
	fs.FS
	name string
}

func (u unreadable) Open(name string) (fs.File, error) {
	if name == u.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return u.FS.Open(name)
}

// A calendar that may not be read is not one that is missing: the years would be judged by other holidays.
func TestUnreadableCalendar(t *testing.T) {
	_, err := exchange.Read(unreadable{example(t), exchange.CalendarFile}, shanghai(t))
	var p mistake.List
	if !errors.As(err, &p) || p[0].File != exchange.CalendarFile {
		t.Errorf("%v", err)
	}
}

// A file saved by Excel on Windows is the same file.
func TestMarkAndLineEnds(t *testing.T) {
	want, err := exchange.Read(example(t), shanghai(t))
	if err != nil {
		t.Fatal(err)
	}
	files := example(t)
	for _, f := range files {
		f.Data = []byte("\ufeff" + strings.ReplaceAll(string(f.Data), "\n", "\r\n"))
	}
	got, err := exchange.Read(files, shanghai(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text(t, want.Tickets)+text(t, want.Cases), text(t, got.Tickets)+text(t, got.Cases)); diff != "" {
		t.Error(diff)
	}
	if len(got.Tickets) != 27 || len(got.Cases) != 18 || len(got.Notices) != 4 {
		t.Errorf("%d tickets, %d cases, %d notices", len(got.Tickets), len(got.Cases), len(got.Notices))
	}
}

// An offset only fixes the instant, and columns may stand in any order, the optional ones among them.
func TestOffsetAndOrder(t *testing.T) {
	files := example(t)
	lines := strings.SplitN(string(files["tickets.csv"].Data), "\n", 3)
	if lines[0]+"\n" != ticketsHead {
		t.Fatal(lines[0])
	}
	files["tickets.csv"].Data = []byte("checked_in_at,state,ticket,case,matter,person,actor,purpose,channel,window,clerk,from_ticket,issued_at,called_at,started_at,ended_at\n" +
		"2025-06-03T02:00:00Z,done,T1,C1,M1,p1,self,A,phone,1,li,,2025-06-02T20:00:00.5-06:00,,,\n")
	d, err := exchange.Read(files, shanghai(t))
	if err != nil {
		t.Fatal(err)
	}
	k := d.Tickets[0]
	if k.ID != "T1" || k.State != "done" || k.CheckedInAt != 1748916000000 || k.IssuedAt != 1748916000500 || k.Links[0].Purpose != 'A' {
		t.Errorf("%+v", k)
	}
}

// Where cases.csv itself cannot be read, nobody is told that its cases are missing.
func TestCasesUnread(t *testing.T) {
	for name, spoil := range map[string]func(string) string{
		"header": func(text string) string { return strings.Replace(text, "seal", "stamp", 1) },
		"UTF-16": func(text string) string { return "\xff\xfe" + strings.Join(strings.Split(text, ""), "\x00") },
		"quote":  func(text string) string { return strings.Replace(text, "C2,", "\"C2,", 1) },
	} {
		files := example(t)
		files["cases.csv"].Data = []byte(spoil(string(files["cases.csv"].Data)))
		_, err := exchange.Read(files, shanghai(t))
		var p mistake.List
		if !errors.As(err, &p) {
			t.Fatalf("%s: %v", name, err)
		}
		for _, m := range p {
			if m.File != "cases.csv" || !utf8.ValidString(m.Error()) {
				t.Errorf("%s: %q", name, m)
			}
		}
	}
}

// A wrong encoding spoils every line; the first twenty are enough.
func TestManyMistakes(t *testing.T) {
	files := example(t)
	files["tickets.csv"].Data = []byte(strings.ReplaceAll(string(files["tickets.csv"].Data), ",done", ",ok"))
	_, err := exchange.Read(files, shanghai(t))
	var p mistake.List
	if !errors.As(err, &p) || len(p) != 20 || strings.Count(err.Error(), "\n") != 19 {
		t.Errorf("%d problems: %v", len(p), err)
	}
}
