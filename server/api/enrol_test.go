package api_test

import (
	"net/http"
	"testing"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

func (o office) ask(in wire.EnrolmentRequest) wire.Enrolment {
	o.Helper()
	return halltest.Into[wire.Enrolment](o.Hall, o.Post(201, "", "/api/v1/enrolments", "", in))
}

func (o office) claim(status int, secret string) wire.Enrolled {
	o.Helper()
	a := o.Post(status, "", "/api/v1/enrolments/claim", "", wire.EnrolmentClaim{Secret: secret})
	if status >= 300 {
		return wire.Enrolled{}
	}
	return halltest.Into[wire.Enrolled](o.Hall, a)
}

func (o office) list() wire.Devices {
	o.Helper()
	return halltest.Into[wire.Devices](o.Hall, o.Get(200, o.system, "/api/v1/admin/devices"))
}

// TestEnrolment lets a kiosk in by its code; it gets a token of its own, works, and is cut off when the token is revoked.
func TestEnrolment(t *testing.T) {
	o := newOffice(t)
	e := o.ask(wire.EnrolmentRequest{Role: "kiosk", Name: "kiosk-7"})
	if got := o.claim(200, e.Secret); got.State != "waiting" || got.Token != "" {
		t.Fatalf("before anybody approved: %+v", got)
	}
	if w := o.list().Waiting; len(w) != 1 || w[0].Code != e.Code || w[0].Name != "kiosk-7" || w[0].Source != "127.0.0.1" {
		t.Fatalf("waiting: %+v", w)
	}
	for _, token := range []string{o.security, o.audit, o.Tokens[account.Manager], o.Tokens[account.Kiosk]} {
		o.Post(403, token, "/api/v1/admin/enrolments/"+e.Code+"/approve", "", nil)
	}
	o.Post(404, o.system, "/api/v1/admin/enrolments/000-00x/approve", "", nil)
	first := o.Post(200, o.system, "/api/v1/admin/enrolments/"+e.Code+"/approve", "k", nil)
	if again := o.Post(200, o.system, "/api/v1/admin/enrolments/"+e.Code+"/approve", "k", nil); string(first.Body) != string(again.Body) {
		t.Errorf("the same request again: %s", again.Body)
	}
	o.Post(404, o.system, "/api/v1/admin/enrolments/"+e.Code+"/approve", "", nil)
	got := o.claim(200, e.Secret)
	if got.State != "approved" || got.Device != "kiosk-7" || o.claim(200, e.Secret).Token != got.Token {
		t.Fatalf("enrolled %+v", got)
	}
	o.Post(201, got.Token, "/api/v1/tickets", "", map[string]any{"matters": []string{o.Matters[0]}})
	o.Post(200, o.system, "/api/v1/admin/devices/kiosk-7/revoke", "", nil)
	o.Post(401, got.Token, "/api/v1/tickets", "", map[string]any{"matters": []string{o.Matters[0]}})
	o.Post(409, o.system, "/api/v1/admin/devices/kiosk-7/revoke", "", nil)

	e = o.ask(wire.EnrolmentRequest{Role: "kiosk", Name: "kiosk-7"}) // it comes back
	o.Post(200, o.system, "/api/v1/admin/enrolments/"+e.Code+"/approve", "", nil)
	o.Post(201, o.claim(200, e.Secret).Token, "/api/v1/tickets", "", map[string]any{"matters": []string{o.Matters[0]}})
	o.Verify()
}

func TestEnrolmentRefusals(t *testing.T) {
	o := newOffice(t)
	for _, in := range []wire.EnrolmentRequest{
		{Role: "manager", Name: "x"}, {Role: "platform", Name: "x"}, {Role: "", Name: "x"}, {Role: "kiosk", Name: ""},
		{Role: "counter", Name: "pad"}, {Role: "counter", Name: "pad", Window: "99"}, {Role: "screen", Name: "x", Window: "1"},
	} {
		if a := o.Post(422, "", "/api/v1/enrolments", "", in); a.Code() != "invalid" {
			t.Errorf("%+v: %s", in, a.Body)
		}
	}
	e := o.ask(wire.EnrolmentRequest{Role: "counter", Name: "pad-2", Window: "2"})
	approve := func(status int, in wire.DeviceApproval) halltest.Answer {
		t.Helper()
		return o.Post(status, o.system, "/api/v1/admin/enrolments/"+e.Code+"/approve", "", in)
	}
	approve(409, wire.DeviceApproval{Name: "clerk1"})
	approve(422, wire.DeviceApproval{Window: "99"})
	approve(200, wire.DeviceApproval{Name: "pad-b", Window: "1"})
	if got := o.claim(200, e.Secret); got.Device != "pad-b" || got.Window != "1" || got.Role != "counter" {
		t.Errorf("enrolled %+v", got)
	}
	e = o.ask(wire.EnrolmentRequest{Role: "screen", Name: "screen-9"})
	o.Post(204, o.system, "/api/v1/admin/enrolments/"+e.Code+"/refuse", "k", nil)
	o.Restart()
	o.Post(204, o.system, "/api/v1/admin/enrolments/"+e.Code+"/refuse", "k", nil)
	o.claim(404, e.Secret)
	e = o.ask(wire.EnrolmentRequest{Role: "kiosk", Name: "KIOSK"}) // kiosk and KIOSK both give out KIOSK-001
	if a := approve(409, wire.DeviceApproval{}); a.Code() != "name_taken" {
		t.Errorf("%s", a.Body)
	}
	for range 20 {
		if a := o.Send(halltest.Request{Method: http.MethodPost, Path: "/api/v1/enrolments", Body: wire.EnrolmentRequest{Role: "screen", Name: "s"}}); a.Status == 429 {
			return
		}
	}
	t.Error("one address may fill the page")
}
