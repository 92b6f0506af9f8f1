package catalogue_test

import (
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"yitang/server/catalogue"
	"yitang/server/hall"
	"yitang/server/mistake"
)

const (
	hallCSV    = "id,name_zh,name_ug,zone,hours\nh1,大厅,زال,Asia/Shanghai,10:00-14:00;16:00–24:00\n"
	fieldsCSV  = "field,name_zh,name_en,icon,departments\nA,市场,Market,store,市监局;税务局\nB,工程,,,住建局\n"
	mattersCSV = "code,name,department,kind,statutory_working_days,promised_working_days,materials,transferred,subject,avg_service_minutes\n" +
		"S-1,设立,市监局,即办件,3,0,申请书;章程,yes,法人,18\nZ-1,许可,住建局,承诺件,20,5,,no,both,25\n"
	windowsCSV = "window,name,kind,fields\n1,市场窗口,field,A\n2,,general,\n3,工程窗口,dedicated,B;A\n"
)

func files() fstest.MapFS {
	return fstest.MapFS{
		"hall.csv": {Data: []byte(hallCSV)}, "fields.csv": {Data: []byte(fieldsCSV)},
		"matters.csv": {Data: []byte(mattersCSV)}, "windows.csv": {Data: []byte(windowsCSV)},
	}
}

func TestLoad(t *testing.T) {
	got, err := catalogue.Load(files())
	if err != nil {
		t.Fatal(err)
	}
	want := &hall.Layout{
		Version: got.Version, Hall: "h1", Name: hall.Text{"zh": "大厅", "ug": "زال"}, Zone: "Asia/Shanghai",
		Hours:  hall.Hours{Spans: []hall.Span{{From: 600, To: 840}, {From: 960, To: 1440}}},
		Desk:   hall.DefaultDesk(),
		Fields: []hall.Field{{ID: "A", Name: hall.Text{"zh": "市场", "en": "Market"}, Icon: "store"}, {ID: "B", Name: hall.Text{"zh": "工程"}}},
		Matters: []hall.Matter{
			{Code: "S-1", Name: hall.Text{"zh": "设立"}, Field: "A", Department: "市监局", Kind: hall.OnTheSpot, StatutoryDays: 3,
				Materials: []string{"申请书", "章程"}, Transferred: true, Subject: "company", ServiceMin: 18},
			{Code: "Z-1", Name: hall.Text{"zh": "许可"}, Field: "B", Department: "住建局", Kind: hall.Promised, StatutoryDays: 20,
				PromisedDays: 5, Subject: "both", ServiceMin: 25},
		},
		Windows: []hall.WindowPlan{
			{ID: "1", Name: "市场窗口", Kind: hall.OfField, Fields: []hall.FieldID{"A"}},
			{ID: "2", Kind: hall.General, Fields: []hall.FieldID{"A", "B"}},
			{ID: "3", Name: "工程窗口", Kind: hall.Dedicated, Fields: []hall.FieldID{"B", "A"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(got.Version) != 12 {
		t.Errorf("version %q", got.Version)
	}
}

// A hall's list comes out of Excel (byte order mark, CRLF) as well as out of an editor: it is the same list.
func TestLineEndsAndByteOrderMarkDoNotMatter(t *testing.T) {
	plain, err := catalogue.Load(files())
	if err != nil {
		t.Fatal(err)
	}
	windows := files()
	for _, f := range windows {
		f.Data = []byte("\ufeff" + strings.ReplaceAll(string(f.Data), "\n", "\r\n"))
	}
	excel, err := catalogue.Load(windows)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain, excel); diff != "" {
		t.Error(diff)
	}
}

func TestVersionFollowsContent(t *testing.T) {
	seen := map[string]string{}
	for name, change := range map[string][3]string{
		"as it is": {}, "a minute": {"matters.csv", ",18\n", ",19\n"}, "hours": {"hall.csv", "10:00", "09:30"},
		"a window less": {"windows.csv", "3,工程窗口,dedicated,B;A\n", ""}, "an icon": {"fields.csv", "store", "shop"},
	} {
		f := files()
		if change[0] != "" {
			f[change[0]].Data = []byte(strings.Replace(string(f[change[0]].Data), change[1], change[2], 1))
		}
		l, err := catalogue.Load(f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if other, twice := seen[l.Version]; twice {
			t.Errorf("%s and %s have the version %s", name, other, l.Version)
		}
		seen[l.Version] = name
	}
}

func TestOptionalColumns(t *testing.T) {
	f := files()
	f["matters.csv"].Data = []byte("name_en,code,name,department,kind,statutory_working_days,promised_working_days,materials," +
		"transferred,subject,avg_service_minutes,field,guide_visits,site_visit,transferred_from\n" +
		"\"Set up, change\",S-1,设立,不在册的局,即办件,0,0,,yes,个人,18,B,yes,,2019-09-01\n")
	l, err := catalogue.Load(f)
	if err != nil {
		t.Fatal(err)
	}
	m := l.Matters[0]
	if !m.GuideVisits || m.SiteVisit || m.TransferredFrom != "2019-09-01" {
		t.Errorf("the standard is %+v", m)
	}
	if m.Field != "B" || m.Name["en"] != "Set up, change" || m.Subject != "person" {
		t.Errorf("%+v", m)
	}
}

func TestExample(t *testing.T) {
	l, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	transferred := 0
	matters := map[hall.FieldID]int{}
	for _, m := range l.Matters {
		matters[m.Field]++
		if m.Transferred {
			transferred++
		}
	}
	if !l.Example || len(l.Matters) != 119 || transferred != 91 || len(l.Windows) != 24 || len(l.Fields) != 8 {
		t.Errorf("example %t, %d matters, %d transferred, %d windows, %d fields",
			l.Example, len(l.Matters), transferred, len(l.Windows), len(l.Fields))
	}
	if w := l.Windows[23]; w.ID != "24" || len(w.Fields) != 8 {
		t.Errorf("window 24 serves %v, not every field", w.Fields)
	}
	for _, f := range l.Fields {
		checkField(t, l, f, matters[f.ID])
	}
}

func checkField(t *testing.T, l *hall.Layout, f hall.Field, matters int) {
	t.Helper()
	own := 0
	for _, w := range l.Windows {
		if w.Kind != hall.General && w.Serves(f.ID) {
			own++
		}
	}
	if own < 2 || matters == 0 || f.Icon == "" {
		t.Errorf("field %s has %d windows of its own, %d matters, icon %q", f.ID, own, matters, f.Icon)
	}
	for _, language := range []string{"zh", "ug", "kk", "en"} {
		if f.Name[language] == "" {
			t.Errorf("field %s has no name in %s", f.ID, language)
		}
	}
}

// A hall starts from the example by copying its files: they are then its own.
func TestCopiedExampleIsNoExample(t *testing.T) {
	l, err := catalogue.Load(os.DirFS("example"))
	if err != nil {
		t.Fatal(err)
	}
	original, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	if l.Example || l.Version == original.Version {
		t.Errorf("example %t, versions %s and %s", l.Example, l.Version, original.Version)
	}
}

func TestRefused(t *testing.T) {
	tests := []struct {
		name, file, old, new, want string
	}{
		{"file missing", "hall.csv", hallCSV, "<missing>", "hall.csv: the file is missing"},
		{"file empty", "fields.csv", fieldsCSV, "", "fields.csv, line 1: the file is empty; the first line must name the columns"},
		{"only a mark", "fields.csv", fieldsCSV, "\ufeff", "fields.csv, line 1: the file is empty; the first line must name the columns"},
		{"header only", "windows.csv", windowsCSV, "window,kind,fields\n", "windows.csv, line 1: nothing stands below the header"},
		{"not UTF-8", "matters.csv", "设立", "\xc9\xe8\xc1\xa2", "matters.csv, line 2: character 5 is not UTF-8; save the file as \"CSV UTF-8\""},
		{"too few values", "matters.csv", ",both,25", ",both", "matters.csv, line 3: 9 values instead of the header's 10; a value with a comma needs quotation marks"},
		{"too many values", "windows.csv", "general,", "general,A,B", "windows.csv, line 3: 5 values instead of the header's 4; a value with a comma needs quotation marks"},
		{"semicolons", "windows.csv", "window,name,kind,fields", "window;name;kind;fields", "windows.csv, line 1: ';' stands between the values where a comma is wanted; save the file as \"CSV UTF-8 (comma delimited)\""},
		{"unknown column", "windows.csv", "window,name", "window,title", "windows.csv, line 1, column title: unknown column; known are window, kind, fields, name"},
		{"nameless column", "windows.csv", "window,name", "window,", "windows.csv, line 1: column 2 has no name"},
		{"column twice", "windows.csv", "window,name", "window,window", "windows.csv, line 1, column window: the column stands twice"},
		{"column missing", "hall.csv", hallCSV, "id,name_zh,zone\nh1,大厅,Asia/Shanghai\n", "hall.csv, line 1, column hours: the column is missing"},
		{"quote open", "windows.csv", "3,工程", "3,\"工程", "windows.csv, line 4: a quotation mark is not closed, or text follows a closed one"},
		{"bare quote", "windows.csv", "3,工程窗口", "3,工程\"窗口", "windows.csv, line 4: a quotation mark stands inside a value that does not begin with one"},
		{"no code", "matters.csv", "S-1,", ",", "matters.csv, line 2, column code: the value is missing"},
		{"code with space", "matters.csv", "S-1,", "S 1,", "matters.csv, line 2, column code: \"S 1\" must be at most 32 letters A-Z, digits and hyphens"},
		{"code twice", "matters.csv", "Z-1", "S-1", "matters.csv, line 3, column code: S-1 stands twice, first in line 2"},
		{"bad kind", "matters.csv", "即办件", "即办", "matters.csv, line 2, column kind: \"即办\" is not one of 即办件, 承诺件"},
		{"bad subject", "matters.csv", ",both", ",all", "matters.csv, line 3, column subject: \"all\" is not one of 个人, 法人, both"},
		{"bad yes/no", "matters.csv", ",yes,", ",是,", "matters.csv, line 2, column transferred: \"是\" is not one of yes, no"},
		{"bad days", "matters.csv", ",20,5,", ",20,5.5,", "matters.csv, line 3, column promised_working_days: \"5.5\" is not a whole number from 0 to 365"},
		{"negative days", "matters.csv", ",20,5,", ",-1,0,", "matters.csv, line 3, column statutory_working_days: \"-1\" is not a whole number from 0 to 365"},
		{"promise over law", "matters.csv", ",20,5,", ",20,21,", "matters.csv, line 3, column promised_working_days: 21 days are promised where the law gives 20"},
		{"no minutes", "matters.csv", ",18\n", ",0\n", "matters.csv, line 2, column avg_service_minutes: \"0\" is not a whole number from 1 to 480"},
		{"material twice", "matters.csv", "申请书;章程", "章程; 章程", "matters.csv, line 2, column materials: \"章程\" stands twice"},
		{"material empty", "matters.csv", "申请书;章程", "申请书;", "matters.csv, line 2, column materials: a value between two semicolons is empty"},
		{"department homeless", "matters.csv", "住建局", "水利局", "matters.csv, line 3, column department: 水利局 stands in no field of fields.csv"},
		{"line break", "matters.csv", "许可", "\"许\n可\"", "matters.csv, line 3, column name: a line break or control character stands in the value"},
		{"too long", "matters.csv", "许可", strings.Repeat("许", 201), "matters.csv, line 3, column name: longer than 200 characters"},
		{"bad letter", "fields.csv", "A,市场", "AA,市场", "fields.csv, line 2, column field: \"AA\" is not one letter A to Z"},
		{"letter twice", "fields.csv", "B,工程", "A,工程", "fields.csv, line 3, column field: A stands twice, first in line 2"},
		{"department twice", "fields.csv", "住建局", "市监局", "fields.csv, line 3, column departments: 市监局 stands twice, first in line 2"},
		{"field unserved", "fields.csv", "B,工程,,,住建局\n", "B,工程,,,住建局\nC,无人,,,\n", ""},
		{"bad window kind", "windows.csv", "dedicated", "special", "windows.csv, line 4, column kind: \"special\" is not one of general, field, dedicated, delivery"},
		{"window twice", "windows.csv", "3,工程", "1,工程", "windows.csv, line 4, column window: 1 stands twice, first in line 2"},
		{"window of no field", "windows.csv", "dedicated,B;A", "dedicated,", "windows.csv, line 4, column fields: the window serves no field; only a general one may leave this empty, for all of them"},
		{"window of unknown field", "windows.csv", "B;A", "B;X", "windows.csv, line 4, column fields: fields.csv has no field \"X\""},
		{"two halls", "hall.csv", hallCSV, hallCSV + "h2,大厅,,Asia/Shanghai,always\n", "hall.csv, line 3: a second hall; the file describes one"},
		{"bad zone", "hall.csv", "Asia/Shanghai", "Asia/Changji", "hall.csv, line 2, column zone: \"Asia/Changji\" is not a time zone like Asia/Shanghai"},
		{"bad hours", "hall.csv", "10:00-14:00", "10-14", "hall.csv, line 2, column hours: \"10-14\" is not an opening time like 10:00-14:00"},
		{"hours backwards", "hall.csv", "10:00-14:00", "14:00-10:00", "hall.csv, line 2, column hours: \"14:00-10:00\" is not an opening time like 10:00-14:00"},
		{"hours overlap", "hall.csv", "16:00–24:00", "13:00-20:00", "hall.csv, line 2, column hours: 13:00-20:00 begins before the one in front of it has ended"},
		{"no hours", "hall.csv", "10:00-14:00;16:00–24:00", "", "hall.csv, line 2, column hours: the value is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkRefused(t, tt.file, tt.old, tt.new, tt.want) })
	}
}

func checkRefused(t *testing.T, file, old, replacement, want string) {
	t.Helper()
	f := files()
	text := string(f[file].Data)
	if !strings.Contains(text, old) {
		t.Fatalf("%s does not contain %q", file, old)
	}
	f[file].Data = []byte(strings.Replace(text, old, replacement, 1))
	if replacement == "<missing>" {
		delete(f, file)
	}
	l, err := catalogue.Load(f)
	if want == "" { // a general window serves the new field: nothing is wrong
		if err != nil || len(l.Fields) != 3 {
			t.Errorf("refused: %v", err)
		}
		return
	}
	var p mistake.List
	if !errors.As(err, &p) || l != nil {
		t.Fatalf("got %v, %v", l, err)
	}
	if p[0].Error() != want {
		t.Errorf("\n got %s\nwant %s", p[0], want)
	}
}

func TestFieldThatNoWindowServes(t *testing.T) {
	f := files()
	f["windows.csv"].Data = []byte("window,kind,fields\n1,field,A\n")
	_, err := catalogue.Load(f)
	if want := "fields.csv, line 3, column field: no window of windows.csv serves field B"; err == nil || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}

func TestEveryProblemIsNamedUpToABound(t *testing.T) {
	f := files()
	two := maps.Clone(f)
	delete(two, "hall.csv")
	delete(two, "windows.csv")
	if _, err := catalogue.Load(two); err == nil || strings.Count(err.Error(), "the file is missing") != 2 {
		t.Errorf("got %v", err)
	}
	f["matters.csv"].Data = append(f["matters.csv"].Data, strings.Repeat("short\n", 1000)...)
	_, err := catalogue.Load(f)
	var p mistake.List
	if !errors.As(err, &p) || len(p) != 20 {
		t.Errorf("%d problems", len(p))
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(mattersCSV)
	f.Add("code\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		in := files()
		in["matters.csv"].Data = []byte(text)
		l, err := catalogue.Load(in)
		if (l == nil) == (err == nil) {
			t.Errorf("%v and %v", l, err)
		}
		if l != nil && l.Check() != nil {
			t.Errorf("accepted: %v", l.Check())
		}
	})
}

// TestDeskAndCalendar: the windows' settings and the hall's own years are part of its lists, and may lack.
func TestDeskAndCalendar(t *testing.T) {
	lists := files()
	l, err := catalogue.Load(lists)
	if err != nil || l.Desk != hall.DefaultDesk() || len(l.Calendar) != 0 {
		t.Fatalf("without settings: %+v, %v, %v", l.Desk, l.Calendar, err)
	}
	head, line, _ := strings.Cut(string(lists["hall.csv"].Data), "\n")
	lists["hall.csv"] = &fstest.MapFile{Data: []byte(head + ",calls,recall_seconds,no_show,bureau\n" + strings.TrimSpace(line) + ",2,,any_time,审批局\n")}
	lists["calendar.csv"] = &fstest.MapFile{Data: []byte("date,kind\n2026-01-01,holiday\n2026-01-04,workday\n")}
	l, err = catalogue.Load(lists)
	want := hall.DefaultDesk()
	want.Calls, want.LastCallFirst, want.Bureau = 2, false, "审批局"
	if err != nil || l.Desk != want || len(l.Calendar) != 1 || l.Calendar[0].Year != 2026 {
		t.Errorf("with settings: %+v, %v, %v", l.Desk, l.Calendar, err)
	}
	lists["calendar.csv"] = &fstest.MapFile{Data: []byte("date,kind\n2026-01-01,holiday\n2026-01-02,workday\n")}
	if _, err := catalogue.Load(lists); err == nil || !strings.Contains(err.Error(), "calendar.csv, line 3, column kind: 2026-01-02 is a Friday") {
		t.Errorf("a Friday that works anyway: %v", err)
	}
}

// Whenever a test's hall is made, an hour later it has the same business day.
func TestNoDayTurnsUnderATest(t *testing.T) {
	for minute := 0; minute < 24*60; minute += 5 {
		at := time.Date(2026, 11, 26, 0, minute, 0, 0, time.UTC)
		l, err := catalogue.AlwaysOpen(1, at)
		if err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocation(l.Zone)
		if err != nil {
			t.Fatal(err)
		}
		if begun, ended := hall.BusinessDay(zone, at), hall.BusinessDay(zone, at.Add(time.Hour)); begun != ended {
			t.Errorf("a hall of %s in %s begins on %s and ends on %s", at, l.Zone, begun, ended)
		}
	}
}
