package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"yitang/db"
	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/runonce"
)

type runonceCmd struct {
	dirFlag
	From      string `required:"" placeholder:"DAY" help:"First day of the period, YYYY-MM-DD."`
	To        string `required:"" placeholder:"DAY" help:"Last day of the period."`
	ReportDay string `placeholder:"DAY" help:"What happened after this day is unknown; the period's last day by default."`
	By        string `enum:",matter,department,window,week,agent" default:"" help:"Also by matter, department, window, week or agent."`
	AllCases  bool   `help:"List every case, not only those closed in the period."`
	Zone      string `default:"Asia/Shanghai" help:"Time zone of exchange files."`
	JSON      bool   `name:"json" help:"Print the report as JSON."`
}

func (runonceCmd) Help() string {
	return "Example: yitang runonce --dir ./june --from 2025-06-01 --to 2025-06-30 --by matter --json\n\n" +
		"DIR is a hall's data folder, or a folder with the exchange files cases.csv, tickets.csv, notices.csv and\n" +
		"referrals.csv; matters.csv and calendar.csv may stand beside them. May run beside the working hall."
}

// gcPercent lets the heap grow before it is swept: one report is made, then the process ends.
const gcPercent = 400

// Run judges a period.
func (c *runonceCmd) Run(ctx context.Context, w out) error {
	q := runonce.Query{From: hall.Day(c.From), To: hall.Day(c.To), ReportDay: hall.Day(c.ReportDay),
		By: runonce.Grouping(c.By), AllCases: c.AllCases}
	if q.ReportDay == "" {
		q.ReportDay = q.To
	}
	debug.SetGCPercent(gcPercent)
	data, err := c.read(ctx, q)
	if err != nil {
		return err
	}
	report, err := runonce.Judge(*data, q)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(report)
	}
	return printReport(w, report, q)
}

// read takes a hall's data folder or exchange files.
func (c *runonceCmd) read(ctx context.Context, q runonce.Query) (*runonce.Data, error) {
	if err := there(c.Dir); err == nil {
		return hallHistory(ctx, c.Dir, q)
	} else if errors.Is(err, fs.ErrPermission) {
		return nil, err
	}
	if !exchange.Is(os.DirFS(c.Dir)) {
		return nil, fmt.Errorf("runonce: %s is neither a hall's data folder (%s) nor a folder with exchange files (%s)", c.Dir, db.File,
			strings.Join(exchange.Files(), ", "))
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("runonce: --zone %s: no such time zone; write for example Asia/Shanghai", c.Zone)
	}
	return exchange.Read(os.DirFS(c.Dir), zone)
}

// printReport says the same in words.
func printReport(w out, r *runonce.Report, q runonce.Query) error {
	if r.All.N+r.Opened.N == 0 {
		fmt.Fprintf(w, "no case was opened or closed from %s to %s, as known on %s: choose other days, or take a history over with yitang import\n", q.From, q.To, q.ReportDay)
	}
	rate := func(name string, x runonce.Rate) {
		if x.Rate == nil {
			fmt.Fprintf(w, "%-28s no cases\n", name)
			return
		}
		fmt.Fprintf(w, "%-28s %6.2f %%  [%5.2f, %5.2f]  %d of %d\n", name, 100**x.Rate, 100**x.Lo, 100**x.Hi, *x.Once, x.N)
	}
	rate("run once, all closed", r.All)
	rate("with failures still open", r.WithKnownFailures)
	rate("run once, by the law", r.Law)
	if r.Opened.F2 != nil {
		fmt.Fprintf(w, "%-28s %6.2f %%  came again %.2f %%, undecided %.2f %% after %g working days  of %d\n", "run once, opened cases",
			100**r.Opened.F2, 100**r.Opened.F1, 100**r.Opened.S, r.Opened.Tau, r.Opened.N)
	}
	if r.Bounds != nil {
		fmt.Fprintf(w, "%-28s between %.2f and %.2f %%: only %.1f %% of the tickets found their case\n", "so the true rate lies",
			100*r.Bounds.Lo, 100*r.Bounds.Hi, 100**r.LinkedShare)
	}
	fmt.Fprintf(w, "left out: %d withdrawn, %d no authority, %d test, %d void; wasted trips %d\n", r.LeftOut.Withdrawn,
		r.LeftOut.NoAuthority, r.LeftOut.Test, r.LeftOut.Void, r.WastedTrips)
	for _, g := range r.Groups {
		if g.Suppressed {
			fmt.Fprintf(w, "  %-26s fewer than 5 cases\n", g.Key)
			continue
		}
		rate("  "+g.Key, g.Rate)
	}
	for _, s := range r.Signals {
		fmt.Fprintf(w, "to be verified: %s %s, %d of %d\n", s.ID, s.Subject, s.K, s.N)
	}
	return nil
}
