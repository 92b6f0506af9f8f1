// Package halltest boots a whole hall for tests: a real folder, a real server on a loopback port, real requests. Only
// tests import it.
//
// Start owns the server's goroutine until Stop, which the test's cleanup calls at the latest.
package halltest

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"yitang/db"
	"yitang/server"
	"yitang/server/account"
	"yitang/server/api"
	"yitang/server/catalogue"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/route"
)

// Password is what every clerk, guide and manager logs in with.
const Password = "correct-horse-1"

// kept is its hash, computed once: argon2 is slow by intention.
//
//nolint:gochecknoglobals // a constant that takes a moment
var kept = sync.OnceValue(func() string { return account.HashPassword(Password) })

// PasswordHash is what is kept of Password.
func PasswordHash() string { return kept() }

// Relief is the token's name of a clerk without a window of her own.
const Relief account.Role = "relief"

// stopWithin bounds a stop; a hall needs a moment for what is under way, never this long.
const stopWithin = 30 * time.Second

// Hall is an always-open hall whose windows serve every field. Clerk n is called clerkN and works at window n.
type Hall struct {
	testing.TB
	Dir     string
	URL     string                  // of the running server
	Tokens  map[account.Role]string // one account of each role; the clerk is clerk1
	Clerks  []string                // tokens: clerk 1 first
	Matters []string                // codes of the catalogue, each field's first matter first
	Now     func() time.Time        // the hall's clock; may be set before Start
	TLS     *tls.Config             // set before Start, the hall speaks TLS
	City    string                  // set before Start, the hall belongs to a city: its pass is in Dir
	Listen  string                  // where Start serves; empty: a free port
	Follow  server.Follow           // set before Start, the hall is a standby
	Pages   fs.FS                   // built pages; none without
	Times   api.Times               // set before Start, what a client may take
	Proxies []string                // set before Start, proxies in front of the hall
	Console io.Writer               // set before Start, gets the one-time code of a hall without administrator

	stop  context.CancelFunc
	ended chan error
	once  *sync.Once
}

// New makes a hall with its accounts and starts it.
func New(t testing.TB, windows int) *Hall {
	t.Helper()
	h := Make(t, windows)
	h.Start()
	return h
}

// Make makes a hall with its accounts but does not start it.
func Make(t testing.TB, windows int) *Hall {
	t.Helper()
	return With(t, Layout(t, windows))
}

// With makes a hall with a layout, and accounts as in Make.
func With(t testing.TB, layout *hall.Layout) *Hall {
	t.Helper()
	h := &Hall{TB: t, Dir: t.TempDir(), Tokens: map[account.Role]string{}, Now: Steady(time.Now)}
	data, err := db.Open(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	h.Matters = firsts(layout)
	h.adopt(data, layout)
	h.accounts(data, len(layout.Windows))
	if err := data.Close(); err != nil {
		t.Fatal(err)
	}
	return h
}

// Layout is the example hall, always open, with windows that serve every field.
func Layout(t testing.TB, windows int) *hall.Layout {
	t.Helper()
	l, err := catalogue.AlwaysOpen(windows, longAgo())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// firsts lists the first matter of each field, then all others.
func firsts(l *hall.Layout) []string {
	var first, other []string
	seen := map[hall.FieldID]bool{}
	for _, m := range l.Matters {
		if seen[m.Field] {
			other = append(other, string(m.Code))
			continue
		}
		seen[m.Field] = true
		first = append(first, string(m.Code))
	}
	return append(first, other...)
}

// longAgo is when the lists were adopted: before any day that a test plays, since a hall's time never runs back.
func longAgo() time.Time { return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) }

func (h *Hall) adopt(data *db.DB, l *hall.Layout) {
	h.Helper()
	eng, err := engine.New(context.Background(), data, route.Rule{}, longAgo, func(*hall.View) {})
	if err != nil {
		h.Fatal(err)
	}
	if err := eng.Alone(context.Background(), hall.AdoptLayout{Layout: *l}); err != nil {
		h.Fatal(err)
	}
}

func (h *Hall) accounts(data *db.DB, windows int) {
	h.Helper()
	hash := kept()
	for i := range windows {
		n := strconv.Itoa(i + 1)
		h.Clerks = append(h.Clerks, h.account(data, account.Account{User: "clerk" + n, Role: account.Clerk, Window: n, Password: hash}))
	}
	for _, r := range append([]account.Role{account.Guide, account.Manager}, account.Administrators()...) {
		h.Tokens[r] = h.account(data, account.Account{User: string(r), Role: r, Password: hash})
	}
	h.Tokens[Relief] = h.account(data, account.Account{User: string(Relief), Role: account.Clerk, Password: hash})
	h.Tokens[account.Department] = h.account(data, account.Account{User: "department", Role: account.Department,
		Department: "市场监督管理局", Password: hash})
	for _, r := range []account.Role{account.Platform, account.Kiosk, account.Screen, account.Standby} {
		h.Tokens[r] = h.account(data, account.Account{User: string(r), Role: r})
	}
	if windows > 0 {
		h.Tokens[account.Clerk] = h.Clerks[0]
		h.Tokens[account.Counter] = h.account(data, account.Account{User: "pad1", Role: account.Counter, Window: "1"})
	}
}

func (h *Hall) account(data *db.DB, a account.Account) (token string) {
	h.Helper()
	ctx := context.Background()
	token, a.Name = account.NewToken(), a.User
	if err := errors.Join(data.PutAccount(ctx, a), data.PutToken(ctx, account.Token{Digest: account.Digest(token), User: a.User, Made: time.Now()})); err != nil {
		h.Fatal(err)
	}
	return token
}

// Start serves the hall until Stop.
func (h *Hall) Start() {
	h.Helper()
	ctx, stop := context.WithCancel(context.Background())
	h.stop, h.ended, h.once = stop, make(chan error, 1), new(sync.Once)
	ready := make(chan net.Addr, 1)
	c := server.Config{Dir: h.Dir, Listen: cmp.Or(h.Listen, "127.0.0.1:0"), Now: h.Now, Pages: h.Pages, Log: zerolog.Nop(),
		TLS: h.TLS, Follow: h.Follow, Console: h.Console, City: h.City, Times: h.Times, Proxies: h.Proxies, Ready: func(a net.Addr) {
			select {
			case ready <- a:
			default: // a standby that was promoted is ready a second time
			}
		}}
	if c.Pages == nil {
		c.Pages = fstest.MapFS{}
	}
	ended := h.ended
	go func() { ended <- server.Run(ctx, c) }()
	select {
	case a := <-ready:
		h.URL = "http://" + a.String()
		if h.TLS != nil {
			h.URL = "https://" + a.String()
		}
	case err := <-ended:
		stop()
		h.Fatalf("the hall did not start: %v", err)
	}
	h.Cleanup(h.Stop)
}

// Stop ends the server as Ctrl-C does and waits for it. A second Stop does nothing.
func (h *Hall) Stop() {
	h.Helper()
	h.once.Do(func() {
		h.stop()
		select {
		case err := <-h.ended:
			if err != nil {
				h.Errorf("the hall did not stop well: %v", err)
			}
		case <-time.After(stopWithin):
			h.Errorf("the hall did not stop within %s", stopWithin)
		}
	})
}

// Restart stops the hall and starts it again on another port.
func (h *Hall) Restart() {
	h.Helper()
	h.Stop()
	h.Start()
}

// Verify fails the test unless the journal's chain is whole and the projections agree with it.
func (h *Hall) Verify() (events uint64) {
	h.Helper()
	v, err := db.Verify(context.Background(), h.Dir, route.Rule{}, nil)
	if err != nil {
		h.Fatal(err)
	}
	if v.Fault != "" {
		h.Errorf("verify: %s", v.Fault)
	}
	return v.Events
}

// Kept says whether the hall's folder has a file.
func (h *Hall) Kept(name string) bool {
	_, err := os.Stat(filepath.Join(h.Dir, name))
	return err == nil
}
