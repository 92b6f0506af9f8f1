// Package profile holds the figures of real days at a service office and draws new days like them: how many people
// come, when in the day, for which field, and how much one day differs from the next.
//
// The figures stand in profile.json. The program in gen computes them from the tickets of 14 real days; the tickets
// themselves are not part of the project. `yitang demo` and the tests draw days from it; nothing here keeps state or
// owns a goroutine, and the randomness comes in as an argument.
package profile

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"yitang/server/hall"
)

// Profile is how people come to a hall. All times are of the hall's zone.
//
// The people of field f in quarter q of the opening time are Poisson with mean D·F·Q·MeanByQuarter[q], where D is drawn
// once a day, F once a day and field, Q for each quarter and field, all gamma with mean 1 (a gamma-Poisson mixture:
// Avramidis, Deslandes & L'Ecuyer, "Modeling daily arrivals to a telephone call center", Management Science 50, 2004).
type Profile struct {
	Source      string      `json:"source"`
	Notes       []string    `json:"notes"`
	Days        int         `json:"days"`
	DayMean     float64     `json:"day_mean"` // people a day
	DaySD       float64     `json:"day_sd"`
	DayCV       float64     `json:"day_cv"` // DaySD / DayMean
	Opening     []hall.Span `json:"opening"`
	DayVar      float64     `json:"day_factor_var"`     // of D
	QuarterVar  float64     `json:"quarter_factor_var"` // of Q
	PeakQuarter int         `json:"peak_quarter"`       // from 0
	PeakMean    float64     `json:"peak_quarter_mean"`  // people in the busiest quarter hour
	Fields      []Field     `json:"fields"`
}

// Field is how people come for one field (领域).
type Field struct {
	ID            hall.FieldID `json:"field"`
	Queues        []string     `json:"queues"` // of the office, that stand for it
	DayMean       float64      `json:"day_mean"`
	DayCV         float64      `json:"day_cv"`
	DayVar        float64      `json:"field_factor_var"` // of F
	MeanByQuarter []float64    `json:"mean_by_quarter"`
}

// Arrival is one person who comes to the kiosks.
type Arrival struct {
	At    time.Duration // after midnight
	Field hall.FieldID
}

// maxDayPeople bounds a drawn day: a hall gives at most 20,000 tickets a day.
const maxDayPeople = 20_000

//go:embed profile.json
var figures []byte

// Load reads the embedded figures.
func Load() (*Profile, error) {
	var p Profile
	if err := json.Unmarshal(figures, &p); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return &p, p.check()
}

func (p *Profile) check() error {
	for _, f := range p.Fields {
		if len(f.MeanByQuarter) != Quarters {
			return fmt.Errorf("profile: field %s has %d quarters, not %d", f.ID, len(f.MeanByQuarter), Quarters)
		}
	}
	if len(p.Fields) == 0 || p.openMinutes() <= 0 {
		return fmt.Errorf("profile: no field or no opening time")
	}
	return nil
}

// During is the same profile at a hall with other hours: the shape of the day is stretched over them. A hall that is
// always open keeps the hours of the figures.
func (p *Profile) During(h hall.Hours) *Profile {
	other := *p
	if !h.Always && len(h.Spans) > 0 {
		other.Opening = h.Spans
	}
	return &other
}

// Scaled is the same profile at a hall that factor times as many people visit. D, F and Q stay as they are, so that
// DayCV changes only by its Poisson part.
func (p *Profile) Scaled(factor float64) *Profile {
	other := *p
	other.DayMean *= factor
	other.PeakMean *= factor
	other.DaySD = math.Sqrt(other.DayMean + factor*factor*(p.DaySD*p.DaySD-p.DayMean))
	other.DayCV = other.DaySD / other.DayMean
	other.Fields = slices.Clone(p.Fields)
	for i, f := range p.Fields {
		sd2 := f.DayCV * f.DayCV * f.DayMean * f.DayMean
		f.MeanByQuarter = slices.Clone(f.MeanByQuarter)
		for q := range f.MeanByQuarter {
			f.MeanByQuarter[q] *= factor
		}
		mean := f.DayMean * factor
		f.DayCV = math.Sqrt(mean+factor*factor*(sd2-f.DayMean)) / mean
		f.DayMean = mean
		other.Fields[i] = f
	}
	return &other
}

// Day draws one day, in the order of arrival.
func (p *Profile) Day(rng *rand.Rand) []Arrival {
	quarter := float64(p.openMinutes()) / Quarters // minutes
	day := gamma(rng, p.DayVar)
	var out []Arrival
	for _, f := range p.Fields {
		level := day * gamma(rng, f.DayVar)
		for q, mean := range f.MeanByQuarter {
			rate := level * gamma(rng, p.QuarterVar) * mean // people a quarter
			for t := next(rng, rate); t < 1 && len(out) < maxDayPeople; t += next(rng, rate) {
				out = append(out, Arrival{At: p.clock((float64(q) + t) * quarter), Field: f.ID})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Arrival) int { return int(a.At - b.At) })
	return out
}

// next draws the time to the next arrival of a Poisson process, in quarters.
func next(rng *rand.Rand, rate float64) float64 { return rng.ExpFloat64() / rate }

func (p *Profile) openMinutes() int {
	n := 0
	for _, s := range p.Opening {
		n += s.To - s.From
	}
	return n
}

// clock turns minutes of opening time into the time of day.
func (p *Profile) clock(open float64) time.Duration {
	for _, s := range p.Opening {
		if length := float64(s.To - s.From); open >= length {
			open -= length
			continue
		}
		return time.Duration((float64(s.From) + open) * float64(time.Minute))
	}
	return time.Duration(p.Opening[len(p.Opening)-1].To)*time.Minute - 1
}

// gamma draws from the gamma distribution with mean 1 and the given variance, by rejection from a squeezed cube of a
// normal (Marsaglia & Tsang, "A simple method for generating gamma variables", ACM TOMS 26, 2000). Variance 0 gives 1.
func gamma(rng *rand.Rand, variance float64) float64 {
	if variance <= 0 {
		return 1
	}
	shape, boost := 1/variance, 1.0
	if shape < 1 { // their section 6: a shape below one is drawn one higher and scaled down
		boost = math.Pow(rng.Float64(), 1/shape)
		shape++
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rng.NormFloat64()
		v := (1 + c*x) * (1 + c*x) * (1 + c*x)
		if v > 0 && math.Log(1-rng.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return boost * d * v * variance
		}
	}
}
