package casebook

import (
	"slices"
	"strings"
	"time"

	"yitang/server/exchange"
	"yitang/server/wire"
)

// Act is what happens in a scene.
type Act string

// The acts, by who does them.
const (
	Take     Act = "take"     // a kiosk or the guide desk gives out the ticket
	Return   Act = "return"   // the guide desk: who was sent on is back, and waits there
	Abandon  Act = "abandon"  // the guide desk: the holder has left
	Cancel   Act = "cancel"   // the guide desk: the holder gives up
	Call     Act = "call"     // the window's clerk, and the next three
	Start    Act = "start"    //
	Transfer Act = "transfer" // to the window To, once the person is back
	Finish   Act = "finish"   //
	Decide   Act = "decide"   // the department, which then says that the result is ready
	Withdraw Act = "withdraw" // the department: the applicant takes the case back
	Mail     Act = "mail"     // the delivery window
	Put      Act = "put"      // the approval system
)

// Scene is one act at a time. Tickets and cases have the example's names.
type Scene struct {
	At       time.Time
	Act      Act
	Ticket   string
	Window   string
	To       string
	Take     wire.TakeRequest
	AtKiosk  bool           // else at the guide desk
	Outcomes []wire.Outcome // of a finish, in the order of Cases
	Cases    []string       // one for each outcome; one for what is done with a case
	Decision wire.CaseAct
	Put      wire.CasePut
	First    bool // a Put that opens the case
}

// Day is the business day of the scene.
func (s *Scene) Day() string { return s.At.Format(time.DateOnly) }

// Case is the one case that the scene is about.
func (s *Scene) Case() string { return s.Cases[0] }

// Scenes is all that happens, in the order of time.
func (b *Book) Scenes() []Scene {
	var list []Scene
	for _, r := range b.rows[exchange.TicketsFile] {
		if r["channel"] != "online" { // the approval system tells that one
			list = append(list, b.ofTicket(r)...)
		}
	}
	for _, r := range b.rows[exchange.CasesFile] {
		if r["case"] == "C9" {
			list = append(list, b.online(r)...)
		} else {
			list = append(list, b.behind(r)...)
		}
	}
	slices.SortStableFunc(list, func(x, y Scene) int { return x.At.Compare(y.At) })
	return list
}

// ofTicket is what happens to a ticket.
func (b *Book) ofTicket(r Row) []Scene {
	var list []Scene
	add := func(column string, s Scene) {
		if r[column] != "" {
			s.At, s.Ticket, s.Window = instant(r[column]), r["ticket"], r["window"]
			list = append(list, s)
		}
	}
	if r["from_ticket"] == "" {
		add("issued_at", b.take(r))
	} else {
		add("issued_at", Scene{Act: Return})
	}
	add("called_at", Scene{Act: Call})
	add("started_at", Scene{Act: Start})
	switch r["state"] {
	case "transferred":
		add("ended_at", Scene{Act: Transfer, To: b.row(exchange.TicketsFile, "from_ticket", r["ticket"])["window"]})
	case "abandoned":
		add("ended_at", Scene{Act: Abandon})
	case "cancelled":
		add("ended_at", Scene{Act: Cancel})
	default:
		add("ended_at", b.finish(r))
	}
	return list
}

func (b *Book) take(r Row) Scene {
	s := Scene{Act: Take, AtKiosk: r["channel"] == "kiosk"}
	s.Take = wire.TakeRequest{Matters: strings.Split(r["matter"], ";"), Person: personOf(r["person"]), Actor: r["actor"]}
	if !s.AtKiosk {
		s.Take.Channel = r["channel"]
	}
	return s
}

// finish ends a service with the outcomes that the example's words tell.
func (b *Book) finish(r Row) Scene {
	s := Scene{Act: Finish, Cases: strings.Split(r["case"], ";")}
	for i, m := range strings.Split(r["matter"], ";") {
		s.Outcomes = append(s.Outcomes, b.outcome(r["ticket"], s.Cases[i], m))
	}
	return s
}

func (b *Book) outcome(ticket, kase, matter string) wire.Outcome {
	o := wire.Outcome{Matter: matter, Outcome: "accepted"}
	c := b.row(exchange.CasesFile, "case", kase)
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
	case "20250616-A002", "20250618-A001": // sent home without a word of what is missing
		o.Outcome, o.Oral = "incomplete", true
	case "20250612-A001", "20250612-A002":
		o.Outcome = "collected"
	case "20250617-A002":
		o.Outcome, o.Authority = "no_authority", "州交通运输局"
	case "20250606-A002", "20250611-A002": // somebody else's case
		subject := personOf(c["subject"])
		o.Person = &subject
	}
	if o.Outcome == "accepted" {
		o.DeliveryOffered, o.DeliveryChosen = c["delivery_offered"], c["delivery_chosen"]
	}
	return o
}

// behind is what happens to a case behind the windows.
func (b *Book) behind(r Row) []Scene {
	scene := func(column string, s Scene) Scene {
		s.At, s.Cases = instant(r[column]), []string{r["case"]}
		return s
	}
	switch {
	case r["end"] == "withdrawn":
		return []Scene{scene("closed_at", Scene{Act: Withdraw})}
	case r["decided_at"] == "" || b.onTheSpot(r): // open, no authority, done on the spot
		return nil
	}
	decision := wire.CaseAct{Decision: "granted"}
	if r["end"] == "refused" {
		decision = wire.CaseAct{Decision: "refused", Reason: "不符合条件"}
	}
	list := []Scene{scene("decided_at", Scene{Act: Decide, Decision: decision})}
	collected := slices.ContainsFunc(b.rows[exchange.TicketsFile], func(t Row) bool {
		return t.about(r["case"]) && t["ended_at"] == r["closed_at"]
	})
	if !collected {
		list = append(list, scene("closed_at", Scene{Act: Mail}))
	}
	return list
}

// online is the case whose master is an approval system: it says more each time.
func (b *Book) online(r Row) []Scene {
	var list []Scene
	at := func(column string) *time.Time {
		t := instant(r[column])
		return &t
	}
	subject := personOf(r["subject"])
	in := wire.CasePut{Matter: r["matter"], Subject: &subject, OpenedAt: *at("opened_at"), FirstComplete: "yes",
		DeliveryOffered: r["delivery_offered"], DeliveryChosen: r["delivery_chosen"]}
	add := func(column string) {
		list = append(list, Scene{At: *at(column), Act: Put, Cases: []string{r["case"]}, Put: in, First: len(list) == 0})
	}
	add("opened_at")
	in.AcceptedAt = at("accepted_at")
	add("accepted_at")
	in.DecidedAt, in.Decision, in.Org, in.Seal = at("decided_at"), "granted", r["decision_org"], r["seal"]
	add("decided_at")
	in.ClosedAt, in.End = at("closed_at"), r["end"]
	add("closed_at")
	return list
}

// Finished takes note of the cases that the hall found for the outcomes of a finish.
func (b *Book) Finished(s *Scene, outcomes []wire.Outcome) {
	for i, o := range outcomes {
		if name := s.Cases[i]; b.Cases[name] == "" {
			b.Cases[name] = o.Case
		}
	}
}

// Called takes note of the ticket that a window called and says whether it is the scene's.
func (b *Book) Called(s *Scene, id string) bool {
	if b.Tickets[s.Ticket] == "" { // the second stay of a transferred ticket
		first := b.row(exchange.TicketsFile, "ticket", s.Ticket)["from_ticket"]
		b.Tickets[s.Ticket] = b.Tickets[first] + "-2"
		return id == b.Tickets[first]
	}
	return id == b.Tickets[s.Ticket]
}

// Sent is the hall's ticket that somebody brings back who was sent on before.
func (b *Book) Sent(s *Scene) string {
	return b.Tickets[b.row(exchange.TicketsFile, "ticket", s.Ticket)["from_ticket"]]
}
