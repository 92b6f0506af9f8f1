package hall_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yitang/server/hall"
)

// The clerks, the desk and the morning of the tests' hall.
const (
	li   hall.Actor  = "clerk:li"
	wang hall.Actor  = "clerk:wang"
	desk hall.Actor  = "desk:1"
	ten  hall.Millis = 1748916000000 // 2025-06-03 10:00 in Beijing
	min1 hall.Millis = 60 * 1000

	today    hall.Day = "2025-06-03"
	tomorrow hall.Day = "2025-06-04"
)

// layout is a hall with three fields and four windows; window 2 and 4 serve more than one field.
func layout() hall.Layout {
	zh := func(s string) hall.Text { return hall.Text{"zh": s} }
	matter := func(code hall.MatterCode, f hall.FieldID) hall.Matter {
		return hall.Matter{Code: code, Name: zh(string(code)), Field: f, Kind: hall.Promised, StatutoryDays: 20, PromisedDays: 5}
	}
	return hall.Layout{
		Version: "1", Hall: "changji", Name: zh("大厅"), Zone: "Asia/Shanghai", Hours: hall.Hours{Always: true},
		Fields:  []hall.Field{{ID: "A", Name: zh("市场")}, {ID: "B", Name: zh("工程")}, {ID: "C", Name: zh("社会")}},
		Matters: []hall.Matter{matter("A-1", "A"), matter("A-2", "A"), matter("B-1", "B"), matter("B-2", "B"), matter("C-1", "C")},
		Windows: []hall.WindowPlan{
			{ID: "1", Kind: hall.OfField, Fields: []hall.FieldID{"A"}},
			{ID: "2", Kind: hall.OfField, Fields: []hall.FieldID{"B", "A"}},
			{ID: "3", Kind: hall.OfField, Fields: []hall.FieldID{"C"}},
			{ID: "4", Kind: hall.General, Fields: []hall.FieldID{"A", "B", "C"}},
		},
	}
}

// firstCome is the plainest Rule: of all that the window may call, the ticket that stands first.
type firstCome struct{}

func (firstCome) Next(s *hall.State, w hall.WindowID, now hall.Millis) (*hall.Ticket, hall.Why) {
	all := append([]*hall.Ticket{}, s.WaitingAt(w)...)
	for _, f := range s.Plan(w).Fields {
		all = append(all, s.WaitingFor(f)...)
	}
	var best *hall.Ticket
	for _, t := range all {
		if best == nil || t.Before(best) {
			best = t
		}
	}
	return best, hall.Why{Rule: "first_come", Version: 1, Candidates: len(all)}
}

// day is a hall under test with its clock and every event that it made.
type day struct {
	testing.TB
	s      *hall.State
	at     hall.Millis
	events []hall.Event
}

// newHall has no layout yet.
func newHall(t testing.TB) *day { return &day{TB: t, s: hall.New(firstCome{}), at: ten} }

// newDay has a layout and an open business day that issues until 20:00; no window works.
func newDay(t testing.TB) *day {
	d := newHall(t)
	d.do(hall.System, hall.AdoptLayout{Layout: layout()}, hall.OpenDay{Day: today, IssueUntil: ten + 600*min1})
	return d
}

// do has an actor carry out commands, none of which may be refused, and returns the events of the last.
func (d *day) do(by hall.Actor, cmds ...hall.Command) []hall.Event {
	d.Helper()
	var out []hall.Event
	for _, c := range cmds {
		var code hall.Code
		if out, code = d.try(by, c); code != "" {
			d.Fatalf("%T%+v by %s was refused: %s", c, c, by, code)
		}
	}
	return out
}

// try has an actor carry out a command. It holds every decision of every test to the contract: Decide alone changes
// nothing, the same question has the same answer, and a refusal is a sentence for people.
func (d *day) try(by hall.Actor, c hall.Command) ([]hall.Event, hall.Code) {
	d.Helper()
	before := deepCopy(d.s.View())
	events, err := hall.Decide(d.s, c, d.at, by)
	again, err2 := hall.Decide(d.s, c, d.at, by)
	if after := d.s.View(); !same(before, after) {
		d.Fatalf("deciding %T changed the hall (-before +after):\n%s", c, diff(before, after))
	}
	if !reflect.DeepEqual(events, again) || !reflect.DeepEqual(err, err2) {
		d.Fatalf("%T was decided twice, differently:\n%s", c, cmp.Diff(events, again))
	}
	if err != nil {
		return nil, d.refusal(events, err)
	}
	d.apply(events)
	return events, ""
}

func (d *day) apply(events []hall.Event) {
	for i := range events {
		d.s.Apply(&events[i])
	}
	d.events = append(d.events, events...)
}

// refusal returns the code of an error that must be a refusal in Chinese, without events.
func (d *day) refusal(events []hall.Event, err error) hall.Code {
	d.Helper()
	var no *hall.Error
	switch {
	case !errors.As(err, &no):
		d.Fatalf("the refusal %v is no *hall.Error", err)
	case len(events) != 0:
		d.Fatalf("%v came with %d events", err, len(events))
	case !strings.ContainsFunc(no.Message, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
		d.Fatalf("%s: %q is no sentence in the hall's language", no.Code, no.Message)
	}
	return no.Code
}

// take issues an ordinary ticket.
func (d *day) take(matters ...hall.MatterCode) hall.TicketID {
	d.Helper()
	return d.do(desk, ticketFor(matters...))[0].Body.(*hall.TicketIssued).Ticket
}

func ticketFor(matters ...hall.MatterCode) hall.Take {
	return hall.Take{Matters: matters, Priority: hall.Ordinary, Language: "zh", Channel: "kiosk", PersonKind: "none", Track: "t"}
}

func (d *day) ticket(id hall.TicketID) hall.Ticket {
	d.Helper()
	t := d.s.Ticket(id)
	if t == nil {
		d.Fatalf("no ticket %s", id)
	}
	return *t
}

// expect fails unless the command is refused with the code.
func (d *day) expect(code hall.Code, by hall.Actor, c hall.Command) {
	d.Helper()
	if _, got := d.try(by, c); got != code {
		d.Errorf("%T%+v by %s: got code %q, want %q", c, c, by, got, code)
	}
}

// kinds names the bodies of events.
func kinds(events []hall.Event) []string {
	var out []string
	for _, e := range events {
		out = append(out, string(e.Body.Kind()))
	}
	return out
}

// numbers lists what waits, in order.
func numbers(list []*hall.Ticket) []string {
	var out []string
	for _, t := range list {
		out = append(out, t.Number)
	}
	return out
}

// diff compares two values to their last field. What the journal cannot tell apart, nil and empty, is the same.
func diff(a, b any) string {
	return cmp.Diff(a, b, cmpopts.EquateEmpty(), cmp.AllowUnexported(hall.Ticket{}))
}

// same is diff without the words, quickly.
func same[T any](a, b T) bool { return reflect.DeepEqual(deepCopy(a), deepCopy(b)) }

// deepCopy copies a value and all that it points to, with nil for what is empty, but for the layout, which the hall has
// no business to touch.
func deepCopy[T any](v T) T {
	return copyOf(reflect.ValueOf(v)).Interface().(T)
}

func copyOf(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		switch v.Interface().(type) {
		case *hall.Layout, *hall.Field, *hall.WindowPlan:
			return v
		}
		if v.IsNil() {
			return v
		}
		p := reflect.New(v.Type().Elem())
		p.Elem().Set(copyOf(v.Elem()))
		return p
	case reflect.Slice:
		if v.Len() == 0 {
			return reflect.Zero(v.Type())
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(copyOf(v.Index(i)))
		}
		return out
	case reflect.Map:
		if v.Len() == 0 {
			return reflect.Zero(v.Type())
		}
		out := reflect.MakeMap(v.Type())
		for _, k := range v.MapKeys() {
			out.SetMapIndex(k, copyOf(v.MapIndex(k)))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v) // with the fields that are not exported
		for i := range v.NumField() {
			if f := out.Field(i); f.CanSet() {
				f.Set(copyOf(v.Field(i)))
			}
		}
		return out
	}
	return v
}
