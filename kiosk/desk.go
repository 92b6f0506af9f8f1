package kiosk

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"yitang/drivers/escpos"
	"yitang/server/wire"
)

// partGuide is the part of a kiosk that calls for help.
const partGuide wire.Part = "guide"

// askTimeout bounds what a person waits for an answer that is not a number.
const askTimeout = 4 * time.Second

// PersonRequest is who stands at the kiosk.
type PersonRequest struct {
	Person   Person `json:"person"`
	Language string `json:"language"`
}

// open tells the page what the person has open: tickets of today and cases. A hall that is away knows nothing, which is
// no error: the person goes on.
func (a *agent) open(w http.ResponseWriter, r *http.Request) {
	var in PersonRequest
	if err := readJSON(r, &in); err != nil {
		a.refuse(w, language(r, in.Language), err)
		return
	}
	req, err := a.request(TakeRequest{Person: in.Person})
	if err != nil {
		a.refuse(w, language(r, in.Language), err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), askTimeout)
	defer cancel()
	found, err := a.hall.Find(ctx, req.Person)
	if wire.Unreachable(err) {
		found, err = wire.PersonOpen{}, nil
	}
	if err != nil {
		a.refuse(w, language(r, in.Language), err)
		return
	}
	answer(w, http.StatusOK, found)
}

// LookRequest is a code that somebody typed or held in front of the scanner.
type LookRequest struct {
	Code     string `json:"code"`
	Language string `json:"language"`
}

// look tells the page which appointment stands behind a code.
func (a *agent) look(w http.ResponseWriter, r *http.Request) {
	var in LookRequest
	err := readJSON(r, &in)
	if err == nil && (in.Code == "" || len(in.Code) > appointmentMax) {
		err = invalid()
	}
	if err != nil {
		a.refuse(w, language(r, in.Language), err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), askTimeout)
	defer cancel()
	found, err := a.hall.Look(ctx, in.Code)
	var refused *wire.Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		err = refusal(http.StatusNotFound, codeNoAppointment)
	}
	if err != nil {
		a.refuse(w, language(r, in.Language), err)
		return
	}
	answer(w, http.StatusOK, found)
}

// nearby tells the page where the same could be done sooner. It is advice: with the hall away there is none.
func (a *agent) nearby(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), askTimeout)
	defer cancel()
	out, err := a.hall.Nearby(ctx, r.URL.Query()["matter"])
	if err != nil || out.Halls == nil {
		out.Halls = []wire.NearHall{}
	}
	answer(w, http.StatusOK, out)
}

// callGuide tells the guide desk that somebody needs help here. It fails when the desk cannot be told, so that the person
// does not wait for nobody.
func (a *agent) callGuide(w http.ResponseWriter, r *http.Request) {
	if err := readJSON(r, &struct{}{}); err != nil {
		a.refuse(w, language(r, ""), err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), askTimeout)
	defer cancel()
	client := *a.hall
	err := error(nil)
	if client.Device == "" {
		var s wire.Session
		s, err = client.Session(ctx)
		client.Device = wire.DeviceID(s.User)
	}
	if err == nil {
		err = client.ReportDevice(ctx, partGuide, wire.DeviceReport{State: stateWarning, Reason: "guide_called", Note: "有人在这台取号机前需要帮助"})
	}
	if err != nil {
		a.refuse(w, language(r, ""), err)
		return
	}
	answer(w, http.StatusAccepted, struct{}{})
}

// ChecklistRequest asks for the complete list of what matters need, on paper.
type ChecklistRequest struct {
	Matters  []string `json:"matters"`
	Language string   `json:"language"`
}

// checklist prints what to bring, so that nobody has to come twice for it.
func (a *agent) checklist(w http.ResponseWriter, r *http.Request) {
	var in ChecklistRequest
	err := readJSON(r, &in)
	lang := language(r, in.Language)
	if err == nil && (len(in.Matters) == 0 || len(in.Matters) > mattersMax || !a.known(in.Matters)) {
		err = invalid()
	}
	if err != nil {
		a.refuse(w, lang, err)
		return
	}
	c := a.link.current()
	id := wire.TicketID("list-" + string(wire.NewKey()))
	a.prints.add(job{ticket: id,
		receipt: Receipt{Ticket: a.list(in.Matters, lang, c), InChinese: a.list(in.Matters, chinese, c)}})
	answer(w, http.StatusAccepted, map[string]string{"ticket": string(id)})
}

// list is the paper with what the matters need.
func (a *agent) list(codes []string, language string, c *wire.Catalogue) escpos.Ticket {
	w := words(language)
	r := escpos.Ticket{Hall: textIn(c.Hall.Name, w.language), Offline: true, Labels: escpos.LabelsFor(w.language), Notes: []string{w.list}}
	r.Labels.YourNumber = r.Labels.Materials
	for _, code := range codes {
		for _, m := range c.Matters {
			if m.Code == code {
				r.Matters = append(r.Matters, textIn(m.Name, w.language))
				r.Materials = append(r.Materials, m.Materials...)
			}
		}
	}
	return r
}

// readJSON reads a small request of the page.
func readJSON(r *http.Request, in any) error {
	if err := onlyJSON(r); err != nil {
		return err
	}
	if err := json.NewDecoder(r.Body).Decode(in); err != nil {
		return refusal(http.StatusBadRequest, codeInvalid)
	}
	return nil
}
