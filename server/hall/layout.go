package hall

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"yitang/server/workday"
)

// Layout is what a hall offers and who serves it: adopted as a whole by one event, never changed in place.
type Layout struct {
	Version string       `json:"version"`
	Hall    ID           `json:"hall"`
	Name    Text         `json:"name"`
	Zone    string       `json:"zone"`    // IANA time zone
	Example bool         `json:"example"` // an example list that the hall has not replaced yet
	Hours   Hours        `json:"hours"`
	Fields  []Field      `json:"fields"`
	Matters []Matter     `json:"matters"`
	Windows []WindowPlan `json:"windows"`
	Calling Calling      `json:"calling,omitzero"`

	Desk     Desk           `json:"desk,omitzero"`
	Calendar []workday.Year `json:"calendar,omitempty"` // the hall's own, on top of the embedded years
	Limits   Limits         `json:"limits,omitzero"`

	Retention Retention `json:"retention,omitzero"`
	Reliefs   []Relief  `json:"reliefs,omitempty"` // at most one for a window
	Booking   Booking   `json:"booking,omitzero"`

	// Signals are the limits of supervision signals that the hall has set otherwise than runonce.DefaultThresholds, by name.
	Signals map[string]float64 `json:"signals,omitempty"`

	Standard int `json:"standard,omitempty"` // version of the city's catalogue that the matters are by; 0 = the hall's own
}

// Hours are the hall's opening hours in minutes after midnight of its zone. Always means around the clock.
type Hours struct {
	Always bool   `json:"always,omitempty"`
	Spans  []Span `json:"spans,omitempty"`
}

// Span is an opening time within a day, [From, To) in minutes after midnight.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Field is a group of matters that a consolidated window (综合窗口) serves; it gives its tickets their letter.
type Field struct {
	ID   FieldID `json:"id"`
	Name Text    `json:"name"`
	Icon string  `json:"icon,omitempty"`
}

// MatterKind tells matters that are decided at once from those with a promised day.
type MatterKind string

// The kinds of matter.
const (
	OnTheSpot MatterKind = "on_the_spot" // 即办件
	Promised  MatterKind = "promised"    // 承诺件
)

// Matter is one permit or service with its standard (一事项一标准).
type Matter struct {
	Code          MatterCode `json:"code"`
	Name          Text       `json:"name"`
	Field         FieldID    `json:"field"`
	Department    string     `json:"department"`
	Kind          MatterKind `json:"kind"`
	StatutoryDays int        `json:"statutory_days"` // working days
	PromisedDays  int        `json:"promised_days"`  // working days, never more than statutory
	Materials     []string   `json:"materials,omitempty"`
	Transferred   bool       `json:"transferred"` // moved to the approval bureau
	Subject       string     `json:"subject"`     // person, company or both
	ServiceMin    int        `json:"service_min"` // usual time at the window

	GuideVisits     bool     `json:"guide_visits,omitempty"` // its guide lists a visit that the law requires
	SiteVisit       bool     `json:"site_visit,omitempty"`   // somebody has to look at the place
	TransferredFrom Day      `json:"transferred_from,omitempty"`
	Keywords        []string `json:"keywords,omitempty"` // how people call it: 开餐馆, 摆摊
}

// WindowKind is what a window is for.
type WindowKind string

// The kinds of window.
const (
	General   WindowKind = "general"   // 无差别综合窗口, any matter
	OfField   WindowKind = "field"     // 分领域综合窗口, one field or some
	Dedicated WindowKind = "dedicated" // 专窗
	Delivery  WindowKind = "delivery"  // 出件窗口
)

// WindowPlan is a window with its skills: the fields it may serve, the first one being primary.
type WindowPlan struct {
	ID     WindowID   `json:"id"`
	Name   string     `json:"name,omitempty"`
	Kind   WindowKind `json:"kind"`
	Fields []FieldID  `json:"fields"`
	// Acts narrows what the window does for a field. A field without an entry gets every act, at a delivery window
	// handing out only.
	Acts map[FieldID][]Act `json:"acts,omitempty"`
}

// Bounds of a layout.
const (
	MaxWindows = 400
	MaxFields  = 26
	MaxMatters = 5000
	maxSignals = 100
)

// Check says what is wrong with a layout, naming the entry, or nil.
func (l *Layout) Check() error {
	if l.Name["zh"] == "" {
		return flaw("the hall has no Chinese name", "大厅没有中文名称")
	}
	if len(l.Fields) > MaxFields || len(l.Windows) > MaxWindows || len(l.Matters) > MaxMatters {
		return flaw("more than %d fields, %d windows or %d matters", "最多 %d 个领域、%d 个窗口、%d 个事项", MaxFields, MaxWindows, MaxMatters)
	}
	if len(l.Signals) > maxSignals {
		return flaw("more than %d limits of signals", "线索标准最多 %d 项", maxSignals)
	}
	if err := l.Hours.check(); err != nil {
		return err
	}
	fields, err := l.checkFields()
	if err != nil {
		return err
	}
	if err := l.Calling.check(); err != nil {
		return err
	}
	if err := l.checkMatters(fields); err != nil {
		return err
	}
	if err := l.checkWindows(fields); err != nil {
		return err
	}
	if err := l.Booking.check(l); err != nil {
		return err
	}
	return l.checkReliefs(fields)
}

// check wants the openings within the day, in order and apart.
func (h Hours) check() error {
	last := 0
	for _, s := range h.Spans {
		if s.From < last || s.To <= s.From || s.To > minutesOfDay {
			return flaw("hours: %d to %d is no opening within the day after minute %d", "开放时间：第 %d 到 %d 分钟不是当天第 %d 分钟以后的一段时间", s.From, s.To, last)
		}
		last = s.To
	}
	return nil
}

const minutesOfDay = 24 * 60

func (l *Layout) checkFields() (map[FieldID]bool, error) {
	seen := map[FieldID]bool{}
	for _, f := range l.Fields {
		if len(f.ID) != 1 || f.ID[0] < 'A' || f.ID[0] > 'Z' {
			return nil, flaw("field %q: the name must be one letter A to Z", "领域 %q：编号要用 A 到 Z 中的一个字母", f.ID)
		}
		if seen[f.ID] {
			return nil, flaw("field %s stands twice", "领域 %s 出现了两次", f.ID)
		}
		if f.Name["zh"] == "" {
			return nil, flaw("field %s has no Chinese name", "领域 %s 没有中文名称", f.ID)
		}
		seen[f.ID] = true
	}
	return seen, nil
}

func (l *Layout) checkMatters(fields map[FieldID]bool) error {
	seen := map[MatterCode]bool{}
	for _, m := range l.Matters {
		switch {
		case m.Code == "":
			return flaw("a matter has no code", "有一个事项没有编码")
		case seen[m.Code]:
			return flaw("matter %s stands twice", "事项 %s 出现了两次", m.Code)
		case m.Name["zh"] == "":
			return flaw("matter %s has no Chinese name", "事项 %s 没有中文名称", m.Code)
		case !fields[m.Field]:
			return flaw("matter %s: unknown field %q", "事项 %s：没有领域 %q", m.Code, m.Field)
		case m.Kind != OnTheSpot && m.Kind != Promised:
			return flaw("matter %s: unknown kind %q", "事项 %s：没有 %q 这种办件类型", m.Code, m.Kind)
		case m.StatutoryDays < 0:
			return flaw("matter %s: statutory days must not be negative", "事项 %s：法定期限不能小于 0", m.Code)
		case m.PromisedDays < 0 || m.StatutoryDays > 0 && m.PromisedDays > m.StatutoryDays:
			return flaw("matter %s: promised days must be between 0 and the statutory %d", "事项 %s：承诺期限要在 0 和法定期限 %d 个工作日之间", m.Code, m.StatutoryDays)
		}
		seen[m.Code] = true
	}
	return nil
}

func (l *Layout) checkWindows(fields map[FieldID]bool) error {
	seen := map[WindowID]bool{}
	for _, w := range l.Windows {
		if w.ID == "" || seen[w.ID] {
			return flaw("window %q is missing its number or stands twice", "窗口 %q 没有编号，或者出现了两次", w.ID)
		}
		if len(w.Fields) == 0 {
			return flaw("window %s serves no field", "%s 号窗口没有办理任何领域", w.ID)
		}
		for i, f := range w.Fields {
			if !fields[f] {
				return flaw("window %s: unknown field %q", "%s 号窗口：没有领域 %q", w.ID, f)
			}
			if slices.Contains(w.Fields[:i], f) {
				return flaw("window %s: field %s stands twice", "%s 号窗口：领域 %s 出现了两次", w.ID, f)
			}
		}
		if err := w.checkActs(); err != nil {
			return err
		}
		seen[w.ID] = true
	}
	return nil
}

// Serves says whether the window has a skill for the field.
func (w *WindowPlan) Serves(f FieldID) bool { return slices.Contains(w.Fields, f) }

// Named is the version that names what the layout holds: the same layout has the same name.
func (l *Layout) Named() string {
	c := *l
	c.Version = ""
	text, err := json.Marshal(&c)
	if err != nil {
		return "" // cannot be: a layout is plain data
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// KeepSettings takes over what the manager has set in the layout before and lists do not hold: how tickets are called,
// appointments, and the rules for one more window as far as its field and window are still there; and the years of its calendar that
// the lists do not bring. Another hall's are left.
func (l *Layout) KeepSettings(before *Layout) {
	if before.Hall != l.Hall {
		return
	}
	l.Calling, l.Booking = before.Calling, before.Booking.kept(l)
	l.Calendar = workday.Renewed(before.Calendar, l.Calendar)
	l.Reliefs = nil
	for _, r := range before.Reliefs {
		for i := range l.Windows {
			if w := &l.Windows[i]; w.ID == r.Window && w.Serves(r.Field) {
				l.Reliefs = append(l.Reliefs, r)
			}
		}
	}
}
