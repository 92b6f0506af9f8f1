// Package history invents the past of a hall, as exchange files: the same seed gives the same bytes. The demo starts with one,
// so that a manager's pages have something to show on its first day, and `go run ./demo/past` writes one of any size to
// measure with. People come as in the demo's own days, by the same profile and for the same matters, and are served as long; but
// nobody in the last half hour of an opening, and waits are drawn, not played, so that who comes is served while the hall is open.
// Shares of incomplete filings, collections and the like are round numbers, not those of any hall. It owns no goroutine.
package history

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"yitang/demo"
	"yitang/demo/profile"
	"yitang/server/exchange"
	"yitang/server/hall"
)

// Config says what to invent.
type Config struct {
	Layout      *hall.Layout             // its fields and matters
	Open        []hall.Span              // when the hall is open, in minutes of the day
	Works       func(day time.Time) bool // whether the hall works on a day, given by its midnight in UTC
	First, Last time.Time                // days, by their midnights in UTC
	Share       float64                  // of the profile's people; about a twentieth of them takes a second number
	Shares      Shares
	Seed        uint64 // another seed is another past
}

// Shares are of how many something is so, 0 to 1, and how long they wait.
type Shares struct {
	Consult    float64 // of cases: asked first
	Incomplete float64 // of first filings
	Transfer   float64 // of services
	Again      float64 // of promised cases: a visit that the law wants, and one to pay
	Referral   float64 // of promised cases: sent to the bureau for an opinion
	NoDelivery float64 // of cases: nobody offered to send the result
	Collect    float64 // of cases: would rather come for it
	LongWaitS  int     // seconds; waits lie evenly up to it
	RushS      int     // seconds that are added to LongWaitS in the middle of an opening time, fewer before and after
	NoShow     float64 // of calls: nobody answers, and the person takes another number
}

// Burdened are the shares of a hall that lets people come often: most has to be judged there.
func Burdened() Shares {
	return Shares{Consult: 0.25, Incomplete: 0.3, Transfer: 0.08, Again: 0.22, Referral: 0.02, NoDelivery: 0.3, Collect: 0.4, LongWaitS: 1200}
}

// Reformed are the shares of a hall that does better, with something left to do.
func Reformed() Shares {
	return Shares{Consult: 0.3, Incomplete: 0.14, Transfer: 0.015, Again: 0.05, Referral: 0.004, NoDelivery: 0.08, Collect: 0.15, LongWaitS: 200, RushS: 1300, NoShow: 0.04}
}

// Counts says what was invented.
type Counts struct{ Cases, Tickets, Notices, Referrals int }

// Write invents a past and writes it into a folder, which is made.
func Write(dir string, c Config) (_ Counts, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { // #nosec G301 -- made-up people, for everybody
		return Counts{}, err
	}
	h, err := newHall(c)
	if err != nil {
		return Counts{}, err
	}
	closers, err := h.open(dir)
	if err != nil {
		return Counts{}, err
	}
	for d := c.First; !d.After(c.Last); d = d.AddDate(0, 0, 1) {
		if c.Works(d) {
			h.day(d)
		}
	}
	h.rest()
	for _, c := range closers {
		if err := c(); err != nil {
			return Counts{}, err
		}
	}
	return h.Counts, nil
}

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
		file, err := os.Create(filepath.Join(out, f.name)) // #nosec G304 -- the owner names the folder on the command line
		if err != nil {
			return nil, err
		}
		w := bufio.NewWriterSize(file, 1<<20)
		*f.into = w
		fmt.Fprintln(w, f.header)
		closers = append(closers, w.Flush, file.Close)
	}
	file, err := os.Create(filepath.Join(out, exchange.MattersFile)) // #nosec G304 -- the owner names the folder on the command line
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return closers, h.writeMatters(file)
}

func (h *invented) writeMatters(w io.Writer) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"code", "department", "promised_working_days", "transferred", "guide_visits", "site_visit", "transferred_from"}}
	for i, l := range h.Layout.Matters {
		m := h.matters[l.Code]
		yes := func(b bool) string {
			if b {
				return "yes"
			}
			return "no"
		}
		rows = append(rows, []string{m.code, m.department, strconv.Itoa(m.promised), yes(m.transferred), yes(i%10 == 0), yes(i%15 == 0 && m.promised > 0), "2015-01-01"})
	}
	return c.WriteAll(rows)
}

// matter is one of the hall's.
type matter struct {
	code, department string
	field            hall.FieldID
	usual            time.Duration // of a service
	promised         int
	transferred      bool
	papers           []string
}

// paper is the n-th that the matter wants, from 1 on; whoever asks for more invents one.
func (m *matter) paper(n int) string {
	if n <= len(m.papers) {
		return m.papers[n-1]
	}
	return fmt.Sprintf("补充材料%d", n-len(m.papers))
}

// tailMin is how long before an opening time ends nobody comes any more, so that who comes is served while the hall is open.
const tailMin = 30

func newHall(c Config) (*invented, error) {
	p, err := profile.Load()
	if err != nil {
		return nil, err
	}
	c.Open = slices.Clone(c.Open)
	for i := range c.Open {
		c.Open[i].To -= tailMin
	}
	h := &invented{Config: c, chance: rand.New(rand.NewPCG(c.Seed, 0)), due: map[int64][]errand{}, matters: map[hall.MatterCode]matter{}} // #nosec G404 -- a game of chance, not a secret
	h.people, h.public = p.Scaled(c.Share).During(hall.Hours{Spans: c.Open}), demo.NewPublic(c.Layout, h.chance)
	for _, m := range c.Layout.Matters {
		h.matters[m.Code] = matter{string(m.Code), m.Department, m.Field, time.Duration(m.ServiceMin) * time.Minute, m.PromisedDays, m.Transferred, m.Materials}
	}
	h.people.Fields = slices.DeleteFunc(slices.Clone(h.people.Fields), func(f profile.Field) bool { _, ok := h.public.Person(f.ID); return !ok })
	return h, nil
}
