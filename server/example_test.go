package server_test

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/runonce"
	"yitang/server/wire"
)

// exampleFolder is the worked example of the measure: eighteen cases, as exchange files.
const exampleFolder = "exchange/testdata/example"

// TestWorkedExample plays the eighteen cases through the API with a clock that the test sets: people take tickets, clerks
// call and serve them, departments decide, an approval system says what it knows. The files exported afterwards must be
// the example's, row by row, and give its figures.
//
// What the example tells more finely than a hall records is adjusted: a case is accepted, and a notice given, when the
// clerk finishes, not in the middle of the service; a transferred ticket waits from the transfer on; and a cancelled
// ticket ends when it is cancelled.
func TestWorkedExample(t *testing.T) {
	p := newPlay(t)
	p.run()
	p.Stop()
	p.Verify()
	out := t.TempDir()
	p.export(out)
	p.compare(out)
	files := os.DirFS(out)
	data, err := exchange.Read(files, beijing(t))
	if err != nil {
		t.Fatal(err)
	}
	r, err := runonce.Judge(*data, runonce.Query{From: "2025-06-01", To: "2025-06-30", ReportDay: "2025-06-30"})
	if err != nil {
		t.Fatal(err)
	}
	if *r.All.Once != 8 || r.All.N != 14 || *r.Law.Once != 9 || r.Law.N != 13 || r.CaseVisits.Total != 19 || r.PersonVisits != 18 ||
		r.LeftOut.Withdrawn != 1 || r.LeftOut.NoAuthority != 1 || r.WastedTrips != 1 {
		t.Errorf("all %v, law %v, %d visits, %d by person, left out %+v, wasted %d", r.All, r.Law, r.CaseVisits.Total, r.PersonVisits, r.LeftOut, r.WastedTrips)
	}
}

// play is the example being played.
type play struct {
	*halltest.Hall
	t       *testing.T
	clock   clock
	tokens  map[string]string // of clerks by name
	rows    map[string][]map[string]string
	tickets map[string]string // the example's ticket → ours
	cases   map[string]string // the example's case → ours
	open    map[string]bool   // windows opened today
	day     string
}

// clerkOf is who works where.
func clerkOf(window string) string {
	return map[string]string{"1": "li", "2": "li", "W3": "wang", "W5": "zhao", "9": "sun"}[window]
}

func newPlay(t *testing.T) *play {
	l := halltest.Layout(t, 0)
	l.Hours, l.Desk.Bureau = hall.Hours{}, "审批局"
	l.Fields, l.Matters = l.Fields[:1], nil
	for _, m := range []struct {
		code hall.MatterCode
		days int
	}{{"M1", 3}, {"M2", 10}, {"M3", 10}} {
		l.Matters = append(l.Matters, hall.Matter{Code: m.code, Name: hall.Text{"zh": string(m.code)}, Field: "A", Department: "市监局",
			Kind: hall.Promised, StatutoryDays: 20, PromisedDays: m.days, Transferred: true, ServiceMin: 10})
	}
	for _, id := range []hall.WindowID{"1", "2", "W3", "W5", "9"} {
		l.Windows = append(l.Windows, hall.WindowPlan{ID: id, Kind: hall.General, Fields: []hall.FieldID{"A"}})
	}
	p := &play{t: t, tokens: map[string]string{}, tickets: map[string]string{}, cases: map[string]string{"C9": "C9"}}
	p.Hall = halltest.With(t, l)
	p.accounts()
	p.readExample()
	p.clock.set(t, "2025-06-03 09:00")
	p.Now = p.clock.now
	p.Start()
	return p
}

func (p *play) accounts() {
	data, err := db.Open(p.Dir)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, name := range []string{"li", "wang", "zhao", "sun"} {
		p.tokens[name] = account.NewToken()
		err = errors.Join(err, data.PutAccount(p.t.Context(), account.Account{User: name, Name: name, Role: account.Clerk}),
			data.PutToken(p.t.Context(), account.Token{Digest: account.Digest(p.tokens[name]), User: name, Made: time.Now()}))
	}
	if err := errors.Join(err, data.Close()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *play) readExample() {
	p.rows = map[string][]map[string]string{}
	for _, name := range exchange.Files() {
		p.rows[name] = readRows(p.t, filepath.Join(exampleFolder, name))
	}
	for _, r := range p.rows[exchange.TicketsFile] { // what the example tells more finely
		switch r["ticket"] {
		case "20250604-A003":
			r["issued_at"] = "2025-06-04T10:10:00+08:00"
		case "20250612-A004":
			r["ended_at"] = "2025-06-12T10:05:00+08:00"
		}
	}
	for _, r := range p.rows[exchange.CasesFile] {
		r["accepted_at"] = p.endOf(r["case"], r["accepted_at"])
	}
	for _, r := range p.rows[exchange.NoticesFile] {
		r["at"] = p.endOf(r["case"], r["at"])
	}
}

func readRows(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, r := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = r[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// endOf is the end of the case's service that a time lies in, or the time itself.
func (p *play) endOf(kase, at string) string {
	for _, r := range p.rows[exchange.TicketsFile] {
		if slices.Contains(strings.Split(r["case"], ";"), kase) && r["started_at"] != "" && r["started_at"] <= at && at <= r["ended_at"] {
			return r["ended_at"]
		}
	}
	return at
}

// scene is something that happens at a time.
type scene struct {
	at, day string
	do      func()
}

// run lets everything happen in the order of time.
func (p *play) run() {
	var scenes []scene
	add := func(at string, do func()) {
		if at != "" {
			scenes = append(scenes, scene{at: at, do: do})
		}
	}
	for _, r := range p.rows[exchange.TicketsFile] {
		p.ticket(r, add)
	}
	for _, r := range p.rows[exchange.CasesFile] {
		p.desk(r, add)
	}
	slices.SortStableFunc(scenes, func(a, b scene) int { return cmp.Compare(a.at, b.at) })
	for _, s := range scenes {
		at, err := time.Parse(time.RFC3339, s.at)
		if err != nil {
			p.t.Fatal(err)
		}
		p.newDay(s.at[:10])
		p.clock.ms.Store(at.UnixMilli())
		s.do()
	}
	p.newDay("2025-06-30")
}

// newDay closes the day before and opens the next; windows are opened when they are needed.
func (p *play) newDay(day string) {
	if day == p.day {
		return
	}
	manager := p.Tokens[account.Manager]
	if p.day != "" {
		p.clock.set(p.t, p.day+" 23:00")
		p.Post(200, manager, "/api/v1/day/close", "", nil)
	}
	p.clock.set(p.t, day+" 09:00")
	p.Post(200, manager, "/api/v1/day/open", "", nil)
	p.day, p.open = day, map[string]bool{}
}

// at posts a clerk's act at a window, which is opened where it is not yet.
func (p *play) at(window, act string, body any) halltest.Answer {
	if !p.open[window] {
		p.open[window] = true
		p.at(window, "open", nil)
	}
	return p.Post(200, p.tokens[clerkOf(window)], "/api/v1/windows/"+window+"/"+act, "", body)
}

// ticket is what happens to a ticket of the example.
func (p *play) ticket(r map[string]string, add func(string, func())) {
	name, window := r["ticket"], r["window"]
	switch {
	case r["channel"] == "online":
		return // the approval system tells it
	case r["from_ticket"] == "":
		add(r["issued_at"], func() { p.take(r) })
	}
	add(r["called_at"], func() {
		got := halltest.Into[wire.NextResponse](p.Hall, p.at(window, "next", nil)).Ticket.ID
		if p.tickets[name] == "" { // the second stay of a transferred ticket
			p.tickets[name] = p.tickets[r["from_ticket"]] + "-2"
		} else if got != p.tickets[name] {
			p.t.Fatalf("window %s called %s, not %s", window, got, name)
		}
	})
	add(r["started_at"], func() { p.at(window, "start", nil) })
	add(r["ended_at"], func() {
		switch r["state"] {
		case "transferred":
			p.at("W5", "open", nil)
			p.at(window, "transfer", wire.TransferRequest{Window: "W5", Reason: "应在W5办理"})
		case "abandoned":
			p.Post(200, p.Tokens[account.Guide], "/api/v1/tickets/"+p.tickets[name]+"/abandon", "", nil)
		case "cancelled":
			p.Post(200, p.Tokens[account.Guide], "/api/v1/tickets/"+p.tickets[name]+"/cancel", "", nil)
		default:
			p.finish(r)
		}
	})
}

func (p *play) take(r map[string]string) {
	in := wire.TakeRequest{Matters: strings.Split(r["matter"], ";"), Person: personOf(r["person"]), Actor: r["actor"]}
	token := p.Tokens[account.Kiosk]
	if r["channel"] != "kiosk" {
		token, in.Channel = p.Tokens[account.Guide], r["channel"]
	}
	p.tickets[r["ticket"]] = halltest.Into[wire.Ticket](p.Hall, p.Post(201, token, "/api/v1/tickets", "", in)).ID
}

// finish ends a service with the outcome that the example's words tell.
func (p *play) finish(r map[string]string) {
	var req wire.FinishRequest
	names := strings.Split(r["case"], ";")
	for i, m := range strings.Split(r["matter"], ";") {
		req.Outcomes = append(req.Outcomes, p.outcome(r["ticket"], names[i], m))
	}
	got := halltest.Into[wire.FinishResponse](p.Hall, p.at(r["window"], "finish", req))
	for i, o := range got.Outcomes {
		if o.Derived != "" {
			p.t.Errorf("%s: the purpose does not follow by itself: %+v", r["ticket"], o)
		}
		if p.cases[names[i]] == "" {
			p.cases[names[i]] = o.Case
		}
	}
}

func (p *play) outcome(ticket, kase, matter string) wire.Outcome {
	o := wire.Outcome{Matter: matter, Outcome: "accepted"}
	c := p.row(exchange.CasesFile, "case", kase)
	o.DeliveryOffered, o.DeliveryChosen = c["delivery_offered"], c["delivery_chosen"]
	switch ticket {
	case "20250603-A001", "20250612-A003", "20250613-A001":
		o.Outcome = "done"
	case "20250603-A003":
		o.Outcome, o.Missing = "incomplete", []string{"章程", "住所证明"}
	case "20250604-A001":
		o.Outcome, o.Missing = "incomplete", []string{"章程"}
	case "20250605-A004":
		o.Outcome, o.Missing = "incomplete", []string{"章程", "验资报告"}
	case "20250604-A004":
		o.Outcome, o.Missing, o.Oral = "incomplete", []string{"住所证明"}, true
	case "20250616-A002", "20250618-A001":
		o.Outcome = "incomplete"
	case "20250612-A001", "20250612-A002":
		o.Outcome = "collected"
	case "20250617-A002":
		o.Outcome, o.Authority = "no_authority", "州交通运输局"
	case "20250606-A002", "20250611-A002": // somebody else's case
		subject := personOf(c["subject"])
		o.Person = &subject
	}
	if o.Outcome != "accepted" {
		o.DeliveryOffered, o.DeliveryChosen = "", ""
	}
	return o
}

func (p *play) row(file, column, value string) map[string]string {
	i := slices.IndexFunc(p.rows[file], func(r map[string]string) bool { return r[column] == value })
	if i < 0 {
		p.t.Fatalf("%s has no %s %s", file, column, value)
	}
	return p.rows[file][i]
}

// desk is what happens to a case behind the windows.
func (p *play) desk(r map[string]string, add func(string, func())) {
	if r["case"] == "C9" {
		p.online(r, add)
		return
	}
	act := func(name string, in wire.CaseAct) func() {
		return func() {
			p.Post(200, p.Tokens[account.Manager], "/api/v1/cases/"+p.cases[r["case"]]+"/"+name, "", in)
		}
	}
	served := p.endOf(r["case"], r["closed_at"]) == r["closed_at"] && slices.ContainsFunc(p.rows[exchange.TicketsFile], func(t map[string]string) bool {
		return slices.Contains(strings.Split(t["case"], ";"), r["case"]) && t["ended_at"] == r["closed_at"]
	})
	switch {
	case r["end"] == "withdrawn":
		add(r["closed_at"], act("end", wire.CaseAct{End: "withdrawn"}))
	case r["decided_at"] == "" || r["decided_at"] == r["accepted_at"]: // open, no authority, done on the spot
	default:
		decision := wire.CaseAct{Decision: "granted"}
		if r["end"] == "refused" {
			decision = wire.CaseAct{Decision: "refused", Reason: "不符合条件"}
		}
		add(r["decided_at"], act("decide", decision))
		add(r["decided_at"], act("ready", wire.CaseAct{}))
		if !served {
			add(r["closed_at"], act("deliver", wire.CaseAct{How: "mail"}))
		}
	}
}

// online is the case whose master is an approval system: it says more each time.
func (p *play) online(r map[string]string, add func(string, func())) {
	parse := func(column string) *time.Time {
		at, err := time.Parse(time.RFC3339, r[column])
		if err != nil {
			p.t.Fatal(err)
		}
		return &at
	}
	subject := personOf(r["subject"])
	for n, column := range []string{"opened_at", "accepted_at", "decided_at", "closed_at"} {
		in := wire.CasePut{Matter: r["matter"], Subject: &subject, OpenedAt: *parse("opened_at"), FirstComplete: "yes",
			DeliveryOffered: r["delivery_offered"], DeliveryChosen: r["delivery_chosen"]}
		if n > 0 {
			in.AcceptedAt = parse("accepted_at")
		}
		if n > 1 {
			in.DecidedAt, in.Decision, in.Org, in.Seal = parse("decided_at"), "granted", r["decision_org"], r["seal"]
		}
		if n > 2 {
			in.ClosedAt, in.End = parse("closed_at"), r["end"]
		}
		add(r[column], func() {
			a := p.Send(halltest.Request{Method: "PUT", Path: "/api/v1/cases/C9", Token: p.Tokens[account.Platform], Body: in})
			if want := map[bool]int{true: 201, false: 200}[n == 0]; a.Status != want {
				p.t.Fatalf("PUT: %d %s", a.Status, a.Body)
			}
		})
	}
}

// personOf is a valid number for each of the example's people.
func personOf(name string) wire.Person {
	if len(name) == 18 {
		return wire.Person{Kind: "company", Number: name}
	}
	n := 0
	for _, c := range []byte(name) {
		n = n*31 + int(c)
	}
	digits := fmt.Sprintf("110105199%08d", n%100000000)
	digits = digits[:6] + "1990" + "0101" + fmt.Sprintf("%03d", n%1000)
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(digits[i]-'0')
	}
	return wire.Person{Kind: "id", Number: digits + string("10X98765432"[sum%11])}
}

func (p *play) export(dir string) {
	data, err := db.Reader(p.t.Context(), p.Dir)
	if err != nil {
		p.t.Fatal(err)
	}
	defer data.Close()
	w, err := exchange.NewWriter(beijing(p.t), func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(dir, name)) })
	if err != nil {
		p.t.Fatal(err)
	}
	if err := errors.Join(exchange.Export(p.t.Context(), data, w, 0, math.MaxInt64), w.Close()); err != nil {
		p.t.Fatal(err)
	}
}

// compare holds the exported rows against the example's, people and numbers by the example's names.
func (p *play) compare(dir string) {
	name := map[string]string{"online-C9": "20250606-A001"}
	for theirs, ours := range p.tickets {
		name[ours] = theirs
	}
	for theirs, ours := range p.cases {
		name[ours] = theirs
	}
	got := map[string][]map[string]string{}
	for _, file := range exchange.Files() {
		got[file] = readRows(p.t, filepath.Join(dir, file))
	}
	p.people(name, got)
	for file, rows := range got {
		if file == exchange.ReferralsFile {
			continue // the example tells none; the hall has the transfer of C5
		}
		if a, b := lines(p.rows[file], p.rows[file][0], nil), lines(rows, p.rows[file][0], name); !slices.Equal(a, b) {
			for i := range max(len(a), len(b)) {
				x, y := "-", "-"
				if i < len(a) {
					x = a[i]
				}
				if i < len(b) {
					y = b[i]
				}
				if x != y {
					p.t.Errorf("%s:\nwant %s\ngot  %s", file, x, y)
				}
			}
		}
	}
}

// people learns which pseudonym is whom from the tickets and cases whose names are known; each must be one person's.
func (p *play) people(name map[string]string, got map[string][]map[string]string) {
	learn := func(pseudonym, who string) {
		if pseudonym == "" && who == "" {
			return
		}
		if was, known := name[pseudonym]; pseudonym == "" || who == "" || known && was != who {
			p.t.Errorf("%q is %q and %q", pseudonym, was, who)
		}
		name[pseudonym] = who
	}
	for _, r := range got[exchange.TicketsFile] {
		learn(r["person"], p.row(exchange.TicketsFile, "ticket", name[r["ticket"]])["person"])
	}
	for _, r := range got[exchange.CasesFile] {
		c := p.row(exchange.CasesFile, "case", name[r["case"]])
		learn(r["subject"], c["subject"])
		learn(r["agent"], c["agent"])
	}
}

// lines writes rows in the columns of one of them, with their values by name, in order.
func lines(rows []map[string]string, like map[string]string, name map[string]string) []string {
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
