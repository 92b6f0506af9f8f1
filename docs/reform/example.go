package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"yitang/demo/profile"
	"yitang/server/catalogue"
	"yitang/server/hall"
	"yitang/server/whatif"
)

// The example hall's people: service times log-normal, so many that its windows are busy that much.
const (
	exampleLoad      = 0.80
	exampleCV2       = 1.5
	exampleCustomers = 2_000_000
)

// exampleRow is a line of the example hall's table.
type exampleRow struct {
	name string
	o    whatif.Outcome
	s    *whatif.Scenario
}

// office is a department with its people.
type office struct {
	name    string
	rate    float64 // people a minute
	service float64 // minutes, mean
	field   hall.FieldID
}

func (o office) load() float64 { return o.rate * o.service }

// exampleHall simulates the example hall with its windows dedicated to departments, dealt to fields, and as it is.
func exampleHall() ([]exampleRow, error) {
	l, err := catalogue.Example()
	if err != nil {
		return nil, err
	}
	offices, err := offices(l)
	if err != nil {
		return nil, err
	}
	n := len(l.Windows)
	var rows []exampleRow
	for _, h := range []struct {
		name    string
		windows []whatif.ScenarioPost
	}{
		{"before: windows of departments", dedicated(offices, n)},
		{"after: the example's field and general windows", ofLayout(l, offices)},
	} {
		s := &whatif.Scenario{Policy: "ratio", Bonuses: true, Seed: 1, Customers: exampleCustomers, Warmup: exampleCustomers / 20, Windows: h.windows,
			Classes: []whatif.ScenarioClass{{Name: "statutory", Target: 5}, {Name: "ordinary", Target: 20}}}
		for _, o := range offices {
			for _, class := range []struct {
				name  string
				share float64
			}{{"ordinary", .92}, {"statutory", .08}} {
				s.Types = append(s.Types, whatif.ScenarioType{Name: o.name + " " + class.name, Class: class.name, Matters: []string{o.name},
					Rate: o.rate * class.share, Service: whatif.Service{Dist: "lognormal", Mean: o.service, CV2: exampleCV2}})
			}
		}
		rows = append(rows, exampleRow{name: h.name, o: whatif.Simulate(s, nil), s: s})
	}
	return rows, nil
}

// offices have the fields' people of the demo's profile, spread evenly over the field's matters, and their service times.
func offices(l *hall.Layout) ([]office, error) {
	p, err := profile.Load()
	if err != nil {
		return nil, err
	}
	matters := map[hall.FieldID]float64{}
	for _, m := range l.Matters {
		matters[m.Field]++
	}
	byName := map[string]*office{}
	total := 0.0
	for _, m := range l.Matters {
		i := slices.IndexFunc(p.Fields, func(f profile.Field) bool { return f.ID == m.Field })
		rate := p.Fields[i].DayMean / matters[m.Field]
		o := byName[m.Department]
		if o == nil {
			o = &office{name: m.Department, field: m.Field}
			byName[m.Department] = o
		}
		o.service = (o.service*o.rate + float64(m.ServiceMin)*rate) / (o.rate + rate)
		o.rate += rate
		total += rate * float64(m.ServiceMin)
	}
	var list []office
	for _, o := range byName {
		o.rate *= exampleLoad * float64(len(l.Windows)) / total
		list = append(list, *o)
	}
	slices.SortFunc(list, func(a, b office) int { return cmp.Or(cmp.Compare(b.load(), a.load()), cmp.Compare(a.name, b.name)) })
	return list, nil
}

// dedicated gives every department its share of n windows, as a hall before the reform does: each time the next window
// goes to whose load for a window is largest; departments too small for one share a window with the least loaded.
func dedicated(offices []office, n int) []whatif.ScenarioPost {
	type desk struct {
		names   []string
		load    float64
		windows int
	}
	desks := make([]desk, 0, len(offices))
	for _, o := range offices {
		desks = append(desks, desk{names: []string{o.name}, load: o.load(), windows: 1})
	}
	total := func() (sum int) {
		for _, d := range desks {
			sum += max(d.windows, int(d.load)+1)
		}
		return sum
	}
	for total() > n { // the two smallest share a window
		slices.SortStableFunc(desks, func(a, b desk) int { return cmp.Compare(b.load, a.load) })
		a, b := &desks[len(desks)-2], desks[len(desks)-1]
		a.names, a.load = append(a.names, b.names...), a.load+b.load
		desks = desks[:len(desks)-1]
	}
	used := 0
	for i := range desks {
		desks[i].windows = int(desks[i].load) + 1
		used += desks[i].windows
	}
	for ; used < n; used++ {
		i := 0
		for j := range desks {
			if desks[j].load/float64(desks[j].windows) > desks[i].load/float64(desks[i].windows) {
				i = j
			}
		}
		desks[i].windows++
	}
	var list []whatif.ScenarioPost
	for _, d := range desks {
		for range d.windows {
			list = append(list, whatif.ScenarioPost{Name: fmt.Sprint(len(list) + 1), Skills: d.names, Primary: d.names[0]})
		}
	}
	return list
}

// ofLayout are the layout's windows with the departments of their fields as skills.
func ofLayout(l *hall.Layout, offices []office) []whatif.ScenarioPost {
	var list []whatif.ScenarioPost
	for _, w := range l.Windows {
		p := whatif.ScenarioPost{Name: string(w.ID)}
		for _, f := range w.Fields {
			for _, o := range offices {
				if o.field == f {
					p.Skills = append(p.Skills, o.name)
				}
			}
		}
		p.Primary = p.Skills[0]
		list = append(list, p)
	}
	return list
}

func writeExample(w io.Writer, rows []exampleRow) {
	fmt.Fprintf(w, "\n## The example hall\n\n%d windows, the example catalogue's matters and service times (log-normal, cv² %.1f), people as in the demo's profile, windows\n"+
		"busy %.0f %% of the time, 8 %% of the people with statutory priority; %d simulated customers.\n\n", len(rows[0].s.Windows), exampleCV2, 100*exampleLoad, exampleCustomers)
	fmt.Fprintf(w, "| | wait mean | 90 %% | within target | statutory priority: wait mean | 90 %% |\n|---|---|---|---|---|---|\n")
	for _, r := range rows {
		served, within := 0.0, 0.0
		for _, t := range r.o.Types {
			served += float64(t.N)
			within += float64(t.N) * t.WithinTarget
		}
		o, s := r.o.Overall, r.o.Classes["statutory"]
		fmt.Fprintf(w, "| %s | %.1f ± %.1f min | %.1f | %.1f %% | %.1f ± %.1f min | %.1f |\n", r.name, o.WaitMean, o.HalfWidth(), o.WaitP90, 100*within/served,
			s.WaitMean, s.HalfWidth(), s.WaitP90)
	}
}
