package wire

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Bounds of one request. A client never waits without an end and never reads without one.
const (
	RequestTimeout = 10 * time.Second // one attempt, from dialling to the last byte of the answer
	MaxBody        = 4 << 20          // bytes of an answer; the largest is a catalogue in four languages

	dialTimeout  = 3 * time.Second
	idleTimeout  = 60 * time.Second
	keepAlive    = 15 * time.Second
	maxIdleConns = 64 // as many as `yitang bench` has clerks, so that none of them dials for every act
	maxAttempts  = 20 // above this a caller wants a queue, not a retry
	keyBytes     = 16
)

// Names of what the hall identifies. They are strings on the line; here they keep a ticket from being taken for a window.
type (
	TicketID string
	WindowID string
	ScreenID string
	DeviceID string
	Part     string // of a device: printer, reader, …
	Key      string // Idempotency-Key: the same key gives the first answer again
)

// ErrNoAnswer means that the hall did not answer: the line is down, the server is away, or the answer broke off.
// Whether the request took effect is unknown; sending it again with the same key is safe.
var ErrNoAnswer = errors.New("no answer from the hall")

// Client speaks the hall's API. Its fields are set before the first use and not changed after; then it may be used
// from any number of goroutines. A changed copy is made with WithToken or WithRetry.
type Client struct {
	BaseURL string   // for example http://10.1.1.5:8080, without a path; of the first server where the hall has several
	Token   string   // bearer token of a device or of a session; empty before a login
	Device  DeviceID // whose parts ReportDevice reports
	HTTP    *http.Client
	Retry   Retry
	OnLink  func(Link)          // told by the Watch methods, on the goroutine that called them; may be nil
	Status  func() ScreenReport // what a display says about itself on its socket now and then; may be nil

	tls     *tls.Config // of sockets; HTTP has its own
	servers *servers
}

// Retry says how often a request may be sent when nobody answers (a network error, 502, 503 or 504), always with
// the same Idempotency-Key. The zero value sends once.
type Retry struct {
	Attempts int           // in all, at most 20
	First    time.Duration // wait before the second attempt, doubled before each later one (default 250 ms)
	Max      time.Duration // longest wait (default 5 s)
}

// New makes a client that sends every request once and waits at most RequestTimeout for the answer. Base may name the
// hall's standbys too, separated by commas: whichever is the primary gets the requests.
func New(base, token string) *Client {
	s := newServers(base)
	return &Client{BaseURL: s.list[0], Token: token, HTTP: newHTTP(nil), servers: s}
}

// WithTLS is the same client with connections of its own over the hall's certificates; nil stands for the system's.
func (c *Client) WithTLS(trust *tls.Config) *Client {
	other := *c
	other.tls, other.HTTP = trust, newHTTP(trust)
	return &other
}

// newHTTP does not ask the environment for a proxy: a hall's own line is direct. It follows no redirect, because the
// API has none and a token must not wander.
func newHTTP(trust *tls.Config) *http.Client {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}
	return &http.Client{
		Timeout: RequestTimeout,
		Transport: &http.Transport{
			DialContext:         dialer.DialContext,
			TLSHandshakeTimeout: dialTimeout,
			TLSClientConfig:     trust,
			MaxIdleConns:        maxIdleConns,
			MaxIdleConnsPerHost: maxIdleConns,
			IdleConnTimeout:     idleTimeout,
			ForceAttemptHTTP2:   true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// WithToken is the same client (and the same connections) for another bearer, for example a clerk after Login.
func (c *Client) WithToken(token string) *Client {
	other := *c
	other.Token = token
	return &other
}

// WithRetry is the same client with another retry policy.
func (c *Client) WithRetry(r Retry) *Client {
	other := *c
	other.Retry = r
	return &other
}

// Close lets go of idle connections.
func (c *Client) Close() { c.HTTP.CloseIdleConnections() }

// NewKey makes a random Idempotency-Key in the form of a UUID (version 4).
func NewKey() Key {
	var b [keyBytes]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails since Go 1.24
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return Key(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
}

// Unreachable tells whether err means that the hall could not be asked at all, rather than that it refused.
func Unreachable(err error) bool {
	var refused *Error
	if errors.As(err, &refused) {
		return away(refused.Status)
	}
	return errors.Is(err, ErrNoAnswer)
}

func away(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}

// call is one request of the API: a POST when it has a key.
type call struct {
	method string
	path   string
	key    Key
	in     any
	out    any
}

// get asks for out.
func (c *Client) get(ctx context.Context, path string, out any) error {
	_, err := c.send(ctx, call{method: http.MethodGet, path: path, out: out})
	return err
}

// post sends in and reads out (nil: the answer's body does not matter). It gives the status of the answer.
func (c *Client) post(ctx context.Context, path string, key Key, in, out any) (int, error) {
	if key == "" {
		key = NewKey()
	}
	return c.send(ctx, call{method: http.MethodPost, path: path, key: key, in: in, out: out})
}

// send tries as often as the policy allows.
func (c *Client) send(ctx context.Context, r call) (int, error) {
	var body []byte
	if r.in != nil {
		var err error
		if body, err = json.Marshal(r.in); err != nil {
			return 0, fmt.Errorf("wire: %s %s: %w", r.method, r.path, err)
		}
	}
	attempts := min(max(c.Retry.Attempts, 1), maxAttempts)
	for n := 1; ; n++ {
		status, err := c.round(ctx, r, body)
		if err == nil || n >= attempts || !Unreachable(err) {
			return status, err
		}
		if sleep(ctx, c.Retry.wait(n)) != nil {
			return status, err
		}
	}
}

// round asks each of the hall's servers once, until one answers as the primary.
func (c *Client) round(ctx context.Context, r call, body []byte) (status int, err error) {
	for range c.servers.list {
		base := c.servers.current()
		if status, err = c.once(ctx, base, r, body); err == nil || !Unreachable(err) || ctx.Err() != nil {
			return status, err
		}
		c.servers.missed(base)
	}
	return status, err
}

// advice is for whoever set the client up, where the two can never come together.
func advice(err error) string {
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return "; the hall speaks plain HTTP there: write http://"
	case errors.As(err, &unknown):
		return "; fetch the hall's tls-ca.pem, compare its fingerprint and name it with --ca"
	}
	return ""
}

// once sends the request one time to one server and reads the whole answer.
func (c *Client) once(ctx context.Context, base string, r call, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, base+r.path, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("wire: %w", err)
	}
	req.Header = c.header(r)
	res, err := c.HTTP.Do(req)
	if err != nil {
		return 0, fmt.Errorf("wire: %w: %w%s", ErrNoAnswer, err, advice(err))
	}
	defer res.Body.Close()
	if err := c.servers.believe(res.Header); err != nil {
		return res.StatusCode, err
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, MaxBody+1))
	switch {
	case err != nil:
		return res.StatusCode, fmt.Errorf("wire: %s %s: %w: %w", r.method, r.path, ErrNoAnswer, err)
	case len(answer) > MaxBody:
		return res.StatusCode, fmt.Errorf("wire: %s %s: answer longer than %d bytes", r.method, r.path, MaxBody)
	case res.StatusCode < 200 || res.StatusCode > 299:
		return res.StatusCode, refusal(res.StatusCode, answer)
	case r.out == nil || res.StatusCode == http.StatusNoContent:
		return res.StatusCode, nil
	}
	if raw, ok := r.out.(*[]byte); ok { // not JSON
		*raw = answer
		return res.StatusCode, nil
	}
	if err := json.Unmarshal(answer, r.out); err != nil {
		return res.StatusCode, fmt.Errorf("wire: %s %s: answer: %w", r.method, r.path, err)
	}
	return res.StatusCode, nil
}

func (c *Client) header(r call) http.Header {
	h := http.Header{"Accept": {"application/json"}}
	if c.Token != "" {
		h.Set("Authorization", "Bearer "+c.Token)
	}
	if r.key != "" {
		h.Set("Idempotency-Key", string(r.key))
	}
	if r.in != nil {
		h.Set("Content-Type", "application/json")
	}
	return h
}

// foreign begins the code of an answer that is not the hall's own.
const foreign = "http_"

// Foreign says whether the answer came from something else than the hall, or had no reason in it.
func (e *Error) Foreign() bool { return strings.HasPrefix(e.Code, foreign) }

// refusal reads the hall's error; what came from something else (a proxy, 413, 414, 431) gets a code of its own.
func refusal(status int, body []byte) *Error {
	var b ErrorBody
	if json.Unmarshal(body, &b) != nil || b.Error.Code == "" {
		b.Error = Error{Code: fmt.Sprintf(foreign+"%d", status), Message: http.StatusText(status)}
	}
	b.Error.Status = status
	return &b.Error
}

// path builds /api/v1/… and refuses an empty name, which would name another resource.
func path(parts ...string) (string, error) {
	var b strings.Builder
	b.WriteString("/api/v1")
	for _, p := range parts {
		if p == "" || p == "." || p == ".." {
			return "", fmt.Errorf("wire: %q is no name in a path", p)
		}
		b.WriteString("/" + url.PathEscape(p))
	}
	return b.String(), nil
}

const (
	retryFirst = 250 * time.Millisecond
	retryMax   = 5 * time.Second
)

func (r Retry) wait(n int) time.Duration {
	first, longest := r.First, r.Max
	if first <= 0 {
		first = retryFirst
	}
	if longest <= 0 {
		longest = retryMax
	}
	return backoff(n, first, longest)
}

// backoff doubles first n-1 times up to longest and takes a random share of it between one half and the whole, so that
// fifty kiosks and a thousand screens do not come back in the same instant.
func backoff(n int, first, longest time.Duration) time.Duration {
	d := first
	for i := 1; i < n && d < longest; i++ {
		d *= 2
	}
	d = min(d, longest)
	return d/2 + mathrand.N(d/2+1) // #nosec G404 -- spreads retries, is no secret
}

// sleep waits, or ends early with the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
