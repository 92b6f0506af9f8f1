// Package exchange reads and writes the exchange files: tickets.csv, cases.csv, notices.csv and referrals.csv, by which
// the history of any hall can be judged with `yitang runonce`, taken over with `yitang import` and handed on with
// `yitang export`.
//
// A folder with a mistake is refused as a whole, every mistake named by file, line and column. Reading is a stream: the
// only things kept are the ids, to find one that stands twice or is missing. It owns no goroutine.
package exchange

import (
	"errors"
	"io/fs"
	"time"

	"yitang/server/mistake"
	"yitang/server/runonce"
	"yitang/server/workday"
)

// The four files, and the two that may stand beside them: the matters' standards, in the columns of a hall's own list,
// and the years of the working-day calendar.
const (
	CasesFile     = "cases.csv"
	TicketsFile   = "tickets.csv"
	NoticesFile   = "notices.csv"
	ReferralsFile = "referrals.csv"
	MattersFile   = "matters.csv"
	CalendarFile  = "calendar.csv"
)

// Files lists the four that a folder must have.
func Files() []string { return []string{CasesFile, TicketsFile, NoticesFile, ReferralsFile} }

// Is says whether a folder is meant as exchange files: it has at least one that no other kind of folder has.
func Is(files fs.FS) bool {
	for _, name := range Files() {
		if _, err := fs.Stat(files, name); err == nil {
			return true
		}
	}
	return false
}

// Sink takes the rows of a folder, cases first; a nil function is not called. What it gets is its own to keep.
type Sink struct {
	Index    Index // filled with the place of each case; nil where nobody asks
	Case     func(*runonce.Case) error
	Ticket   func(*runonce.Ticket) error
	Notice   func(*runonce.Notice) error
	Referral func(*runonce.Referral) error
	Progress func(file string, rows int) // now and then, and at the end of each file
}

// Index is the place of each case in cases.csv, from 0 on.
type Index map[string]int32

// progressEvery is how many rows lie between two reports of progress.
const progressEvery = 100_000

// Scan reads a folder from end to end. What is wrong with it comes back as mistake.List, after the sink has had the rows
// before: whoever keeps them must let them go then.
func Scan(files fs.FS, sink Sink) error {
	f := folder{files: files, sink: sink, cases: sink.Index}
	if f.cases == nil {
		f.cases = Index{}
	}
	for _, read := range []func() error{f.readCases, f.readTickets, f.readNotices, f.readReferrals} {
		if err := read(); err != nil {
			return err
		}
	}
	if len(f.problems) > 0 {
		return f.problems
	}
	return nil
}

// Read reads a folder into memory, with the standards and the calendar that stand beside the four files.
func Read(files fs.FS, zone *time.Location) (*runonce.Data, error) {
	d := &runonce.Data{Zone: zone}
	var err error
	if d.Calendar, err = readCalendar(files); err != nil {
		return nil, err
	}
	if d.Standards, err = ReadStandards(files); err != nil {
		return nil, err
	}
	err = Scan(files, Sink{
		Case:     func(c *runonce.Case) error { d.Cases = append(d.Cases, *c); return nil },
		Ticket:   func(t *runonce.Ticket) error { d.Tickets = append(d.Tickets, *t); return nil },
		Notice:   func(n *runonce.Notice) error { d.Notices = append(d.Notices, *n); return nil },
		Referral: func(r *runonce.Referral) error { d.Referrals = append(d.Referrals, *r); return nil },
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// readCalendar is the built-in calendar with the folder's own years.
func readCalendar(files fs.FS) (workday.Calendar, error) {
	c := workday.Default()
	f, err := files.Open(CalendarFile)
	if errors.Is(err, fs.ErrNotExist) { // it need not be there
		return c, nil
	}
	if err != nil {
		return c, mistake.List{{File: CalendarFile, Message: err.Error()}}
	}
	defer f.Close()
	years, err := workday.Parse(f)
	if err != nil {
		return c, mistake.List{{File: CalendarFile, Message: err.Error()}}
	}
	return c.With(years...), nil
}
