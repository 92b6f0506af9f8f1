// Package api is the hall on HTTP and WebSocket: routes, authentication, handlers, pages. It is the only user of fiber
// and holds no rule of the hall. Every request is judged against the one table in routes.go, from which the OpenAPI
// description is made too.
//
// Fiber owns a goroutine for each connection; Close ends the sockets and waits for them.
package api

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"yitang/server/account"
	"yitang/server/archive"
	"yitang/server/engine"
	"yitang/server/feed"
	"yitang/server/forecast"
	"yitang/server/hall"
	"yitang/server/metrics"
	"yitang/server/person"
	"yitang/server/wire"
)

// Bounds of what a client may send, and of how long a stop may take.
const (
	maxBody     = 64 << 10
	maxHead     = 4 << 10 // every screen keeps a buffer of this size
	stopTimeout = 5 * time.Second
)

// Hall takes commands and shows the newest state: the engine.
type Hall interface {
	Do(ctx context.Context, req engine.Request) ([]byte, error)
	View() *hall.View
}

// Waits knows how long people will wait, and how good that was. Both are nil while too little is known.
type Waits interface {
	Outlook() *forecast.Outlook
	Report() *forecast.Report
}

// Tickets finds tickets that are on disk.
type Tickets interface {
	Ticket(ctx context.Context, id hall.TicketID) (*hall.Ticket, error)
	TicketByTrack(ctx context.Context, code string) (*hall.Ticket, error)
	// OpenTicketsOf are a person's tickets of a day that have not ended, in order of issue.
	OpenTicketsOf(ctx context.Context, pseudonym string, day hall.Day) ([]*hall.Ticket, error)
	// Given is what a business day has given out already.
	Given(ctx context.Context, day hall.Day) (hall.Given, error)
}

// People finds everything that is kept about somebody.
type People interface {
	Held(ctx context.Context, pseudonym string) (hall.Dossier, error)
}

// Accounts knows who may do what.
type Accounts interface {
	Account(ctx context.Context, user string) (*account.Account, error)
	Bearer(ctx context.Context, digest []byte, now time.Time) (*account.Account, error)
	Touch(ctx context.Context, digest []byte, now time.Time) error
	Tries(ctx context.Context, subject string) (account.Tries, error)
	Passwords(ctx context.Context, user string) ([]string, error)
}

// Receipts knows the hall's own template of a ticket and draws it. A mistake in it is a *hall.Error that names the line.
type Receipts interface {
	Template() string // empty: the kiosks' own
	Preview(c wire.Catalogue, language string, columns int) ([]byte, error)
}

// Lead tells a demo's guest who opens a device's page at the hall itself where the device has it; "" leaves the page as it is.
type Lead func(path string) string

// Config is what the API stands on.
type Config struct {
	Hall     Hall
	Waits    Waits // nil tells nobody how long
	Tickets  Tickets
	Accounts Accounts
	Office   Administration
	Setup    *Setup // nil = the hall has its first administrator
	Verify   Verifier
	Cases    Cases
	History  archive.Hall // for reports; the live pages never ask it
	Past     Past
	Ratings  Ratings
	Leads    Leads
	Bookings Bookings
	Webhooks Webhooks
	Nearby   Nearby   // other halls of the city; nil without a city
	Receipts Receipts // nil = the kiosks' own template and no preview
	People   People
	Servers  Servers // nil = there is only this one
	Feed     *feed.Feed
	Now      func() time.Time // the hall's clock
	Key      person.Key       // of the pseudonyms
	Metrics  *metrics.Metrics
	Pages    fs.FS  // the built pages
	Voice    Voice  // nil = silence
	CA       []byte // certificate of the hall's own authority, PEM; nil without
	Demo     bool   // says loudly that the accounts are a demo's
	Lead     Lead   // nil outside a demo
	Times    Times
	Trouble  func(error) string               // what is wrong with the disk, if an error comes of that, and what to do; nil knows of none
	Free     func() (bytes uint64, err error) // what the data folder's disk has left; nil = nobody knows
	Proxies  []string                         // addresses of proxies in front of the hall, whose X-Forwarded-For is believed
	Log      zerolog.Logger
}

// API serves one hall.
type API struct {
	Config
	app        *fiber.App
	handler    fasthttp.RequestHandler // of all routes, for other halls' errands
	auth       *authenticator
	door       *door
	office     office
	checks     checks
	limiter    limiter
	enrolments enrolments
	sockets    *sockets
	boards     *feed.Beat // of the screens
	states     *feed.Beat // of the hall's pages

	audience *audience
	clerks   *clerks
	build    string // of the screens' page
	conns    *connections
	callers  *source                   // who may ask without a token, how often
	newest   atomic.Pointer[presenter] // of the layout asked for last

	packed    sync.Map      // assets as gzip, by file: a func() []byte
	reporting chan struct{} // holds one: the report being made
	usually   atomic.Pointer[usualDay]
	leading   atomic.Pointer[foundLeads]
	published atomic.Pointer[publishedMonth]
}

// New builds the routes.
func New(c Config) *API {
	a := &API{Config: c, reporting: make(chan struct{}, 1), sockets: newSockets(), boards: c.Feed.Beat(boardPace()), states: c.Feed.Beat(feed.Every(pageEvery)),
		conns: newConnections(), callers: newSource(), audience: newAudience(c.Now), clerks: newClerks(), build: buildOf(c.Pages)}
	a.Times = c.Times.complete()
	a.auth, a.door = newAuthenticator(c.Accounts), newDoor()
	a.app = fiber.New(fiber.Config{
		AppName: "Yitang", Immutable: true, DisableStartupMessage: true, BodyLimit: maxBody, ReadTimeout: a.Times.Read,
		WriteTimeout: a.Times.Write, IdleTimeout: a.Times.Idle, ErrorHandler: a.fail, ReadBufferSize: maxHead,
	})
	a.app.Use(a.measure, a.recoverPanic, headers, a.epoch)
	for _, r := range a.routes() {
		a.app.Add(r.method, r.path, a.guard(r), r.handle)
		if r.method == http.MethodGet && !r.socket {
			a.app.Add(http.MethodHead, r.path, a.guard(r), r.handle) // who watches a server asks so; fasthttp leaves the body out
		}
	}
	a.pages()
	a.handler = a.app.Handler()
	a.app.Server().Handler = a.known
	return a
}

// known passes a method that fiber does not know on as one that no route takes: fiber answers it in a shape of its own.
func (a *API) known(c *fasthttp.RequestCtx) {
	if !slices.Contains(fiber.DefaultMethods, string(c.Method())) {
		c.Request.Header.SetMethod(http.MethodTrace)
	}
	a.handler(c)
}

// Serve answers on the listener until Close, over TLS when secure is not nil.
func (a *API) Serve(ln net.Listener, secure *tls.Config) error {
	ln = a.conns.listen(ln)
	if secure != nil {
		ln = tls.NewListener(opened{ln}, secure)
	}
	if err := a.app.Listener(ln); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Close tells the sockets that the hall goes away, waits for them, then for the requests in flight; who has not finished
// asking by then is cut off. It may come before Serve, which then returns at once.
func (a *API) Close() error {
	a.sockets.close()
	a.checks.stop()
	a.conns.stop()
	err := a.app.ShutdownWithTimeout(stopTimeout)
	a.conns.cut()
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// measure counts the request under its route.
func (a *API) measure(c *fiber.Ctx) error {
	began := time.Now()
	err := c.Next()
	status := c.Response().StatusCode()
	if err != nil {
		status = a.explain(err).Status
	}
	a.Metrics.Request(c.Method(), c.Route().Path, status, time.Since(began))
	return err
}

// recoverPanic turns a handler's panic into an internal error instead of the end of the hall.
func (a *API) recoverPanic(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			a.Log.Error().Interface("panic", r).Str("route", c.Route().Path).Msg("a handler failed")
			err = fiber.ErrInternalServerError
		}
	}()
	return c.Next()
}

// headers keeps a page from loading or running anything that the hall did not send, from being framed by others and from
// using the PC's camera, microphone or place. No Strict-Transport-Security: with an authority of the hall's own, a browser
// that has not been told to trust it could then not even reach the page that says how.
func headers(c *fiber.Ctx) error {
	for _, h := range [][2]string{
		{"Content-Security-Policy", "default-src 'self'; script-src 'self'; img-src 'self' data:; style-src 'self'; " +
			"connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'"},
		{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "SAMEORIGIN"},
		{"Referrer-Policy", "no-referrer"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()"},
	} {
		c.Set(h[0], h[1])
	}
	if strings.HasPrefix(c.Path(), "/api/") {
		c.Set(fiber.HeaderCacheControl, "no-store") // what it says of cases and people stays in no browser
	}
	return c.Next()
}
