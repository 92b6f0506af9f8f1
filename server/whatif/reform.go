package whatif

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"yitang/server/hall"
)

// Reform is a hall before (a window for each queue) and after (windows for fields, some for everything), made from a
// history. Windows and staff are the same in both; only what the windows may do differs.
type Reform struct {
	Queues        []Queue
	Before, After *hall.Layout
	Matter        map[string]hall.MatterCode
	Windows       map[string][]hall.WindowID // of a queue, before
	FieldOf       map[string]hall.FieldID
	Named         map[hall.FieldID]string // a field after by its queues: "A", "A+C"
}

// letters are the fields' names in the order in which they take queues, largest first: as in the demo's hall.
const letters = "FAGBHECD"

// NewReform lays a history out as a hall: each queue a matter, the queues dealt to the fields in turn by size, windows as
// the history had them. Where there are fewer queues than fields, each is a field of its own. General is how many windows serve everything afterwards: taken from the fields with the most
// windows, one after the other.
func NewReform(rows []Row, fields, general int) (*Reform, error) {
	r := &Reform{Queues: Queues(rows), Matter: map[string]hall.MatterCode{}, Windows: map[string][]hall.WindowID{}, FieldOf: map[string]hall.FieldID{},
		Named: map[hall.FieldID]string{}}
	if fields < 1 || fields > len(letters) {
		return nil, fmt.Errorf("reform: %d fields; choose 1 to %d", fields, len(letters))
	}
	fields = max(1, min(fields, len(r.Queues)))
	l := hall.Layout{Version: "history", Hall: "history", Zone: "UTC", Hours: hall.Hours{Always: true}, Name: hall.Text{"zh": "历史数据"},
		Calling: hall.Calling{Policy: "ratio"}}
	for i := range fields {
		f := hall.FieldID(letters[i : i+1])
		var queues []string
		for k := i; k < len(r.Queues); k += fields {
			queues = append(queues, r.Queues[k].Name)
		}
		r.Named[f] = strings.Join(queues, "+")
		l.Fields = append(l.Fields, hall.Field{ID: f, Name: hall.Text{"zh": cmp.Or(r.Named[f], string(f))}})
	}
	number := 0
	for i, q := range r.Queues {
		f := l.Fields[i%fields].ID
		code := hall.MatterCode(q.Name)
		r.Matter[q.Name], r.FieldOf[q.Name] = code, f
		l.Matters = append(l.Matters, hall.Matter{Code: code, Name: hall.Text{"zh": q.Name}, Field: f, Kind: hall.OnTheSpot, Transferred: true})
		for range q.Windows {
			number++
			id := hall.WindowID(fmt.Sprint(number))
			r.Windows[q.Name] = append(r.Windows[q.Name], id)
			l.Windows = append(l.Windows, hall.WindowPlan{ID: id, Kind: hall.OfField, Fields: []hall.FieldID{f}})
		}
	}
	if number > hall.MaxWindows {
		return nil, fmt.Errorf("reform: the history has %d windows, more than %d", number, hall.MaxWindows)
	}
	if general < 0 || general > number {
		return nil, fmt.Errorf("reform: %d general windows; choose 0 to %d", general, number)
	}
	r.After = &l
	r.generalise(general)
	var err error
	r.Before, err = dedicated(&l, r)
	return r, err
}

// Name gives a result's fields the names of the history's queues, and leaves out those without tickets: the letters are ours, and
// another queue of the history may be called so.
func (r *Reform) Name(x *Result) {
	for i := range x.Fields {
		x.Fields[i].Name = r.Named[hall.FieldID(x.Fields[i].Name)]
	}
	x.Fields = slices.DeleteFunc(x.Fields, func(g Group) bool { return g.N+g.Unserved == 0 })
}

// Plan is MakePlan of the hall after, in the names of the history's queues.
func (r *Reform) Plan(days []Day, progress func(done int)) (*Plan, error) {
	p, err := makePlan(r.After, r.Named, days, progress)
	if err != nil {
		return nil, err
	}
	r.Name(p.Today)
	for _, list := range [][]Proposal{p.Proposals, p.Rejected} {
		for i := range list {
			for k, f := range list[i].Fields {
				list[i].Fields[k] = hall.FieldID(r.Named[f])
			}
		}
	}
	return p, nil
}

// generalise makes windows general, each time the last one of the field that has most of its own.
func (r *Reform) generalise(n int) {
	for range n {
		own := map[hall.FieldID]int{}
		for _, w := range r.After.Windows {
			if w.Kind == hall.OfField {
				own[w.Fields[0]]++
			}
		}
		best := hall.FieldID("")
		for _, f := range r.After.Fields {
			if best == "" || own[f.ID] > own[best] {
				best = f.ID
			}
		}
		for i := len(r.After.Windows) - 1; i >= 0; i-- {
			if w := &r.After.Windows[i]; w.Kind == hall.OfField && w.Fields[0] == best {
				*w = General(*w, r.After.Fields)
				break
			}
		}
	}
}

// General makes a window serve every field; its primary one stays.
func General(w hall.WindowPlan, fields []hall.Field) hall.WindowPlan {
	w.Kind, w.Acts = hall.General, nil
	list := []hall.FieldID{w.Fields[0]}
	for _, f := range fields {
		if !slices.Contains(list, f.ID) {
			list = append(list, f.ID)
		}
	}
	w.Fields = list
	return w
}

// dedicated is the hall before: each queue is a field of its own. There are at most 26.
func dedicated(after *hall.Layout, r *Reform) (*hall.Layout, error) {
	if len(r.Queues) > hall.MaxFields {
		return nil, fmt.Errorf("reform: the history has %d queues, more than %d", len(r.Queues), hall.MaxFields)
	}
	l := *after
	l.Fields, l.Matters, l.Windows = nil, slices.Clone(after.Matters), slices.Clone(after.Windows)
	for i, q := range r.Queues {
		id := hall.FieldID(string(rune('A' + i)))
		l.Fields = append(l.Fields, hall.Field{ID: id, Name: hall.Text{"zh": q.Name}})
		l.Matters[i].Field = id
		for j := range l.Windows {
			if slices.Contains(r.Windows[q.Name], l.Windows[j].ID) {
				l.Windows[j].Kind, l.Windows[j].Fields = hall.Dedicated, []hall.FieldID{id}
			}
		}
	}
	return &l, nil
}
