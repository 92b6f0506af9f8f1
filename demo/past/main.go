// Past writes the history of an invented hall as exchange files, to measure with: the same seed gives the same bytes.
//
//	go run ./demo/past --tickets 10000000 --years 10 --out /tmp/past
//
// The last year is 2025, whose working-day calendar is known. Everything in it is invented: shares of incomplete
// filings, collections and the like are round numbers, not those of any hall.
package main

import (
	"bufio"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"yitang/server/catalogue"
	"yitang/server/exchange"
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
		return fmt.Errorf("name a folder with --out, and at least one ticket and one year")
	}
	if err := os.MkdirAll(out, 0o755); err != nil { // #nosec G301 -- made-up people, for everybody
		return err
	}
	h, err := newHall(rand.New(rand.NewPCG(seed, 0))) // #nosec G404 -- a game of chance, not a secret
	if err != nil {
		return err
	}
	closers, err := h.open(out)
	if err != nil {
		return err
	}
	last := time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)
	first := time.Date(2025-years+1, 1, 1, 0, 0, 0, 0, time.UTC)
	days := 0
	for d := first; !d.After(last); d = d.AddDate(0, 0, 1) {
		if works(d) {
			days++
		}
	}
	perDay := float64(tickets) * 0.4 / float64(days)
	owed := 0.0
	for d := first; !d.After(last); d = d.AddDate(0, 0, 1) {
		if !works(d) {
			continue
		}
		owed += perDay
		h.day(d, int(owed))
		owed -= float64(int(owed))
	}
	h.rest()
	for _, c := range closers {
		if err := c(); err != nil {
			return err
		}
	}
	fmt.Printf("%d cases, %d tickets, %d notices, %d referrals in %s\n", h.cases, h.tickets, h.notices, h.referrals, out)
	return nil
}

// works takes Monday to Friday: the invented hall has no holidays.
func works(d time.Time) bool { return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday }

// open makes the files with their headers.
func (h *invented) open(out string) (closers []func() error, err error) {
	for _, f := range []struct {
		name, header string
		into         **bufio.Writer
	}{
		{exchange.CasesFile, strings.Join(exchange.CaseColumns(), ","), &h.caseFile},
		{exchange.TicketsFile, strings.Join(exchange.TicketColumns(), ","), &h.ticketFile},
		{exchange.NoticesFile, strings.Join(exchange.NoticeColumns(), ","), &h.noticeFile},
		{exchange.ReferralsFile, strings.Join(exchange.ReferralColumns(), ","), &h.referralFile},
	} {
		file, err := os.Create(filepath.Join(out, f.name))
		if err != nil {
			return nil, err
		}
		w := bufio.NewWriterSize(file, 1<<20)
		*f.into = w
		fmt.Fprintln(w, f.header)
		closers = append(closers, w.Flush, file.Close)
	}
	file, err := os.Create(filepath.Join(out, exchange.MattersFile))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return closers, h.writeMatters(file)
}

func (h *invented) writeMatters(w io.Writer) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"code", "department", "promised_working_days", "transferred", "guide_visits", "site_visit", "transferred_from"}}
	for i, m := range h.matters {
		yes := func(b bool) string {
			if b {
				return "yes"
			}
			return "no"
		}
		rows = append(rows, []string{m.code, m.department, strconv.Itoa(m.promised), yes(m.transferred), yes(i%10 == 0), yes(i%15 == 0), "2015-01-01"})
	}
	return c.WriteAll(rows)
}

// matter is one of the example catalogue's.
type matter struct {
	code, department string
	promised         int
	transferred      bool
}

func newHall(chance *rand.Rand) (*invented, error) {
	l, err := catalogue.Example()
	if err != nil {
		return nil, err
	}
	h := &invented{chance: chance, due: map[int64][]errand{}}
	for _, m := range l.Matters {
		h.matters = append(h.matters, matter{string(m.Code), m.Department, m.PromisedDays, m.Transferred})
	}
	return h, nil
}
