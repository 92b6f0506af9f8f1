package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"

	"yitang/server/forecast"
)

type forecastCmd struct {
	History     string `required:"" placeholder:"FILE" help:"CSV with day,queue,ticket,issue_s,call_s,end_s,windows (seconds of the day)."`
	TrainDays   int    `required:"" placeholder:"N" help:"The first N days teach; each day after them is judged."`
	JSON        bool   `name:"json" help:"Print the score as JSON."`
	Predictions string `placeholder:"OUT.csv" help:"Write what each judged ticket was told."`
}

func (forecastCmd) Help() string {
	return "Example: yitang forecast --history tickets.csv --train-days 9 --json --predictions told.csv\n\n" +
		"Each ticket is told what was known when it was issued; what happened later cannot change it. How other files are " +
		"brought into this form, and what the figures mean, stands in docs/forecast.md."
}

// Run judges the forecasts on a history.
func (c *forecastCmd) Run(ctx context.Context, w out, e aside) error {
	if sameFile(c.History, c.Predictions) {
		return fmt.Errorf("--predictions: %s is the history itself; name another file", c.Predictions)
	}
	days, err := readHistory(c.History)
	if err != nil {
		return err
	}
	warnTwice(e, days)
	bar := newCount()
	score, told, err := forecast.Judge(ctx, days, c.TrainDays, func(done, of int) { bar.say("forecast: day %d of %d", done, of) })
	bar.done()
	if err != nil {
		return err
	}
	if c.TrainDays < forecast.FewDays {
		fmt.Fprintf(e, "yitang: forecast: fewer than %d days teach: what is told may be worse than the simple rules beside it, and cover less than it says.\n", forecast.FewDays)
	}
	if c.Predictions != "" {
		if err := writeFile(c.Predictions, func(f io.Writer) error { return writePredictions(f, told) }); err != nil {
			return err
		}
	}
	if c.JSON {
		parts(e, "yitang: forecast: ", days, c.TrainDays)
		return json.NewEncoder(w).Encode(score)
	}
	parts(w, "", days, c.TrainDays)
	return printScore(w, score)
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

func readHistory(path string) ([]forecast.HistoryDay, error) {
	f, err := os.Open(path) // #nosec G304 -- the owner names it on the command line
	if err != nil {
		return nil, fmt.Errorf("--history: %w; an example is docs/history.csv, and --help shows the columns", err)
	}
	defer f.Close() //nolint:errcheck // only read
	text, err := csvText(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	days, err := forecast.ReadHistory(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return days, nil
}

// writeFile makes a file whole: a failed write or close is an error.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path) // #nosec G304 -- the owner names it on the command line
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close() // #nosec G104 -- the first error is told
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.Close()
}

func writePredictions(f io.Writer, told []forecast.Prediction) error {
	out := csv.NewWriter(f)
	rows := [][]string{{"day", "queue", "ticket", "q50_min", "q80_min", "q90_min"}}
	for _, p := range told {
		row := []string{p.Day, string(p.Queue), p.Ticket}
		for _, s := range p.Told {
			row = append(row, strconv.FormatFloat(s/60, 'f', 4, 64))
		}
		rows = append(rows, row)
	}
	return out.WriteAll(rows)
}

// warnTwice names lines that may have been copied twice: each counts.
func warnTwice(w io.Writer, days []forecast.HistoryDay) {
	list := forecast.Twice(days)
	if len(list) == 0 {
		return
	}
	r := list[0]
	fmt.Fprintf(w, "yitang: forecast: lines with the day, queue and ticket of an earlier line: %d; each counts as a ticket of its own. "+
		"The first is line %d: day %s, queue %s, ticket %s stands in line %d too.\n", len(list), r.Line, r.Day, r.Queue, r.Ticket, r.First)
}

// parts says which days teach and which are judged: a day that was named wrongly shows there.
func parts(w io.Writer, before string, days []forecast.HistoryDay, train int) {
	teach, judged := days[:train], days[train:]
	fmt.Fprintf(w, "%sdays that teach: %d, %s; days that are judged: %d, %s\n", before, len(teach), firstLast(teach), len(judged), firstLast(judged))
}

func firstLast(days []forecast.HistoryDay) string {
	if len(days) == 1 {
		return days[0].Name
	}
	return days[0].Name + " to " + days[len(days)-1].Name
}

func printScore(w io.Writer, s *forecast.Score) error {
	if s.N == 0 {
		_, err := fmt.Fprintln(w, "Nobody on the judged days waited and was called: there is nothing to score.")
		return err
	}
	_, err := fmt.Fprintf(w, "%d tickets that waited. Median: error %.2f min, bias %+.2f min.\n", s.N, s.MAEMin, s.BiasMin)
	for _, l := range []forecast.Level{"0.5", "0.8", "0.9"} {
		if err == nil {
			_, err = fmt.Fprintf(w, "%s: covers %.3f, loss %.3f min; climatology's loss %.3f min%s\n",
				l, s.Coverage[l], s.Pinball[l], s.Climatology[l], under(s.Pinball[l], s.Climatology[l]))
		}
	}
	if err == nil {
		b := s.Baselines
		_, err = fmt.Fprintf(w, "Error of simple rules: queue length %.2f, last wait %.2f, their mean %.2f, constant %.2f min\n",
			b.QL, b.LES, b.QLLES, b.Constant)
	}
	return err
}

// under is how much smaller a loss is than another one, in words; nothing where the other is 0.
func under(loss, than forecast.Mean) string {
	switch {
	case than == 0:
		return ""
	case loss > than:
		return fmt.Sprintf(", this is %.1f %% over", 100*(loss/than-1))
	}
	return fmt.Sprintf(", this is %.1f %% under", 100*(1-loss/than))
}
