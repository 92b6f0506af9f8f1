// Past writes the history of an invented hall as exchange files, to measure with: the same seed gives the same bytes.
//
//	go run ./demo/past --tickets 10000000 --years 10 --out /tmp/past
//
// The last year is 2025, whose working-day calendar is known; the invented hall works from Monday to Friday and has no
// holidays.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"yitang/demo/history"
	"yitang/demo/profile"
	"yitang/server/catalogue"
	"yitang/server/hall"
)

func main() {
	tickets := flag.Int("tickets", 10_000_000, "about so many tickets; two fifths as many cases")
	years := flag.Int("years", 10, "over so many years, the last being 2025")
	seed := flag.Uint64("seed", 1, "another seed is another hall")
	out := flag.String("out", "", "folder to write to")
	flag.Parse()
	if err := run(*tickets, *years, *seed, *out); err != nil {
		fmt.Fprintln(os.Stderr, "past:", err)
		os.Exit(1)
	}
}

func run(tickets, years int, seed uint64, out string) error {
	if out == "" || tickets < 1 || years < 1 {
		return errors.New("name a folder with --out, and at least one ticket and one year")
	}
	l, err := catalogue.Example()
	if err != nil {
		return err
	}
	p, err := profile.Load()
	if err != nil {
		return err
	}
	c := history.Config{Layout: l, Open: []hall.Span{{From: 10 * 60, To: 18 * 60}}, Shares: history.Burdened(), Seed: seed, Works: weekday,
		First: time.Date(2025-years+1, 1, 1, 0, 0, 0, 0, time.UTC), Last: time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)}
	days := 0
	for d := c.First; !d.After(c.Last); d = d.AddDate(0, 0, 1) {
		if weekday(d) {
			days++
		}
	}
	c.Share = float64(tickets) / float64(days) / p.DayMean
	n, err := history.Write(out, c)
	if err != nil {
		return err
	}
	fmt.Printf("%d cases, %d tickets, %d notices, %d referrals in %s\n", n.Cases, n.Tickets, n.Notices, n.Referrals, out)
	return nil
}

func weekday(d time.Time) bool { return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday }
