package exchange

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// Writer writes exchange files: the header rows at once, then a row for each call, in any order. Times are written in
// its zone. It keeps nothing, so that a history of any length can be written.
type Writer struct {
	zone   *time.Location
	tables map[string]*csv.Writer
	closes []func() error
	rows   map[string]int
}

// NewWriter makes the four files by create, which is called once for each name.
func NewWriter(zone *time.Location, create func(name string) (io.WriteCloser, error)) (*Writer, error) {
	w := &Writer{zone: zone, tables: map[string]*csv.Writer{}, rows: map[string]int{}}
	for name, columns := range map[string][]string{
		TicketsFile: append(ticketDesign().required, "checked_in_at"), CasesFile: append(caseDesign().required, "delivery_recorded_at"),
		NoticesFile: noticeDesign().required, ReferralsFile: referralDesign().required,
	} {
		f, err := create(name)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("exchange: %s: %w", name, err), w.Close())
		}
		buffer := bufio.NewWriterSize(f, bufferBytes)
		t := csv.NewWriter(buffer)
		w.tables[name] = t
		w.closes = append(w.closes, func() error {
			t.Flush()
			return errors.Join(t.Error(), buffer.Flush(), f.Close())
		})
		if err := t.Write(columns); err != nil {
			return nil, errors.Join(fmt.Errorf("exchange: %s: %w", name, err), w.Close())
		}
	}
	return w, nil
}

// Rows is how many rows each file has below its header.
func (w *Writer) Rows(file string) int { return w.rows[file] }

// Close ends the files. Only after it are they whole.
func (w *Writer) Close() error {
	var errs []error
	for _, c := range w.closes {
		errs = append(errs, c())
	}
	w.closes = nil
	return errors.Join(errs...)
}

func (w *Writer) row(file string, cells ...string) error {
	w.rows[file]++
	if err := w.tables[file].Write(cells); err != nil {
		return fmt.Errorf("exchange: %s: %w", file, err)
	}
	return nil
}

func (w *Writer) time(ms hall.Millis) string {
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(int64(ms)).In(w.zone).Format("2006-01-02T15:04:05.999Z07:00")
}

func joined[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = string(s)
	}
	return strings.Join(words, ";")
}

// Ticket writes a row of tickets.csv.
func (w *Writer) Ticket(t *runonce.Ticket) error {
	var cases []runonce.CaseID
	var purposes []string
	for _, l := range t.Links {
		if !t.Resolved { // what was found by person and matter is left for the reader to find again
			cases, purposes = append(cases, l.Case), append(purposes, string(rune(l.Purpose)))
		}
	}
	if len(cases) == 0 {
		for _, p := range t.Purposes {
			purposes = append(purposes, string(rune(p)))
		}
	}
	return w.row(TicketsFile, string(t.ID), joined(cases), joined(t.Matters), string(t.Person), string(t.Actor), joined(purposes),
		string(t.Channel), string(t.Window), t.Clerk, string(t.From), w.time(t.IssuedAt), w.time(t.CalledAt), w.time(t.StartedAt),
		w.time(t.EndedAt), string(t.State), w.time(t.CheckedInAt))
}

// Case writes a row of cases.csv.
func (w *Writer) Case(c *runonce.Case) error {
	return w.row(CasesFile, string(c.ID), string(c.Matter), string(c.Subject), string(c.SubjectKind), w.time(c.OpenedAt), w.time(c.AcceptedAt),
		w.time(c.DecidedAt), w.time(c.ClosedAt), string(c.End), string(c.FirstComplete), string(c.DeliveryOffered), c.DeliveryChosen,
		c.DecisionOrg, c.Seal, string(c.Agent), w.time(c.DeliveryRecordedAt))
}

// Notice writes a row of notices.csv.
func (w *Writer) Notice(n *runonce.Notice) error {
	items := make([]string, len(n.Items))
	for i, s := range n.Items { // the list's separator cannot stand in an item
		items[i] = strings.ReplaceAll(s, ";", "；")
	}
	return w.row(NoticesFile, string(n.Case), strconv.Itoa(n.Seq), w.time(n.At), joined(items), string(n.Written))
}

// Referral writes a row of referrals.csv.
func (w *Writer) Referral(r *runonce.Referral) error {
	return w.row(ReferralsFile, string(r.Case), w.time(r.At), r.From, r.To, r.Reason, string(r.Accepted))
}

// WriteStandards writes the matters' standards in the columns of a hall's own list.
func WriteStandards(to io.Writer, list map[hall.MatterCode]runonce.Standard) error {
	yes := func(b bool) string {
		if b {
			return string(runonce.Yes)
		}
		return string(runonce.No)
	}
	rows := [][]string{{"code", "department", "promised_working_days", "transferred", "guide_visits", "site_visit", "transferred_from"}}
	for _, code := range slices.Sorted(maps.Keys(list)) {
		s := list[code]
		rows = append(rows, []string{string(code), s.Department, strconv.Itoa(s.Promised), yes(s.Transferred), yes(s.GuideVisits),
			yes(s.SiteVisit), string(s.TransferredFrom)})
	}
	if err := csv.NewWriter(to).WriteAll(rows); err != nil {
		return fmt.Errorf("exchange: %s: %w", MattersFile, err)
	}
	return nil
}
