package demo

import (
	"math/rand/v2"
	"slices"

	"yitang/server/hall"
)

// How people are. The matters that are decided on the spot (即办件) are the everyday ones.
const (
	onTheSpotWeight = 6    // a matter decided at once is asked for so many times as often as a promised one
	secondMatter    = 0.06 // of the people have a second matter of the same field …
	otherField      = 0.02 // … or one of another field
	withCard        = 0.7  // lay their identity card on the reader
)

// Request is what a person asks of a kiosk.
type Request struct {
	Matters  []hall.MatterCode
	Priority hall.Priority
	Language string // zh, ug, kk or en
	Card     bool   // lays an identity card on the reader
}

// Public draws what people want from the matters of a hall. It belongs to one goroutine.
type Public struct {
	chance  chance
	matters map[hall.FieldID][]share[hall.MatterCode]
	fields  []hall.FieldID // that have matters
}

// NewPublic makes the people of a hall.
func NewPublic(l *hall.Layout, rng *rand.Rand) *Public {
	p := &Public{chance: chance{rng}, matters: map[hall.FieldID][]share[hall.MatterCode]{}}
	for _, m := range l.Matters {
		weight := 1.0
		if m.Kind == hall.OnTheSpot {
			weight = onTheSpotWeight
		}
		p.matters[m.Field] = append(p.matters[m.Field], share[hall.MatterCode]{m.Code, weight})
	}
	for _, f := range l.Fields {
		if len(p.matters[f.ID]) > 0 {
			p.fields = append(p.fields, f.ID)
		}
	}
	return p
}

// Person draws one who comes for a field; false where the hall has no matter in it.
func (p *Public) Person(f hall.FieldID) (Request, bool) {
	if len(p.matters[f]) == 0 {
		return Request{}, false
	}
	return Request{
		Matters:  p.wanted(f),
		Priority: pick(p.chance, priorities()),
		Language: pick(p.chance, languages()),
		Card:     p.chance.happens(withCard),
	}, true
}

// wanted draws the matters, the field's own one first: it gives the ticket its letter.
func (p *Public) wanted(f hall.FieldID) []hall.MatterCode {
	out := []hall.MatterCode{pick(p.chance, p.matters[f])}
	second := pick(p.chance, []share[hall.FieldID]{
		{"", 1 - secondMatter - otherField}, {f, secondMatter}, {p.anyField(), otherField},
	})
	if second == "" {
		return out
	}
	if m := pick(p.chance, p.matters[second]); !slices.Contains(out, m) {
		out = append(out, m)
	}
	return out
}

func (p *Public) anyField() hall.FieldID { return p.fields[p.chance.rng.IntN(len(p.fields))] }

func languages() []share[string] {
	return []share[string]{{"zh", 80}, {"ug", 14}, {"kk", 4}, {"en", 2}}
}

// priorities leaves out appointments: they are booked, not taken at a kiosk.
func priorities() []share[hall.Priority] {
	return []share[hall.Priority]{
		{hall.Ordinary, 88}, {hall.Elderly, 6}, {hall.Pregnant, 2.5}, {hall.Military, 2}, {hall.Disabled, 1.5},
	}
}
