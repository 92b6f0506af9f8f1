package wire

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Bounds of waiting to be let in.
const (
	claimEvery = 2 * time.Second
	claimWait  = 10 * time.Second // before a refused or failed request comes again
)

// WhoAmI says whose token the client has.
func (c *Client) WhoAmI(ctx context.Context) (Session, error) {
	var s Session
	return s, c.get(ctx, "/api/v1/session", &s)
}

// Enrol asks for a device to be let in.
func (c *Client) Enrol(ctx context.Context, ask EnrolmentRequest) (Enrolment, error) {
	var e Enrolment
	_, err := c.post(ctx, "/api/v1/enrolments", "", ask, &e)
	return e, err
}

// Enrolled says what has become of it: *Error with status 404 once it was refused or has expired.
func (c *Client) Enrolled(ctx context.Context, secret string) (Enrolled, error) {
	var e Enrolled
	_, err := c.post(ctx, "/api/v1/enrolments/claim", "", EnrolmentClaim{Secret: secret}, &e)
	return e, err
}

// Admit asks until a device is let in, with a new code whenever the last one has expired or was refused. Show is told each
// code, or why there is none. Errors: the context's; *Error with status 422 when the hall cannot have such a device.
func (c *Client) Admit(ctx context.Context, ask EnrolmentRequest, show func(code string, err error)) (Enrolled, error) {
	for {
		e, err := c.Enrol(ctx, ask)
		var refused *Error
		if errors.As(err, &refused) && refused.Status == http.StatusUnprocessableEntity {
			return Enrolled{}, err
		}
		show(e.Code, err)
		if err == nil {
			in, err := c.await(ctx, e.Secret)
			if err == nil {
				return in, nil
			}
			show("", err)
		}
		if err := sleep(ctx, claimWait); err != nil {
			return Enrolled{}, err
		}
	}
}

// await asks until the enrolment is approved; a hall that is away for a while loses nothing.
func (c *Client) await(ctx context.Context, secret string) (Enrolled, error) {
	for {
		e, err := c.Enrolled(ctx, secret)
		if err == nil && e.Token != "" {
			return e, nil
		}
		if err != nil && !Unreachable(err) {
			return Enrolled{}, err
		}
		if err := sleep(ctx, claimEvery); err != nil {
			return Enrolled{}, err
		}
	}
}
