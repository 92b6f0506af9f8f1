package catalogue

import (
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a hall's zone must be known on a machine without zone files, too

	"yitang/server/hall"
)

// Bounds of a matter's figures.
const (
	maxDays       = 365 // working days
	maxServiceMin = 480
	minutesPerDay = 24 * 60
	maxSpans      = 8
	maxPerPerson  = 1000 // tickets
	maxMonths     = 120  // that something is kept
)

// readHall reads the one line of hall.csv.
func readHall(s *sheet, l *hall.Layout) {
	for i, r := range s.rows {
		if i > 0 {
			r.refuse("", "a second hall; the file describes one")
			return
		}
		l.Hall = hall.ID(r.name("id"))
		l.Name = r.names("name_zh")
		l.Zone = readZone(r)
		l.Hours = readHours(r)
		l.Desk = readDesk(r)
		l.Retention = readRetention(r)
		l.Limits = hall.Limits{OpenPerMatter: r.optionalNumber("max_open_per_matter", maxPerPerson), PerDay: r.optionalNumber("max_per_day", maxPerPerson)}
	}
}

// readRetention reads for how many months persons and access records are kept; the columns need not be there.
func readRetention(r row) hall.Retention {
	months := func(column string, least int) int {
		if r.cells[column] == "" {
			return 0
		}
		return r.number(column, least, maxMonths)
	}
	return hall.Retention{PersonMonths: months("person_months", hall.MinPersonMonths), AuditMonths: months("audit_months", hall.MinAuditMonths)}
}

func readZone(r row) string {
	zone := r.text("zone", true)
	if _, err := time.LoadLocation(zone); zone != "" && (err != nil || zone == "Local") {
		r.refuse("zone", "%q is not a time zone like Asia/Shanghai", zone)
	}
	return zone
}

// readHours reads "always" or spans like 10:00-14:00;16:00-20:00.
func readHours(r row) hall.Hours {
	if r.cells["hours"] == "always" {
		return hall.Hours{Always: true}
	}
	var h hall.Hours
	r.text("hours", true)
	items := r.list("hours")
	if len(items) > maxSpans {
		r.refuse("hours", "more than %d opening times", maxSpans)
		return h
	}
	end := 0
	for _, item := range items {
		span, ok := parseSpan(item)
		switch {
		case !ok:
			r.refuse("hours", "%q is not an opening time like 10:00-14:00", item)
		case span.From < end:
			r.refuse("hours", "%s begins before the one in front of it has ended", item)
		}
		end = span.To
		h.Spans = append(h.Spans, span)
	}
	return h
}

func parseSpan(s string) (hall.Span, bool) {
	from, to, ok := strings.Cut(strings.ReplaceAll(s, "–", "-"), "-")
	if !ok {
		return hall.Span{}, false
	}
	a, okA := parseMinute(from)
	b, okB := parseMinute(to)
	return hall.Span{From: a, To: b}, okA && okB && a < b
}

// parseMinute reads HH:MM as minutes after midnight; 24:00 is the end of the day.
func parseMinute(s string) (int, bool) {
	if s = strings.TrimSpace(s); s == "24:00" {
		return minutesPerDay, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}

// fieldMap is what fields.csv says: which fields there are and where each department's matters go.
type fieldMap struct {
	ids        map[hall.FieldID]bool
	department map[string]hall.FieldID
}

func readFields(s *sheet, l *hall.Layout) fieldMap {
	known := fieldMap{ids: map[hall.FieldID]bool{}, department: map[string]hall.FieldID{}}
	letters, departments := first{}, first{}
	for _, r := range s.rows {
		f := hall.Field{ID: readLetter(r), Name: r.names("name_zh"), Icon: r.text("icon", false)}
		letters.check(r, "field", string(f.ID))
		known.ids[f.ID] = true
		for _, d := range r.list("departments") {
			departments.check(r, "departments", d)
			known.department[d] = f.ID
		}
		l.Fields = append(l.Fields, f)
	}
	return known
}

func readLetter(r row) hall.FieldID {
	v := r.text("field", true)
	if v != "" && (len(v) != 1 || v[0] < 'A' || v[0] > 'Z') {
		r.refuse("field", "%q is not one letter A to Z", v)
	}
	return hall.FieldID(v)
}

func readMatters(s *sheet, l *hall.Layout, known fieldMap) {
	codes := first{}
	for _, r := range s.rows {
		if len(l.Matters) == hall.MaxMatters {
			r.refuse("", "more than %d matters", hall.MaxMatters)
			return
		}
		m := readMatter(r)
		m.Field = readMatterField(r, m.Department, known)
		codes.check(r, "code", string(m.Code))
		l.Matters = append(l.Matters, m)
	}
}

func readMatter(r row) hall.Matter {
	m := hall.Matter{
		Code:          hall.MatterCode(r.name("code")),
		Name:          r.names("name"),
		Department:    r.text("department", true),
		Kind:          readKind(r),
		StatutoryDays: r.number("statutory_working_days", 0, maxDays),
		PromisedDays:  r.number("promised_working_days", 0, maxDays),
		Materials:     r.list("materials"),
		Transferred:   r.yesNo("transferred"),
		Subject:       readSubject(r),
		ServiceMin:    r.number("avg_service_minutes", 1, maxServiceMin),
		Keywords:      r.list("keywords"),
	}
	if m.StatutoryDays > 0 && m.PromisedDays > m.StatutoryDays {
		r.refuse("promised_working_days", "%d days are promised where the law gives %d", m.PromisedDays, m.StatutoryDays)
	}
	readStandard(r, &m)
	return m
}

// readStandard reads what the judging of run-at-most-once asks of a matter; the columns need not be there.
func readStandard(r row, m *hall.Matter) {
	m.GuideVisits = r.cells["guide_visits"] != "" && r.yesNo("guide_visits")
	m.SiteVisit = r.cells["site_visit"] != "" && r.yesNo("site_visit")
	m.TransferredFrom = hall.Day(r.date("transferred_from"))
}

func readKind(r row) hall.MatterKind {
	if r.choice("kind", "即办件", "承诺件") == "即办件" {
		return hall.OnTheSpot
	}
	return hall.Promised
}

func readSubject(r row) string {
	switch r.choice("subject", "个人", "法人", "both") {
	case "个人":
		return "person"
	case "法人":
		return "company"
	}
	return "both"
}

// readMatterField takes the matter's own field, where the column has one, before its department's.
func readMatterField(r row, department string, known fieldMap) hall.FieldID {
	if own := hall.FieldID(r.cells["field"]); own != "" {
		if !known.ids[own] {
			r.refuse("field", "%s has no field %q", FieldsFile, own)
		}
		return own
	}
	f, ok := known.department[department]
	if !ok && department != "" {
		r.refuse("department", "%s stands in no field of %s", department, FieldsFile)
	}
	return f
}

func readWindows(s *sheet, l *hall.Layout, known fieldMap) {
	numbers := first{}
	for _, r := range s.rows {
		if len(l.Windows) == hall.MaxWindows {
			r.refuse("", "more than %d windows", hall.MaxWindows)
			return
		}
		w := readWindow(r, l, known)
		numbers.check(r, "window", string(w.ID))
		l.Windows = append(l.Windows, w)
	}
}

func readWindow(r row, l *hall.Layout, known fieldMap) hall.WindowPlan {
	kind := r.choice("kind", string(hall.General), string(hall.OfField), string(hall.Dedicated), string(hall.Delivery))
	w := hall.WindowPlan{ID: hall.WindowID(r.name("window")), Name: r.text("name", false), Kind: hall.WindowKind(kind)}
	for _, f := range r.list("fields") {
		if !known.ids[hall.FieldID(f)] {
			r.refuse("fields", "%s has no field %q", FieldsFile, f)
		}
		w.Fields = append(w.Fields, hall.FieldID(f))
	}
	if len(w.Fields) > 0 {
		return w
	}
	if w.Kind != hall.General {
		r.refuse("fields", "the window serves no field; only a general one may leave this empty, for all of them")
	}
	for _, f := range l.Fields {
		w.Fields = append(w.Fields, f.ID)
	}
	return w
}

// checkServed refuses a field that no window serves: its tickets would never be called.
func checkServed(s *sheet, l *hall.Layout, known fieldMap) {
	if len(*s.problems) > 0 {
		return
	}
	for _, r := range s.rows {
		id := hall.FieldID(r.cells["field"])
		serves := func(w hall.WindowPlan) bool { return w.Serves(id) }
		if known.ids[id] && !slices.ContainsFunc(l.Windows, serves) {
			r.refuse("field", "no window of %s serves field %s", WindowsFile, id)
		}
	}
}
