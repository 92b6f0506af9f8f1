package runonce_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The files naive_*_test.go judge a folder a second time. They were written
// from the definitions alone, by somebody who had not seen the package, as
// simple and as slow as can be: every question walks over all rows again.

type naiveCase struct {
	id, matter, subject, end, firstComplete, offered, chosen, decisionOrg, agent string

	opened, accepted, decided, closed, recorded time.Time
}

type naiveTicket struct {
	id, person, actor, channel, window, from, state string
	cases, matters, purposes                        []string

	issued, checkedIn, called, started, ended time.Time
}

type naiveNotice struct {
	caseID  string
	seq     int
	at      time.Time
	items   []string
	written bool
}

type naiveReferral struct {
	caseID string
	at     time.Time
}

type naiveMatter struct {
	code, department string
	promised         int
	guideVisits      bool
}

type naiveFolder struct {
	zone      *time.Location
	cases     []naiveCase
	tickets   []naiveTicket
	notices   []naiveNotice
	referrals []naiveReferral
	matters   []naiveMatter
}

// naiveRows reads a file as one map a row; a file that lacks has no rows.
func naiveRows(dir, name string) []map[string]string {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff"))).ReadAll()
	if err != nil {
		panic(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func naiveTime(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at
}

func naiveList(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ";")
}

func naiveRead(dir string, zone *time.Location) naiveFolder {
	f := naiveFolder{zone: zone}
	for _, r := range naiveRows(dir, "cases.csv") {
		f.cases = append(f.cases, naiveCase{
			id: r["case"], matter: r["matter"], subject: r["subject"], end: r["end"], firstComplete: r["first_complete"],
			offered: r["delivery_offered"], chosen: r["delivery_chosen"], agent: r["agent"], decisionOrg: r["decision_org"],
			opened: naiveTime(r["opened_at"]), accepted: naiveTime(r["accepted_at"]), decided: naiveTime(r["decided_at"]),
			closed: naiveTime(r["closed_at"]), recorded: naiveTime(r["delivery_recorded_at"]),
		})
	}
	for _, r := range naiveRows(dir, "tickets.csv") {
		f.tickets = append(f.tickets, naiveTicket{
			id: r["ticket"], person: r["person"], actor: r["actor"], channel: r["channel"], window: r["window"],
			from: r["from_ticket"], state: r["state"],
			cases: naiveList(r["case"]), matters: naiveList(r["matter"]), purposes: naiveList(r["purpose"]),
			issued: naiveTime(r["issued_at"]), checkedIn: naiveTime(r["checked_in_at"]), called: naiveTime(r["called_at"]),
			started: naiveTime(r["started_at"]), ended: naiveTime(r["ended_at"]),
		})
	}
	for _, r := range naiveRows(dir, "notices.csv") {
		seq, err := strconv.Atoi(r["seq"])
		if err != nil {
			panic(err)
		}
		f.notices = append(f.notices, naiveNotice{
			caseID: r["case"], seq: seq, at: naiveTime(r["at"]), items: naiveList(r["items"]), written: r["written"] == "yes",
		})
	}
	for _, r := range naiveRows(dir, "referrals.csv") {
		f.referrals = append(f.referrals, naiveReferral{caseID: r["case"], at: naiveTime(r["at"])})
	}
	for _, r := range naiveRows(dir, "matters.csv") {
		promised, err := strconv.Atoi(r["promised_working_days"])
		if err != nil {
			panic(err)
		}
		f.matters = append(f.matters, naiveMatter{
			code: r["code"], department: r["department"], promised: promised, guideVisits: r["guide_visits"] == "yes",
		})
	}
	return f
}

func (f naiveFolder) matter(code string) naiveMatter {
	for _, m := range f.matters {
		if m.code == code {
			return m
		}
	}
	return naiveMatter{}
}

func (f naiveFolder) day(at time.Time) string { return at.In(f.zone).Format(time.DateOnly) }

// naiveAddDays counts calendar days on.
func naiveAddDays(day string, n int) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return at.AddDate(0, 0, n).Format(time.DateOnly)
}

// known is the folder as it was known at the end of the report day.
func (f naiveFolder) known(reportDay string) naiveFolder {
	k := naiveFolder{zone: f.zone, matters: f.matters}
	known := func(at time.Time) time.Time {
		if at.IsZero() || f.day(at) > reportDay {
			return time.Time{}
		}
		return at
	}
	for _, c := range f.cases {
		if known(c.opened).IsZero() {
			continue
		}
		if !c.recorded.IsZero() && known(c.recorded).IsZero() {
			c.offered, c.chosen = "", "" // nothing was declined yet
		}
		c.accepted, c.decided, c.closed = known(c.accepted), known(c.decided), known(c.closed)
		if c.closed.IsZero() {
			c.end = "open"
		}
		k.cases = append(k.cases, c)
	}
	for _, t := range f.tickets {
		if known(t.issued).IsZero() {
			continue
		}
		t.checkedIn, t.called, t.started, t.ended = known(t.checkedIn), known(t.called), known(t.started), known(t.ended)
		k.tickets = append(k.tickets, t)
	}
	for _, n := range f.notices {
		if !known(n.at).IsZero() {
			k.notices = append(k.notices, n)
		}
	}
	for _, r := range f.referrals {
		if !known(r.at).IsZero() {
			k.referrals = append(k.referrals, r)
		}
	}
	return k
}
