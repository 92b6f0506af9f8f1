package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yitang/server/halltest"
	"yitang/server/wire"
)

// ownKiosk is `yitang kiosk` as a process of its own, so that it can be killed.
type ownKiosk struct {
	args []string
	addr string
	cmd  *exec.Cmd
}

func (k *ownKiosk) start(t *testing.T, binary string) {
	t.Helper()
	k.cmd = exec.Command(binary, k.args...)
	if err := k.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd := k.cmd
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for until := time.Now().Add(pageTime); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if res, err := http.Get("http://" + k.addr + "/local/catalogue"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
	}
	t.Fatalf("the kiosk on %s has no catalogue", k.addr)
}

func (k *ownKiosk) kill() {
	_ = k.cmd.Process.Kill()
	_ = k.cmd.Wait()
}

// take asks as the page does; err means that nobody answered.
func (k *ownKiosk) take(key, body string) (wire.Ticket, error) {
	req, err := http.NewRequest(http.MethodPost, "http://"+k.addr+"/local/tickets", strings.NewReader(body))
	if err != nil {
		return wire.Ticket{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return wire.Ticket{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return wire.Ticket{}, err
	}
	if res.StatusCode != http.StatusCreated {
		return wire.Ticket{}, fmt.Errorf("%d %s", res.StatusCode, b)
	}
	var out wire.TicketResponse
	return out.Ticket, json.NewDecoder(bytes.NewReader(b)).Decode(&out)
}

// ownKiosks starts two kiosks and has them learn the catalogue.
func ownKiosks(t *testing.T, r *rig) []*ownKiosk {
	t.Helper()
	r.server.kill()
	out, err := exec.Command(r.server.binary, "admin", "device", "--dir", r.server.dir, "kiosk-2").Output()
	if err != nil {
		t.Fatal(err)
	}
	tokens := []string{r.access.DeviceToken, strings.TrimSpace(strings.TrimPrefix(string(out), "kiosk-2: token "))}
	r.server.start(t)
	var list []*ownKiosk
	for i, token := range tokens {
		k := &ownKiosk{addr: halltest.Address(t)}
		k.args = []string{"kiosk", "--server", r.hall, "--token", token, "--id", fmt.Sprintf("kiosk-%d", i+1), "--listen", k.addr,
			"--dir", filepath.Join(t.TempDir(), "kiosk")}
		k.start(t, r.server.binary)
		list = append(list, k)
	}
	return list
}

// TestOfflineSeries takes the hall away from two kiosks. They give out 50 numbers of their own, one of them is killed
// with SIGKILL in between, as a power cut would; when the hall is back all 50 arrive once and are called in the order in
// which they were given out.
func TestOfflineSeries(t *testing.T) {
	t.Parallel()
	const tickets, killAfter = 50, 20
	r := newHall(t, 1)
	kiosks := ownKiosks(t, r)
	r.server.kill()
	var issued []wire.Ticket
	for i := range tickets {
		k := kiosks[i%2]
		if i == killAfter {
			kiosks[0].kill()
			kiosks[0].start(t, r.server.binary)
		}
		person := `{"kind":"none"}`
		if i == 0 {
			person = `{"kind":"id","number":"11010519491231002X"}`
		}
		key, body := fmt.Sprintf("take-%d", i), `{"matters":["SCJG-004"],"person":`+person+`,"language":"zh"}`
		got, err := k.take(key, body)
		if err != nil {
			t.Fatalf("ticket %d: %v", i, err)
		}
		if i == killAfter-2 { // of kiosk 1: its page asks again after the kill and gets the same number
			kiosks[0].kill()
			kiosks[0].start(t, r.server.binary)
			if again, err := k.take(key, body); err != nil || again.Number != got.Number || again.TrackURL != got.TrackURL {
				t.Errorf("asked again: %s, %v; first %s", again.Number, err, got.Number)
			}
		}
		if want := fmt.Sprintf("K%d-%03d", i%2+1, i/2+1); got.Number != want || got.Wait != nil || !got.Offline {
			t.Fatalf("ticket %d is %s, want %s", i, got.Number, want)
		}
		issued = append(issued, got)
		time.Sleep(2 * time.Millisecond) // times of issue are in milliseconds, and no two people touch in the same one
	}
	r.server.start(t)
	waitIssued(t, r, tickets)
	c := r.client(t)
	for _, own := range issued {
		k, err := c.Ticket(context.Background(), wire.TicketID(own.ID))
		if err != nil || k.IssuedAt.UnixMilli() != own.IssuedAt.UnixMilli() || !strings.HasSuffix(own.TrackURL, k.TrackURL) {
			t.Errorf("%s: %v; issued %v on paper, %v in the hall", own.Number, err, own.IssuedAt, k.IssuedAt)
		}
	}
	called := callAll(t, r, tickets)
	for i, own := range issued {
		if called[i] != own.Number {
			t.Fatalf("call %d is %s, want %s: %v", i, called[i], own.Number, called)
		}
	}
	if n := totals(t, r).Issued; n != tickets {
		t.Errorf("the hall has %d tickets", n)
	}
	r.server.kill()
	if out, err := exec.Command(r.server.binary, "verify", "--dir", r.server.dir).CombinedOutput(); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
}

// waitIssued waits until the hall has that many tickets of today.
func waitIssued(t *testing.T, r *rig, n int) {
	t.Helper()
	got := 0
	for until := time.Now().Add(pageTime); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if got = totals(t, r).Issued; got >= n {
			return
		}
	}
	t.Fatalf("%d of %d tickets arrived", got, n)
}

func totals(t *testing.T, r *rig) (out wire.Totals) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), pageTime)
	defer stop()
	_ = r.client(t).WatchHall(ctx, func(s wire.HallState) { out = s.Totals; stop() }) // it ends by our own stop
	return out
}

// callAll opens window 1 and calls until nobody waits.
func callAll(t *testing.T, r *rig, atMost int) (numbers []string) {
	t.Helper()
	ctx := context.Background()
	c := wire.New(r.hall, "")
	s, err := c.Login(ctx, wire.Login{User: r.access.Clerks[0].User, Password: r.access.Clerks[0].Password})
	if err != nil {
		t.Fatal(err)
	}
	c = c.WithToken(s.Token)
	if _, err := c.Open(ctx, "1"); err != nil {
		t.Fatal(err)
	}
	for range atMost {
		next, err := c.Next(ctx, "1")
		if err != nil || next == nil {
			t.Fatalf("after %d calls: %v %v", len(numbers), next, err)
		}
		numbers = append(numbers, next.Ticket.Number)
		if _, err := c.Finish(ctx, "1", wire.FinishRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	return numbers
}
