package forecast

import (
	"context"
	"fmt"
	"math"
)

// Level names a quantile in the output: "0.5", "0.8", "0.9".
type Level string

// levelNames are the levels as the output names them, in the order of Quantiles.
func levelNames() [3]Level { return [3]Level{"0.5", "0.8", "0.9"} }

// Score is how good forecasts were over all judged tickets that waited. Errors are in minutes, of the median; bias is
// forecast − wait.
type Score struct {
	N           int               `json:"n"`
	MAEMin      float64           `json:"mae_min"`
	RMSEMin     float64           `json:"rmse_min"`
	BiasMin     float64           `json:"bias_min"`
	Pinball     map[Level]float64 `json:"pinball"`     // mean loss in minutes
	Climatology map[Level]float64 `json:"climatology"` // the same for the quantiles of all waits > 0 of the training days
	Coverage    map[Level]float64 `json:"coverage"`    // share of waits at or under the forecast
	Baselines   Baselines         `json:"baselines"`
}

// Baselines are the mean absolute errors of simple rules, in minutes.
type Baselines struct {
	QL       float64 `json:"ql"`          // tickets ahead and itself, by the queue's usual rate of calls at this hour
	LES      float64 `json:"les"`         // the wait of the queue's last one called
	QLLES    float64 `json:"ql_les_mean"` // their mean
	Constant float64 `json:"constant"`    // the median of all waits of the training days
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
// scored. Progress is called before each day with how many are done.
func Judge(ctx context.Context, days []HistoryDay, trainDays int, progress func(done, of int)) (*Score, []Prediction, error) {
	if trainDays < 1 || trainDays >= len(days) {
		return nil, nil, fmt.Errorf("forecast: %d days of training leave nothing to judge of %d days: choose 1 to %d", trainDays, len(days), len(days)-1)
	}
	var told []Prediction
	var usual Quantiles
	for d := trainDays; d < len(days); d++ {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		progress(d-trainDays, len(days)-trainDays)
		m := learn(days[:d], defaultShape(), uint64(d))
		if d == trainDays {
			usual = m.usual
		}
		told = append(told, m.predict(&days[d])...)
	}
	progress(len(days)-trainDays, len(days)-trainDays)
	return score(told, usual), told, nil
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
	s := &Score{Pinball: map[Level]float64{}, Climatology: map[Level]float64{}, Coverage: map[Level]float64{}}
	squares := 0.0
	for i := range told {
		p := &told[i]
		if math.IsNaN(p.wait) {
			continue
		}
		s.N++
		e := (p.Told[0] - p.wait) / 60
		s.MAEMin += math.Abs(e)
		s.BiasMin += e
		squares += e * e
		for q, name := range levelNames() {
			s.Pinball[name] += pinball(p.wait, p.Told[q], levels()[q]) / 60
			s.Climatology[name] += pinball(p.wait, usual[q], levels()[q]) / 60
			if p.wait <= p.Told[q] {
				s.Coverage[name]++
			}
		}
		s.Baselines.QL += math.Abs(p.rules[0]-p.wait) / 60
		s.Baselines.LES += math.Abs(p.rules[1]-p.wait) / 60
		s.Baselines.QLLES += math.Abs(p.rules[2]-p.wait) / 60
		s.Baselines.Constant += math.Abs(usual[0]-p.wait) / 60
	}
	n := max(float64(s.N), 1)
	s.RMSEMin = math.Sqrt(squares / n)
	for _, x := range []*float64{&s.MAEMin, &s.BiasMin, &s.Baselines.QL, &s.Baselines.LES, &s.Baselines.QLLES, &s.Baselines.Constant} {
		*x /= n
	}
	for _, name := range levelNames() {
		s.Pinball[name] /= n
		s.Climatology[name] /= n
		s.Coverage[name] /= n
	}
	return s
}
