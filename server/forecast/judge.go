package forecast

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// Level names a quantile in the output: "0.5", "0.8", "0.9".
type Level string

// levelNames are the levels as the output names them, in the order of Quantiles.
func levelNames() [3]Level { return [3]Level{"0.5", "0.8", "0.9"} }

// Mean is a mean over the judged tickets; over none it is NaN, and null in JSON.
type Mean float64

// MarshalJSON writes the number, or null.
func (m Mean) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(m)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(m))
}

// Score is how good forecasts were over all judged tickets that waited. Errors are in minutes, of the median; bias is
// forecast − wait.
type Score struct {
	N           int            `json:"n"`
	MAEMin      Mean           `json:"mae_min"`
	RMSEMin     Mean           `json:"rmse_min"`
	BiasMin     Mean           `json:"bias_min"`
	Pinball     map[Level]Mean `json:"pinball"`     // mean loss in minutes
	Climatology map[Level]Mean `json:"climatology"` // the same for the quantiles of all waits > 0 of the training days
	Coverage    map[Level]Mean `json:"coverage"`    // share of waits at or under the forecast
	Baselines   Baselines      `json:"baselines"`
}

// Baselines are the mean absolute errors of simple rules, in minutes.
type Baselines struct {
	QL       Mean `json:"ql"`          // tickets ahead and itself, by the queue's usual rate of calls at this hour
	LES      Mean `json:"les"`         // the wait of the queue's last one called
	QLLES    Mean `json:"ql_les_mean"` // their mean
	Constant Mean `json:"constant"`    // the median of all waits of the training days
}

// Prediction is what a ticket of a judged day was told at its issue.
type Prediction struct {
	Day    string
	Queue  QueueID
	Ticket string
	Told   Quantiles // seconds
	wait   float64
	rules  [3]float64 // ql, les, their mean, in seconds
}

// Judge forecasts every ticket of the days after the first trainDays, day by day with what was known at its issue, and
// scores the forecasts. A ticket called at once needed none and is not told; one that was never called is told and not
// scored. Days of training in which nobody's wait is known teach nothing and are refused. Progress is called before each day
// with how many are done.
func Judge(ctx context.Context, days []HistoryDay, trainDays int, progress func(done, of int)) (*Score, []Prediction, error) {
	if err := leaves(len(days), trainDays); err != nil {
		return nil, nil, err
	}
	var told []Prediction
	var usual Quantiles
	for d := trainDays; d < len(days); d++ {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		progress(d-trainDays, len(days)-trainDays)
		m := learn(days[:d], defaultShape(), uint64(d))
		if len(m.seen) == 0 {
			return nil, nil, fmt.Errorf("forecast: nobody waited and was called on the first days (%d), so they teach nothing: name more days of training, or a longer history", d)
		}
		if d == trainDays {
			usual = m.usual
		}
		told = append(told, m.predict(&days[d])...)
	}
	progress(len(days)-trainDays, len(days)-trainDays)
	return score(told, usual), told, nil
}

// leaves wants at least one day to learn from and one to judge.
func leaves(days, train int) error {
	switch {
	case days == 0:
		return errors.New("forecast: the history has no ticket")
	case days == 1:
		return errors.New("forecast: the history has 1 day; one to learn from and one to judge are needed at least")
	case train >= 1 && train < days:
		return nil
	case days == 2:
		return fmt.Errorf("forecast: %d days of training of 2 days leave nothing to judge: choose 1", train)
	case train < 1:
		return fmt.Errorf("forecast: %d days of training teach nothing: choose 1 to %d", train, days-1)
	}
	return fmt.Errorf("forecast: %d days of training leave nothing to judge of %d days: choose 1 to %d", train, days, days-1)
}

// predict tells every ticket of a day but those that were called at once.
func (m *model) predict(day *HistoryDay) []Prediction {
	var out []Prediction
	for i, mo := range newOffice(day, m.lessons, m.hall, m.past.ends).moments() {
		if mo.wait <= 0 {
			continue
		}
		r := &day.Records[i]
		p := Prediction{Day: day.Name, Queue: r.Queue, Ticket: r.Ticket, Told: m.raw(&mo), wait: mo.wait}
		p.rules = [3]float64{mo.ql, mo.les, (mo.ql + mo.les) / 2}
		for k, v := range p.rules {
			if math.IsNaN(v) { // nobody has been called today
				p.rules[k] = m.usual[0]
			}
		}
		out = append(out, p)
	}
	return out
}

// score judges what was told; usual is the climatology.
func score(told []Prediction, usual Quantiles) *Score {
	s := &Score{Pinball: map[Level]Mean{}, Climatology: map[Level]Mean{}, Coverage: map[Level]Mean{}}
	squares := 0.0
	for i := range told {
		p := &told[i]
		if math.IsNaN(p.wait) {
			continue
		}
		s.N++
		off := func(forecast float64) Mean { return Mean(math.Abs(forecast-p.wait) / 60) }
		e := (p.Told[0] - p.wait) / 60
		s.MAEMin += off(p.Told[0])
		s.BiasMin += Mean(e)
		squares += e * e
		for q, name := range levelNames() {
			s.Pinball[name] += Mean(pinball(p.wait, p.Told[q], levels()[q]) / 60)
			s.Climatology[name] += Mean(pinball(p.wait, usual[q], levels()[q]) / 60)
			if p.wait <= p.Told[q] {
				s.Coverage[name]++
			}
		}
		s.Baselines.QL += off(p.rules[0])
		s.Baselines.LES += off(p.rules[1])
		s.Baselines.QLLES += off(p.rules[2])
		s.Baselines.Constant += off(usual[0])
	}
	n := float64(s.N) // of nobody there is no mean: 0/0 is NaN
	s.RMSEMin = Mean(math.Sqrt(squares / n))
	for _, x := range []*Mean{&s.MAEMin, &s.BiasMin, &s.Baselines.QL, &s.Baselines.LES, &s.Baselines.QLLES, &s.Baselines.Constant} {
		*x /= Mean(n)
	}
	for _, name := range levelNames() {
		s.Pinball[name] /= Mean(n)
		s.Climatology[name] /= Mean(n)
		s.Coverage[name] /= Mean(n)
	}
	return s
}
