// Package archive keeps the history of a hall so that a month of it is judged in a moment however long it is: every case
// is one record with all that belongs to it (its tickets, notices and referrals), found by the days on which it was open;
// and every day has its tickets in a few records of their own, for what is counted by days and windows.
//
// Import takes exchange files over into a Store, all or nothing; Select reads from it what runonce.Judge needs for a
// period, and Export hands everything on. The records are packed (pack.go), because decoding them, not finding them, is
// what a report waits for. The package owns no goroutine; db is the store.
package archive

import (
	"context"
	"time"

	"yitang/server/hall"
)

// Store keeps packed records. Days are numbers of days since 1970-01-01 in the hall's zone.
type Store interface {
	// ReplacePast replaces the whole history in one transaction; an error of fill or seal leaves everything as it was. Seal
	// gets the digest of what was written, and what it appends to the hall's journal belongs to the transaction.
	ReplacePast(ctx context.Context, fill func(PastWriter) error, seal func(digest string) error) error
	// PastCases calls with the record of every case that was open on a day from..to (closed cases up to their last day).
	PastCases(ctx context.Context, from, to int, each func(body []byte) error) error
	// PastCase returns the record of one case, or nil.
	PastCase(ctx context.Context, id string) ([]byte, error)
	// PastDays calls with the records of the tickets issued on the days from..to, in order.
	PastDays(ctx context.Context, from, to int, each func(body []byte) error) error
	// PastSpan is the first and the last day with a ticket; both are 0 where there is none.
	PastSpan(ctx context.Context) (first, last int, err error)
	// PastAccepted calls with every matter of which cases were accepted on the days from..to, and the last such day.
	PastAccepted(ctx context.Context, from, to int, each func(day int, matter string) error) error
	// PastStandards returns what was imported about the matters, packed as JSON, or nil.
	PastStandards(ctx context.Context) ([]byte, error)
}

// PastWriter fills a history.
type PastWriter = interface {
	Case(id string, opened, closed int, body []byte) error // closed is Never for an open one
	Tickets(day int, body []byte) error
	Accepted(day int, matter string, cases int) error
	Standards(body []byte) error
}

// Never is the closing day of a case that is open.
const Never = 1<<31 - 1

const secondsPerDay = 24 * 60 * 60

// dayOf is the day of an instant.
func dayOf(zone *time.Location, at hall.Millis) int {
	t := time.UnixMilli(int64(at)).In(zone)
	_, offset := t.Zone()
	s := t.Unix() + int64(offset)
	if s < 0 {
		s -= secondsPerDay - 1
	}
	return int(s / secondsPerDay)
}

func dayNo(d hall.Day) (int, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	return int(t.Unix() / secondsPerDay), err
}

func dayName(n int) hall.Day {
	return hall.Day(time.Unix(int64(n)*secondsPerDay, 0).UTC().Format(time.DateOnly))
}

func yearOf(day int) int { return time.Unix(int64(day)*secondsPerDay, 0).UTC().Year() }

// yearAfter is the first day of the year after that of a day.
func yearAfter(day int) int {
	return int(time.Date(yearOf(day)+1, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}
