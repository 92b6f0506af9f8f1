package wire

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// empty is the body of an act that needs no words.
type empty struct{}

// Login opens a session and returns it with its token; use it with WithToken.
func (c *Client) Login(ctx context.Context, l Login) (Session, error) {
	var s Session
	_, err := c.post(ctx, "/api/v1/sessions", "", l, &s)
	return s, err
}

// Session says who the client's token is. Its User is a device's name when the token is a device's.
func (c *Client) Session(ctx context.Context) (Session, error) {
	var s Session
	return s, c.get(ctx, "/api/v1/session", &s)
}

// Ready asks whether the hall takes requests; one whose disk will soon be full still does. It needs no token.
func (c *Client) Ready(ctx context.Context) error {
	err := c.get(ctx, "/readyz", nil)
	var refused *Error
	if errors.As(err, &refused) && refused.Code == CodeDiskLow {
		return nil
	}
	return err
}

// Catalogue is what a kiosk offers.
func (c *Client) Catalogue(ctx context.Context) (Catalogue, error) {
	var out Catalogue
	return out, c.get(ctx, "/api/v1/catalogue", &out)
}

// Take issues a ticket. Repeating it with the same key gives the same ticket.
func (c *Client) Take(ctx context.Context, key Key, r TakeRequest) (Ticket, error) {
	var t Ticket
	_, err := c.post(ctx, "/api/v1/tickets", key, r, &t)
	return t, err
}

// DeliverOffline takes in a ticket that the kiosk gave out while the hall was away. Delivering it again changes nothing.
func (c *Client) DeliverOffline(ctx context.Context, key Key, t OfflineTicket) (Ticket, error) {
	var out Ticket
	_, err := c.post(ctx, "/api/v1/tickets/offline", key, t, &out)
	return out, err
}

// Find tells what a person has open here.
func (c *Client) Find(ctx context.Context, p Person) (PersonOpen, error) {
	var out PersonOpen
	_, err := c.post(ctx, "/api/v1/people/find", "", CaseSearch{Person: p}, &out)
	return out, err
}

// Nearby asks where the same matters could be done sooner; without a city the answer is empty.
func (c *Client) Nearby(ctx context.Context, matters []string) (Nearby, error) {
	var out Nearby
	return out, c.get(ctx, "/api/v1/nearby?"+url.Values{"matter": matters}.Encode(), &out)
}

// Speech is a sentence as sound, a WAV file.
func (c *Client) Speech(ctx context.Context, language, text string) ([]byte, error) {
	var wav []byte
	return wav, c.get(ctx, "/api/v1/speech?"+url.Values{"language": {language}, "text": {text}}.Encode(), &wav)
}

// Look tells which appointment stands behind a code that somebody shows.
func (c *Client) Look(ctx context.Context, code string) (Appointment, error) {
	var out Appointment
	_, err := c.post(ctx, "/api/v1/appointments/look", "", AppointmentSearch{Code: code}, &out)
	return out, err
}

// Ticket reads one ticket.
func (c *Client) Ticket(ctx context.Context, id TicketID) (Ticket, error) {
	p, err := path("tickets", string(id))
	if err != nil {
		return Ticket{}, err
	}
	var t Ticket
	return t, c.get(ctx, p, &t)
}

// ReportPrint says what became of a ticket's receipt.
func (c *Client) ReportPrint(ctx context.Context, key Key, id TicketID, r PrintReport) error {
	p, err := path("tickets", string(id), "prints")
	if err != nil {
		return err
	}
	_, err = c.post(ctx, p, key, r, nil)
	return err
}

// ReportDevice says how one part of the client's Device is.
func (c *Client) ReportDevice(ctx context.Context, part Part, r DeviceReport) error {
	p, err := path("devices", string(c.Device), "parts", string(part))
	if err != nil {
		return err
	}
	_, err = c.post(ctx, p, "", r, nil)
	return err
}

// Open opens a window; opening an open window is no error.
func (c *Client) Open(ctx context.Context, w WindowID) (Window, error) {
	return c.window(ctx, w, "open", empty{})
}

// Pause pauses a window.
func (c *Client) Pause(ctx context.Context, w WindowID, r PauseRequest) (Window, error) {
	return c.window(ctx, w, "pause", r)
}

// ResumeWindow ends a window's pause.
func (c *Client) ResumeWindow(ctx context.Context, w WindowID) (Window, error) {
	return c.window(ctx, w, "resume", empty{})
}

// CloseWindow closes a window.
func (c *Client) CloseWindow(ctx context.Context, w WindowID) (Window, error) {
	return c.window(ctx, w, "close", empty{})
}

func (c *Client) window(ctx context.Context, w WindowID, act string, in any) (Window, error) {
	var out WindowResponse
	p, err := path("windows", string(w), act)
	if err == nil {
		_, err = c.post(ctx, p, "", in, &out)
	}
	return out.Window, err
}

// Next calls the window's next ticket; nil and no error when nobody waits for it.
func (c *Client) Next(ctx context.Context, w WindowID) (*NextResponse, error) {
	return c.NextKeyed(ctx, "", w)
}

// NextKeyed is Next under a key of the caller's own, which may be repeated even after the caller's restart.
func (c *Client) NextKeyed(ctx context.Context, key Key, w WindowID) (*NextResponse, error) {
	p, err := path("windows", string(w), "next")
	if err != nil {
		return nil, err
	}
	var out NextResponse
	status, err := c.post(ctx, p, key, empty{}, &out)
	if err != nil || status == http.StatusNoContent {
		return nil, err
	}
	return &out, nil
}

// Recall calls the ticket in hand again.
func (c *Client) Recall(ctx context.Context, w WindowID) (Ticket, error) {
	return c.inHand(ctx, w, "recall", empty{})
}

// Start begins the service of the ticket called.
func (c *Client) Start(ctx context.Context, w WindowID) (Ticket, error) {
	return c.inHand(ctx, w, "start", empty{})
}

// Hold puts the ticket in hand aside while its applicant fetches something.
func (c *Client) Hold(ctx context.Context, w WindowID, r HoldRequest) (Ticket, error) {
	return c.inHand(ctx, w, "hold", r)
}

// NoShow notes that the person called did not come (过号).
func (c *Client) NoShow(ctx context.Context, w WindowID) (Ticket, error) {
	return c.inHand(ctx, w, "no-show", empty{})
}

// Transfer sends the ticket in hand on to another field or window (转办).
func (c *Client) Transfer(ctx context.Context, w WindowID, r TransferRequest) (Ticket, error) {
	return c.inHand(ctx, w, "transfer", r)
}

// Finish ends the service of the ticket in hand.
func (c *Client) Finish(ctx context.Context, w WindowID, r FinishRequest) (Ticket, error) {
	return c.inHand(ctx, w, "finish", r)
}

// Rate grades a service that ended at a window (好差评), with a token of the role counter.
func (c *Client) Rate(ctx context.Context, w WindowID, r RatingRequest) error {
	p, err := path("windows", string(w), "rating")
	if err != nil {
		return err
	}
	_, err = c.post(ctx, p, "", r, nil)
	return err
}

func (c *Client) inHand(ctx context.Context, w WindowID, act string, in any) (Ticket, error) {
	return c.ticket(ctx, in, "windows", string(w), act)
}

// Resume brings a held ticket back to its queue.
func (c *Client) Resume(ctx context.Context, id TicketID, r ResumeRequest) (Ticket, error) {
	return c.ticket(ctx, r, "tickets", string(id), "resume")
}

// Reactivate lets a missed ticket wait again.
func (c *Client) Reactivate(ctx context.Context, id TicketID) (Ticket, error) {
	return c.ticket(ctx, empty{}, "tickets", string(id), "reactivate")
}

// Cancel ends a ticket that nobody wants any more.
func (c *Client) Cancel(ctx context.Context, id TicketID) (Ticket, error) {
	return c.ticket(ctx, empty{}, "tickets", string(id), "cancel")
}

func (c *Client) ticket(ctx context.Context, in any, parts ...string) (Ticket, error) {
	var out TicketResponse
	p, err := path(parts...)
	if err == nil {
		_, err = c.post(ctx, p, "", in, &out)
	}
	return out.Ticket, err
}
