package main_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-rod/rod"

	"yitang/server/wire"
)

// TestGuideDesk works the guide desk's page: a call for help is seen and answered, a ticket is taken for somebody with a
// priority that the guide has verified, a missed number gets its place back; the holder of another gives it up by phone.
func TestGuideDesk(t *testing.T) {
	t.Parallel()
	r, b := newRig(t), startBrowser(t)
	r.server.kill()
	out, err := exec.Command(r.server.binary, "admin", "user", "--dir", r.server.dir, "gu", "--role", "guide").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, password, _ := strings.Cut(strings.TrimSpace(string(out)), "password ")
	r.server.start(t)
	page := open(t, b, r.hall+"/guide", 1366, 900)
	firstLogin(t, page, "gu", password)
	at(page, "guide-search").MustInput("kcg")
	at(page, "matter-SCJG-008").MustClick()
	at(page, "guide-priority").MustSelect("老年人")
	at(page, "guide-take").MustWaitEnabled().MustClick()
	number := strings.TrimSpace(at(page, "ticket-number").MustText())
	ctx := context.Background()
	k, err := r.client(t).Ticket(ctx, r.ticketID(t, number))
	if err != nil || k.Priority != "elderly" || k.Matters[0] != "SCJG-008" {
		t.Fatalf("%s: %+v %v", number, k, err)
	}

	kiosk := wire.New(r.hall, r.access.DeviceToken)
	kiosk.Device = "kiosk-1"
	if err := kiosk.ReportDevice(ctx, "guide", wire.DeviceReport{State: "warning", Reason: "guide_called"}); err != nil {
		t.Fatal(err)
	}
	waitText(t, page, "calls", "kiosk-1")
	clerk := r.clerk(t, 0)
	if _, err := clerk.Open(ctx, "1"); err != nil {
		t.Fatal(err)
	}
	if _, err := clerk.Next(ctx, "1"); err != nil {
		t.Fatal(err)
	}
	if _, err := clerk.NoShow(ctx, "1"); err != nil {
		t.Fatal(err)
	}
	at(page, "back-"+number).MustWaitEnabled().MustClick()
	waitState(t, r, number, "waiting")
	if has, _, _ := page.Has(`[data-testid="calls"]`); !has {
		t.Error("the call for help went away unanswered")
	}
	at(page, "answer-kiosk-1").MustWaitEnabled().MustClick()
	if err := page.Timeout(pageTime).Wait(rodGone(`[data-testid="calls"]`)); err != nil {
		t.Errorf("the answered call stays: %v", err)
	}

	phone := open(t, b, r.hall+k.TrackURL, 390, 844)
	at(phone, "give-up").MustClick()
	at(phone, "give-up-sure").MustClick()
	waitState(t, r, number, "cancelled")
}

// rodGone waits until nothing matches the selector.
func rodGone(selector string) *rod.EvalOptions {
	return rod.Eval(`(s) => !document.querySelector(s)`, selector)
}
