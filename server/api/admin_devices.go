package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

//nolint:gochecknoglobals // a constant value
var errNoEnrolment = refusal(http.StatusNotFound, "not_found", "没有等待批准的设备显示这个代码：可能已处理或已过期。")

func (a *API) deviceRoutes() []route {
	system := []account.Role{account.System}
	return []route{
		{method: http.MethodPost, path: "/api/v1/enrolments", summary: "A device asks to be let in and gets a short code to show",
			detail: "Open to whoever is in the hall's network: it leads to nothing until the system administrator approves the code. At most 100 wait, 10 from one address, each for 30 minutes.",
			in:     wire.EnrolmentRequest{}, out: wire.Enrolment{}, status: 201, keyless: true, handle: a.enrol},
		{method: http.MethodPost, path: "/api/v1/enrolments/claim", summary: "What has become of it; once approved, the device's token",
			detail: "404 once it was refused or has expired: ask anew.", in: wire.EnrolmentClaim{}, out: wire.Enrolled{}, status: 200, keyless: true, handle: a.claim},
		{method: http.MethodGet, path: "/api/v1/admin/devices", summary: "Devices with a token, and those that wait to be let in",
			roles: system, out: wire.Devices{}, status: 200, handle: a.devices},
		{method: http.MethodPost, path: "/api/v1/admin/enrolments/:code/approve", summary: "Let the device in that shows this code",
			detail: "A device of that name gets a new token and loses the one before.",
			roles:  system, in: wire.DeviceApproval{}, out: wire.Device{}, status: 200, handle: a.approveDevice},
		{method: http.MethodPost, path: "/api/v1/admin/enrolments/:code/refuse", summary: "Do not let it in", roles: system, status: 204, handle: a.refuseDevice},
		{method: http.MethodPost, path: "/api/v1/admin/devices/:device/revoke", summary: "Revoke a device's token; what it has open is cut off",
			roles: system, out: wire.Device{}, status: 200, handle: a.revokeDevice},
	}
}

func (a *API) devices(c *fiber.Ctx) error {
	ctx, now := c.UserContext(), time.Now()
	all, err := a.Office.Accounts(ctx)
	if err != nil {
		return err
	}
	tokens, err := a.Office.Sessions(ctx, "", now)
	if err != nil {
		return err
	}
	windows, _ := a.places()
	out := wire.Devices{Devices: []wire.Device{}, Waiting: a.enrolments.all(now), Windows: windows}
	for i := range all {
		if slices.Contains(account.Devices(), all[i].Role) {
			out.Devices = append(out.Devices, deviceOf(&all[i], tokens))
		}
	}
	return c.JSON(out)
}

// deviceOf is a device with its newest token.
func deviceOf(x *account.Account, tokens []account.Session) wire.Device {
	d := wire.Device{Device: x.User, Role: string(x.Role), Window: x.Window, State: string(x.State)}
	for _, t := range tokens {
		if t.User == x.User {
			d.Source, d.Made, d.Seen = t.Source, timeOf(t.Made), timeOf(t.Seen)
			break
		}
	}
	return d
}

func (a *API) approveDevice(c *fiber.Ctx) error {
	var in wire.DeviceApproval
	if err := body(c, &in); err != nil {
		return err
	}
	return a.act(c, http.StatusOK, func(ctx context.Context) (deed, error) {
		e, ok := a.enrolments.waiting(time.Now(), c.Params("code"))
		if !ok {
			return deed{}, errNoEnrolment
		}
		x := e.want
		if in.Name != "" {
			x.User, x.Name = in.Name, in.Name
		}
		if in.Window != "" {
			x.Window = in.Window
		}
		if err := a.mayLetIn(ctx, &x); err != nil {
			return deed{}, err
		}
		x.State = account.Active
		t := account.NewToken()
		return deed{what: hall.DeviceEnrolled, user: x.User, note: string(x.Role) + " " + e.source, change: letIn(x, t, e.source),
			answer: func() any { return deviceOf(&x, nil) },
			after:  func() { a.enrolments.settle(e.code, &x, t) }}, nil
	})
}

// mayLetIn refuses a name that is a person's or another kind of device's, and a kiosk that would give out another's numbers.
func (a *API) mayLetIn(ctx context.Context, x *account.Account) error {
	windows, _ := a.places()
	if why := x.Check(windows, nil); why != "" {
		return refusal(http.StatusUnprocessableEntity, "invalid", why)
	}
	all, err := a.Office.Accounts(ctx)
	if err != nil {
		return err
	}
	if why := x.Clash(all); why != "" {
		return refusal(http.StatusConflict, "name_taken", why)
	}
	return nil
}

// letIn is a device with a new token, in the place of the one before.
func letIn(x account.Account, token, source string) account.Change {
	return account.Change{Put: []account.Account{x}, End: []string{x.User},
		Tokens: []account.Token{{Digest: account.Digest(token), User: x.User, Source: source, Made: time.Now()}}}
}

func (a *API) refuseDevice(c *fiber.Ctx) error {
	return a.act(c, http.StatusNoContent, func(context.Context) (deed, error) {
		e, ok := a.enrolments.waiting(time.Now(), c.Params("code"))
		if !ok {
			return deed{}, errNoEnrolment
		}
		return deed{what: hall.DeviceRefused, user: e.want.User, note: string(e.want.Role) + " " + e.source,
			answer: func() any { return nil },
			after:  func() { a.enrolments.settle(e.code, nil, "") }}, nil
	})
}

func (a *API) revokeDevice(c *fiber.Ctx) error {
	return a.act(c, http.StatusOK, func(ctx context.Context) (deed, error) {
		x, err := a.Accounts.Account(ctx, c.Params("device"))
		if err != nil {
			return deed{}, err
		}
		if x == nil || !slices.Contains(account.Devices(), x.Role) {
			return deed{}, refusal(http.StatusNotFound, "not_found", "没有设备 "+c.Params("device")+"。")
		}
		if x.State == account.Suspended {
			return deed{}, refusal(http.StatusConflict, "account_state", "设备 "+x.User+" 的令牌已经吊销。")
		}
		x.State = account.Suspended
		d := a.put(c, hall.DeviceRevoked, x, true)
		d.answer = func() any { return deviceOf(x, nil) }
		return d, nil
	})
}
