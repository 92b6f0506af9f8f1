package profile

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"yitang/server/hall"
)

// The office and how its days are laid on a hall's.
const (
	Quarters   = 32  // of a day's opening time: quarter hours of a hall that is open for eight hours
	minDays    = 2   // a spread needs two
	officeFrom = 480 // 8:00
	officeTo   = 960 // 16:00
	officeLate = 1080
	lateDay    = time.Monday // the office works until 18:00
	rankOrder  = "FAGBHECD"  // our fields, the one with most people first
	maxLines   = 1_000_000
)

func source() string {
	return "UD Wola, one municipal office of Warsaw: 18 queues, 14 working days from 2020-01-02 to 2020-01-22; open data of " +
		"the city of Warsaw through HaZdula/kolejkeR (MIT). Computed figures only, by demo/profile/gen."
}

func notes() []string {
	return []string{
		"The office's opening time, 8-16 and on Mondays 8-18, is cut into 32 equal parts, and so is the hall's opening time; part n stands for part n. Whoever came before or after the opening time counts in the first or last part.",
		"The 18 queues are ranked by tickets; the fields take them in turn in the order F A G B H E C D (1st and 9th and 17th queue: F, 2nd and 10th and 18th: A, and so on): which field is busiest is an assumption.",
		"Means and the day's spread are of the tickets as recorded. A queue without any ticket on a day has a gap on that day; so a field's day_cv is that of its tickets divided by what its recorded queues have on a mean day.",
		"quarter_factor_var is the spread of a quarter beyond Poisson, given how many came for the field that day.",
		"windows_open of the source is not used: windows there serve several queues, and two queues show 20 and more.",
	}
}

// Measure computes a profile from tickets: CSV with the columns date (YYYY-MM-DD), queue_id and issue_min (minutes
// after midnight).
func Measure(r io.Reader) (*Profile, error) {
	c, err := count(r)
	if err != nil {
		return nil, err
	}
	if len(c.days) < minDays {
		return nil, fmt.Errorf("profile: %d days are too few", len(c.days))
	}
	p := &Profile{Source: source(), Notes: notes(), Days: len(c.days), Opening: []hall.Span{{From: 600, To: 840}, {From: 960, To: 1200}}}
	p.measureDays(c)
	p.measureFields(c)
	p.fit(c)
	p.findPeak()
	p.round()
	return p, nil
}

// counts are tickets by day, queue and part of the day.
type counts struct {
	days   []string
	queues []string // most tickets first
	n      map[string]map[string]*[Quarters]float64
}

func count(r io.Reader) (*counts, error) {
	in := csv.NewReader(r)
	header, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("profile: header: %w", err)
	}
	at := [3]int{slices.Index(header, "date"), slices.Index(header, "queue_id"), slices.Index(header, "issue_min")}
	if slices.Contains(at[:], -1) {
		return nil, errors.New("profile: the columns date, queue_id and issue_min are needed")
	}
	c := &counts{n: map[string]map[string]*[Quarters]float64{}}
	for line := 2; line <= maxLines; line++ {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			c.rank()
			return c, nil
		}
		if err == nil {
			err = c.add(record[at[0]], record[at[1]], record[at[2]])
		}
		if err != nil {
			return nil, fmt.Errorf("profile: line %d: %w", line, err)
		}
	}
	return nil, fmt.Errorf("profile: more than %d lines", maxLines)
}

func (c *counts) add(date, queue, issueMin string) error {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return err
	}
	minute, err := strconv.ParseFloat(issueMin, 64)
	if err != nil {
		return err
	}
	if c.n[date] == nil {
		c.n[date] = map[string]*[Quarters]float64{}
		c.days = append(c.days, date)
	}
	if c.n[date][queue] == nil {
		c.n[date][queue] = new([Quarters]float64)
	}
	c.n[date][queue][part(day.Weekday(), minute)]++
	return nil
}

// part says which part of the opening time a minute lies in.
func part(weekday time.Weekday, minute float64) int {
	to := officeTo
	if weekday == lateDay {
		to = officeLate
	}
	q := int(math.Floor((minute - officeFrom) * Quarters / float64(to-officeFrom)))
	return min(max(q, 0), Quarters-1)
}

func (c *counts) rank() {
	slices.Sort(c.days)
	total := map[string]float64{}
	for _, day := range c.days {
		for queue, parts := range c.n[day] {
			total[queue] += sum(parts[:])
		}
	}
	for queue := range total {
		c.queues = append(c.queues, queue)
	}
	slices.SortFunc(c.queues, func(a, b string) int {
		return cmp.Or(cmp.Compare(total[b], total[a]), strings.Compare(a, b))
	})
}

// of counts a day's tickets of some queues by part.
func (c *counts) of(day string, queues []string) []float64 {
	out := make([]float64, Quarters)
	for _, queue := range queues {
		if parts := c.n[day][queue]; parts != nil {
			for q, n := range parts {
				out[q] += n
			}
		}
	}
	return out
}

func (p *Profile) measureDays(c *counts) {
	var totals []float64
	for _, day := range c.days {
		totals = append(totals, sum(c.of(day, c.queues)))
	}
	p.DayMean, p.DaySD = meanSD(totals)
	p.DayCV = p.DaySD / p.DayMean
}

func (p *Profile) measureFields(c *counts) {
	for i, id := range rankOrder {
		f := Field{ID: hall.FieldID(string(id)), MeanByQuarter: make([]float64, Quarters)}
		for rank := i; rank < len(c.queues); rank += len(rankOrder) {
			f.Queues = append(f.Queues, c.queues[rank])
		}
		if len(f.Queues) == 0 {
			continue
		}
		for _, day := range c.days {
			for q, n := range c.of(day, f.Queues) {
				f.MeanByQuarter[q] += n / float64(len(c.days))
			}
		}
		f.DayMean = sum(f.MeanByQuarter)
		f.DayCV = c.spread(f.Queues)
		p.Fields = append(p.Fields, f)
	}
	slices.SortFunc(p.Fields, func(a, b Field) int { return strings.Compare(string(a.ID), string(b.ID)) })
}

// spread is the day-to-day coefficient of variation of some queues together, gaps set aside: each day's tickets
// divided by what the queues recorded on that day have on a mean day of theirs.
func (c *counts) spread(queues []string) float64 {
	usual := map[string]float64{}
	for _, queue := range queues {
		total, recorded := 0.0, 0.0
		for _, day := range c.days {
			if parts := c.n[day][queue]; parts != nil {
				total, recorded = total+sum(parts[:]), recorded+1
			}
		}
		usual[queue] = total / recorded
	}
	var ratios []float64
	for _, day := range c.days {
		expected := 0.0
		for _, queue := range queues {
			if c.n[day][queue] != nil {
				expected += usual[queue]
			}
		}
		if expected > 0 {
			ratios = append(ratios, sum(c.of(day, queues))/expected)
		}
	}
	mean, sd := meanSD(ratios)
	return sd / mean
}

// fitRounds is more than enough for the two equations of fit to agree to the last digit kept.
const fitRounds = 50

// fit finds the variances of D, F and Q by moments. With a, b and c for them, m for the mean of a field's quarter and
// M for sums of m, the second factorial moments are
//
//	of a field:  Var + M² − M = (1+a)(1+b)(M² + c·Σm²)
//	of the day:  Var + M² − M = (1+a)·(Σ over pairs of fields of M·M' + Σ over fields of (1+b)(M² + c·Σm²))
//
// The two are solved in turn, because a b can not be less than 0: a field that varies less than the day as a whole
// gets 0, and the day is fitted with that.
func (p *Profile) fit(c *counts) {
	p.QuarterVar = p.quarterVar(c)
	day := p.DaySD*p.DaySD + p.DayMean*p.DayMean - p.DayMean
	for range fitRounds {
		sum := p.DayMean * p.DayMean
		for i, f := range p.Fields {
			square := f.DayMean * f.DayMean
			full := square + p.QuarterVar*squares(f.MeanByQuarter)
			moment := square*(1+f.DayCV*f.DayCV) - f.DayMean
			p.Fields[i].DayVar = max(0, moment/full/(1+p.DayVar)-1)
			sum += full*(1+p.Fields[i].DayVar) - square
		}
		p.DayVar = max(0, day/sum-1)
	}
}

// quarterVar is by how much the quarters of a day scatter beyond the multinomial that a Poisson process would give,
// as the variance of a factor on each quarter's mean. One day of freedom goes to the shape.
func (p *Profile) quarterVar(c *counts) float64 {
	excess, weight := 0.0, 0.0
	freedom := float64(len(c.days)) / float64(len(c.days)-1)
	for _, f := range p.Fields {
		scatter := squares(f.MeanByQuarter) / (f.DayMean * f.DayMean)
		for _, day := range c.days {
			parts := c.of(day, f.Queues)
			total := sum(parts)
			for q, n := range parts {
				share := f.MeanByQuarter[q] / f.DayMean
				mean := total * share
				excess += (n-mean)*(n-mean)*freedom - mean*(1-share)
				weight += mean * mean * (1 - 2*share + scatter)
			}
		}
	}
	return max(0, excess/weight)
}

func (p *Profile) findPeak() {
	for q := range Quarters {
		n := 0.0
		for _, f := range p.Fields {
			n += f.MeanByQuarter[q]
		}
		if n > p.PeakMean {
			p.PeakQuarter, p.PeakMean = q, n
		}
	}
}

// round keeps the figures readable; the fourth decimal is far below what 14 days can tell.
func (p *Profile) round() {
	for _, x := range []*float64{&p.DayMean, &p.DaySD, &p.DayCV, &p.DayVar, &p.QuarterVar, &p.PeakMean} {
		*x = rounded(*x)
	}
	for i := range p.Fields {
		f := &p.Fields[i]
		f.DayMean, f.DayCV, f.DayVar = rounded(f.DayMean), rounded(f.DayCV), rounded(f.DayVar)
		for q := range f.MeanByQuarter {
			f.MeanByQuarter[q] = rounded(f.MeanByQuarter[q])
		}
	}
}

func rounded(x float64) float64 { return math.Round(x*1e4) / 1e4 }

func sum(xs []float64) float64 {
	n := 0.0
	for _, x := range xs {
		n += x
	}
	return n
}

func squares(xs []float64) float64 {
	n := 0.0
	for _, x := range xs {
		n += x * x
	}
	return n
}

// meanSD gives the mean and the sample standard deviation, 0 for a single value.
func meanSD(xs []float64) (mean, sd float64) {
	n := float64(len(xs))
	mean = sum(xs) / n
	for _, x := range xs {
		sd += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(sd / max(1, n-1))
}
