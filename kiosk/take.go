package kiosk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"yitang/server/wire"
)

// Codes of the kiosk's own refusals.
const (
	codeUnreachable  = "hall_unreachable"
	codeCardExpired  = "card_expired"
	codeInvalid      = "invalid"
	codeNotFound     = "not_found"
	codeInternal     = "internal"
	codeNotReady     = "not_ready"
	codeHallClosed   = "hall_closed" // the hall's; it has a sentence here too
	codeTokenRefused = "token_refused"

	ordinary = "ordinary" // the class of who names none, also in a number of the kiosk's own

	// The hall's, about appointments; they have sentences here too.
	codeNoAppointment    = "no_appointment"
	codeTooEarly         = "too_early"
	codeTooLate          = "too_late"
	codeAppointmentState = "appointment_state"
)

// Bounds of a request for a ticket.
const (
	keyMax     = 200
	mattersMax = 20
	textMax    = 64

	appointmentMax = 300 // an address
)

// TakeRequest is what the page asks for. A card's number is named by the ref of its event.
type TakeRequest struct {
	Matters  []string `json:"matters"`
	Person   Person   `json:"person"`
	Priority string   `json:"priority"`
	Language string   `json:"language"`
	Cases    []string `json:"cases,omitempty"`   // that the person goes on with
	Collect  bool     `json:"collect,omitempty"` // comes for their results
	// Papers are the materials that the person says are missing, by matter.
	Papers map[string][]string `json:"papers,omitempty"`
	// Appointment is checked in with the ticket: its id beside the person's card, its code, or its page's address.
	Appointment string `json:"appointment,omitempty"`
}

// Person is who takes a ticket: kind none, card with Ref, id or company with Number.
type Person struct {
	Kind   string `json:"kind"`
	Ref    string `json:"ref"`
	Number string `json:"number"`
}

func refusal(status int, code string) *wire.Error { return &wire.Error{Status: status, Code: code} }

func notFound() *wire.Error { return refusal(http.StatusNotFound, codeNotFound) }
func notReady() *wire.Error { return refusal(http.StatusServiceUnavailable, codeNotReady) }
func invalid() *wire.Error  { return refusal(http.StatusUnprocessableEntity, codeInvalid) }

func (a *agent) catalogue(w http.ResponseWriter, r *http.Request) {
	c := a.link.current()
	if c == nil {
		a.refuse(w, language(r, ""), refusal(http.StatusServiceUnavailable, codeUnreachable))
		return
	}
	answer(w, http.StatusOK, offer{Catalogue: *c, Popular: a.popular.most()})
}

// offer is the catalogue with what this kiosk knows of its use. The page has no need of the kiosk's secrets.
type offer struct {
	wire.Catalogue
	Popular []string `json:"popular"`
}

// take asks the hall for a ticket and queues its receipt. It goes on when the page goes away: a ticket that was issued
// is printed.
func (a *agent) take(w http.ResponseWriter, r *http.Request) {
	var in TakeRequest
	key, err := readTake(r, &in)
	lang := language(r, in.Language)
	if err != nil {
		a.refuse(w, lang, err)
		return
	}
	req, err := a.request(in)
	if err != nil {
		a.refuse(w, lang, err)
		return
	}
	req.Language = lang
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), takeTime)
	defer cancel()
	t, err := a.number(ctx, key, req)
	if err != nil {
		a.refuse(w, lang, err)
		return
	}
	if a.recent.add(t) {
		a.print(t)
		a.popular.add(t.Matters)
	}
	t.TrackURL = trackURL(t, a.cfg.PublicURL)
	answer(w, http.StatusCreated, wire.TicketResponse{Ticket: t})
}

// number gets a number from the hall or, when the hall does not answer, from the kiosk's own series. A request that got
// one of those once gets it again.
func (a *agent) number(ctx context.Context, key wire.Key, req wire.TakeRequest) (wire.Ticket, error) {
	if own := a.offline.known(key); own != nil {
		return ticketOf(own, a.fieldOf(own.Matters)), nil
	}
	t, err := a.askHall(ctx, key, req)
	if err == nil || !wire.Unreachable(err) {
		return t, err
	}
	a.link.lost()
	if why := a.link.ownNumbers(); why != nil {
		return wire.Ticket{}, why
	}
	if !a.known(req.Matters) {
		return wire.Ticket{}, invalid()
	}
	own, err := a.offline.issue(key, req, a.link.current())
	if err != nil {
		a.cfg.Log.Error().Err(err).Msg("the kiosk cannot give out a number of its own")
		return wire.Ticket{}, refusal(http.StatusServiceUnavailable, codeUnreachable)
	}
	return ticketOf(own, a.fieldOf(own.Matters)), nil
}

// askHall tries longer while the hall was there a moment ago; with a hall that is away nobody is kept waiting.
func (a *agent) askHall(ctx context.Context, key wire.Key, req wire.TakeRequest) (wire.Ticket, error) {
	if a.link.isOnline() {
		return a.hall.WithRetry(wire.Retry{Attempts: takeAttempts, First: takeFirst}).Take(ctx, key, req)
	}
	ctx, cancel := context.WithTimeout(ctx, a.cfg.awayTime)
	defer cancel()
	return a.hall.Take(ctx, key, req)
}

// known says whether the kept catalogue has all of the matters.
func (a *agent) known(matters []string) bool {
	for _, m := range matters {
		if a.fieldOf([]string{m}) == "" {
			return false
		}
	}
	return true
}

// fieldOf is the field of the first matter, "" when the catalogue has no such matter.
func (a *agent) fieldOf(matters []string) string {
	c := a.link.current()
	if c == nil || len(matters) == 0 {
		return ""
	}
	for _, m := range c.Matters {
		if m.Code == matters[0] {
			return m.Field
		}
	}
	return ""
}

const (
	takeAttempts = 3
	takeFirst    = 300 * time.Millisecond
	awayTime     = 1500 * time.Millisecond // for a hall that did not answer last time
)

// print keeps and queues the receipt of a ticket.
func (a *agent) print(t wire.Ticket) {
	a.prints.add(a.job(t, &keptPrint{Key: wire.NewKey(), Ticket: onPaper(t), At: a.cfg.Now()}))
}

// resume goes on with what a kiosk left that was stopped or killed: reports are sent, a receipt that was not begun is printed
// while the person may still stand there, and of any other the hall is told that it may be on paper.
func (a *agent) resume() {
	for _, k := range a.prints.kept.left() {
		j, age := a.job(k.Ticket, &k), a.cfg.Now().Sub(k.At)
		switch {
		case k.Report != nil:
			a.reports.print(k.Key, j.ticket, *k.Report)
		case k.Begun || age < 0 || age > resumeWithin: // below 0 the clock was set back, and nobody knows
			a.prints.done(j, PrintResult{State: printUncertain, Reason: reasonStopped, Note: deviceNote(reasonStopped)})
		default:
			a.recent.add(k.Ticket) // a page that asks for it again does not get it printed twice
			a.prints.queue(j)
		}
	}
}

func (a *agent) job(t wire.Ticket, k *keptPrint) job {
	c := a.link.current()
	r := Receipt{Ticket: receipt(t, t.Language, c, a.cfg.PublicURL), InChinese: receipt(t, chinese, c, a.cfg.PublicURL)}
	if c != nil {
		r.Layout = c.Receipt
	}
	return job{ticket: wire.TicketID(t.ID), receipt: r, kept: k}
}

// readTake reads and bounds the page's request; what is only wrong, not dangerous, is left to the hall.
func readTake(r *http.Request, in *TakeRequest) (wire.Key, error) {
	if err := onlyJSON(r); err != nil {
		return "", err
	}
	if err := json.NewDecoder(r.Body).Decode(in); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return "", refusal(http.StatusRequestEntityTooLarge, codeInvalid)
		}
		return "", refusal(http.StatusBadRequest, codeInvalid)
	}
	key := r.Header.Get("Idempotency-Key")
	if key == "" || len(key) > keyMax {
		return "", refusal(http.StatusBadRequest, codeInvalid)
	}
	if len(in.Matters) == 0 || len(in.Matters) > mattersMax || len(in.Cases) > mattersMax || len(in.Papers) > mattersMax || len(in.Person.Number) > textMax || len(in.Priority) > textMax || len(in.Appointment) > appointmentMax {
		return "", invalid()
	}
	return wire.Key(key), nil
}

// onlyJSON refuses a form of a foreign page, which cannot send JSON.
func onlyJSON(r *http.Request) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return refusal(http.StatusUnsupportedMediaType, codeInvalid)
	}
	return nil
}

// request puts the number in the place of a card's ref.
func (a *agent) request(in TakeRequest) (wire.TakeRequest, error) {
	req := wire.TakeRequest{Matters: in.Matters, Priority: cmp.Or(in.Priority, ordinary), Cases: in.Cases, Collect: in.Collect, Papers: in.Papers,
		Appointment: in.Appointment}
	switch in.Person.Kind {
	case "", "none":
		req.Person = wire.Person{Kind: "none"}
	case "card":
		number, ok := a.cards.number(in.Person.Ref)
		if !ok {
			return req, refusal(http.StatusGone, codeCardExpired)
		}
		req.Person = wire.Person{Kind: "id", Number: number}
	case "id", "company":
		req.Person = wire.Person{Kind: in.Person.Kind, Number: strings.TrimSpace(in.Person.Number)}
	default:
		return req, invalid()
	}
	return req, nil
}

// reprint prints the receipt of a ticket again.
func (a *agent) reprint(w http.ResponseWriter, r *http.Request) {
	id := wire.TicketID(r.PathValue("ticket"))
	t, ok := a.recent.find(id)
	if !ok {
		a.refuse(w, language(r, ""), notFound())
		return
	}
	a.print(t)
	answer(w, http.StatusAccepted, struct{}{})
}

// refuse answers an error in the person's language. Only the code is logged: a hall's sentence may quote what was typed.
func (a *agent) refuse(w http.ResponseWriter, lang string, err error) {
	e := explain(err, words(lang))
	if e.Status >= http.StatusInternalServerError {
		a.cfg.Log.Warn().Str("code", e.Code).Bool("unreachable", wire.Unreachable(err)).Msg("a request of the page failed")
	}
	answer(w, e.Status, wire.ErrorBody{Error: e})
}

// explain makes a refusal for a person of any error.
func explain(err error, w lexicon) wire.Error {
	var known *wire.Error
	switch {
	case errors.As(err, &known) && known.Message == "": // the kiosk's own
	case wire.Unreachable(err):
		known = refusal(http.StatusServiceUnavailable, codeUnreachable)
	case tokenRefused(err):
		known = refusal(http.StatusInternalServerError, codeTokenRefused)
	case known == nil:
		known = refusal(http.StatusInternalServerError, codeInternal)
	}
	e := *known
	switch own := w.errors[e.Code]; {
	case e.Message != "" && w.language == chinese: // the hall's own sentence, which says more
	case own != "":
		e.Message = own
	case w.refused != "": // the hall speaks Chinese
		e.Message = w.refused
	case e.Message == "":
		e.Message = w.errors[codeInternal]
	}
	return e
}

// language is the one asked for in the body, else in the request, else Chinese.
func language(r *http.Request, asked string) string {
	for _, l := range append([]string{asked}, strings.Split(r.Header.Get("Accept-Language"), ",")...) {
		l, _, _ = strings.Cut(strings.TrimSpace(l), ";")
		l, _, _ = strings.Cut(l, "-")
		switch l {
		case chinese, "ug", "kk", "en":
			return l
		}
	}
	return chinese
}

func answer(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil { // only types of this package and of wire
		http.Error(w, fmt.Sprintf("kiosk: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
