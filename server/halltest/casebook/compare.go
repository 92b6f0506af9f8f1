package casebook

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yitang/server/exchange"
	"yitang/server/runonce"
)

// Compare holds the files that the hall exported against the example's, people and numbers by the example's names, and
// their figures against its own. It returns a sentence for each difference.
func (b *Book) Compare(dir string, zone *time.Location) ([]string, error) {
	name := map[string]string{"online-C9": "20250606-A001"}
	for theirs, ours := range b.Tickets {
		name[ours] = theirs
	}
	for theirs, ours := range b.Cases {
		name[ours] = theirs
	}
	got := map[string][]Row{}
	for _, file := range exchange.Files() {
		rows, err := readRows(filepath.Join(dir, file))
		if err != nil {
			return nil, err
		}
		got[file] = rows
	}
	faults := b.people(name, got)
	for _, file := range exchange.Files() {
		if file != exchange.ReferralsFile { // the example tells none; the hall has the transfer of C5
			faults = append(faults, differences(file, b.rows[file], got[file], name)...)
		}
	}
	more, err := figures(dir, zone)
	return append(faults, more...), err
}

// people learns which pseudonym is whom from the tickets and cases whose names are known; each must be one person's.
func (b *Book) people(name map[string]string, got map[string][]Row) []string {
	var faults []string
	learn := func(pseudonym, who string) {
		if pseudonym == "" && who == "" {
			return
		}
		if was, known := name[pseudonym]; pseudonym == "" || who == "" || known && was != who {
			faults = append(faults, fmt.Sprintf("%q is %q and %q", pseudonym, was, who))
		}
		name[pseudonym] = who
	}
	for _, r := range got[exchange.TicketsFile] {
		learn(r["person"], b.row(exchange.TicketsFile, "ticket", name[r["ticket"]])["person"])
	}
	for _, r := range got[exchange.CasesFile] {
		c := b.row(exchange.CasesFile, "case", name[r["case"]])
		learn(r["subject"], c["subject"])
		learn(r["agent"], c["agent"])
	}
	return faults
}

func differences(file string, want, got []Row, name map[string]string) []string {
	var faults []string
	a, z := lines(want, want[0], nil), lines(got, want[0], name)
	for i := range max(len(a), len(z)) {
		x, y := "-", "-"
		if i < len(a) {
			x = a[i]
		}
		if i < len(z) {
			y = z[i]
		}
		if x != y {
			faults = append(faults, fmt.Sprintf("%s:\nwant %s\ngot  %s", file, x, y))
		}
	}
	return faults
}

// lines writes rows in the columns of one of them, with their values by name, in order.
func lines(rows []Row, like Row, name map[string]string) []string {
	var columns []string
	for c := range like {
		columns = append(columns, c)
	}
	slices.Sort(columns)
	var out []string
	for _, r := range rows {
		var b strings.Builder
		for _, c := range columns {
			words := strings.Split(r[c], ";")
			for i, w := range words {
				if n, ok := name[w]; ok {
					words[i] = n
				}
			}
			fmt.Fprintf(&b, "%s=%s ", c, strings.Join(words, ";"))
		}
		out = append(out, b.String())
	}
	slices.Sort(out)
	return out
}

// figures judges the exported folder as the measure does.
func figures(dir string, zone *time.Location) ([]string, error) {
	data, err := exchange.Read(os.DirFS(dir), zone)
	if err != nil {
		return nil, err
	}
	r, err := runonce.Judge(*data, runonce.Query{From: "2025-06-01", To: "2025-06-30", ReportDay: "2025-06-30"})
	if err != nil {
		return nil, err
	}
	if *r.All.Once != 8 || r.All.N != 14 || *r.Law.Once != 9 || r.Law.N != 13 || r.CaseVisits.Total != 19 || r.PersonVisits != 18 ||
		r.LeftOut.Withdrawn != 1 || r.LeftOut.NoAuthority != 1 || r.WastedTrips != 1 {
		return []string{fmt.Sprintf("all %v, law %v, %d visits, %d by person, left out %+v, wasted %d",
			r.All, r.Law, r.CaseVisits.Total, r.PersonVisits, r.LeftOut, r.WastedTrips)}, nil
	}
	return nil, nil
}
