package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"yitang/db"
	"yitang/server"
	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/person"
	"yitang/server/runonce"
)

// openCases gathers the open cases of a cases.csv for a hall.
type openCases struct {
	ctx    context.Context //nolint:containedctx // of one import
	data   *db.DB
	key    person.Key
	cmd    hall.ImportCases
	closed int // left out
	blind  int // with a subject that is no number: found by the case's number only
}

// importCases takes the open cases of an approval system over into a hall that is not running, which goes on with them.
func importCases(ctx context.Context, dir, path string, w out) error {
	if name := filepath.Base(path); name != exchange.CasesFile {
		return fmt.Errorf("import: %s: a single file must be %s, as in the exchange files, or %s", path, exchange.CasesFile, exchange.CalendarFile)
	}
	data, eng, err := openStill(ctx, dir, openHall)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // what was acknowledged is on disk
	key, err := server.OpenKey(ctx, data, dir)
	if err != nil {
		return err
	}
	o := openCases{ctx: ctx, data: data, key: key}
	err = exchange.ScanCases(os.DirFS(filepath.Dir(path)), o.add)
	if err == nil {
		err = eng.Alone(ctx, o.cmd)
	}
	if err != nil {
		return fmt.Errorf("import: %s was refused, nothing was changed:\n%w", path, err)
	}
	fmt.Fprintf(w, "%d open cases; %d closed ones left out (import their folder for the measure); %d whose subject is no number are found by case number only\n",
		len(o.cmd.Cases), o.closed, o.blind)
	return nil
}

func (o *openCases) add(c *runonce.Case, line int) error {
	if c.End != runonce.Open {
		o.closed++
		return nil
	}
	old, err := o.data.Case(o.ctx, hall.CaseID(c.ID))
	if err != nil {
		return err
	}
	k := hall.Case{ID: hall.CaseID(c.ID), Matter: c.Matter, Channel: "import", OpenedAt: c.OpenedAt, AcceptedAt: c.AcceptedAt,
		DecidedAt: c.DecidedAt, FirstComplete: string(c.FirstComplete), Offered: string(c.DeliveryOffered), Chosen: c.DeliveryChosen,
		WishAt: c.DeliveryRecordedAt, Org: c.DecisionOrg, Seal: c.Seal}
	k.Subject, k.SubjectKind = o.who(c.Subject, string(c.SubjectKind))
	k.Agent, _ = o.who(c.Agent, "")
	if c.Subject != "" && k.Subject == "" {
		o.blind++
	}
	o.cmd.Cases, o.cmd.Lines = append(o.cmd.Cases, hall.SyncCase{Case: k, Known: old}), append(o.cmd.Lines, line)
	return nil
}

// who is a party's pseudonym with this hall's key, where the file has the number; a pseudonym of another key finds nobody.
func (o *openCases) who(p runonce.Party, kind string) (pseudonym, subjectKind string) {
	for _, try := range []person.Kind{person.Individual, person.Company} {
		if kind == "person" && try == person.Company || kind == "company" && try == person.Individual {
			continue
		}
		if n, err := person.Parse(try, string(p)); err == nil {
			return string(o.key.Pseudonym(n.Kind(), n.Normal())), map[person.Kind]string{person.Individual: "person", person.Company: "company"}[try]
		}
	}
	return "", ""
}
