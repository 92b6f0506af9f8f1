package city

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"mime"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"yitang/city/outbox"
	"yitang/server/account"
	"yitang/server/hall"
)

// Bounds of the pages' server.
const (
	maxBody      = 16 << 20 // a catalogue of five thousand matters
	readTimeout  = 30 * time.Second
	writeTimeout = 5 * time.Minute // of a report over a thousand halls
	idleTimeout  = 2 * time.Minute
	sessionFor   = 30 * time.Minute // without an act
	cookieName   = "yitang_city"
)

// policy is what pages may load: nothing from elsewhere.
const policy = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"

// refusal is an error that a person is meant to read.
type refusal struct {
	status  int
	code    string
	message string
}

func (r refusal) Error() string { return r.code + ": " + r.message }

// serve answers requests until ctx ends.
func (t *City) serve(ctx context.Context, ln net.Listener) error {
	s := &http.Server{Handler: t.routes(), ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, TLSConfig: t.c.TLS,
		BaseContext: func(net.Listener) context.Context { return ctx }}
	ended := make(chan error, 1)
	go func() {
		if t.c.TLS != nil {
			ended <- s.ServeTLS(ln, "", "")
		} else {
			ended <- s.Serve(ln)
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(s.Shutdown(stop), ignoreClosed(<-ended))
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// routes is the city's API and its page.
func (t *City) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/sessions", t.plain(t.login))
	mux.HandleFunc("GET /api/v1/session", t.guarded(func(*http.Request) (any, error) { return map[string]string{"city": t.register.Load().Name}, nil }))
	mux.HandleFunc("DELETE /api/v1/session", t.logout)
	mux.HandleFunc("GET /api/v1/halls", t.guarded(func(*http.Request) (any, error) { return t.glance(), nil }))
	mux.HandleFunc("GET /api/v1/period", t.guarded(t.period))
	mux.HandleFunc("GET /api/v1/runonce", t.guarded(t.runonce))
	mux.HandleFunc("GET /api/v1/standard", t.guarded(t.getStandard))
	mux.HandleFunc("POST /api/v1/standard", t.guarded(t.putStandard))
	mux.HandleFunc("GET /api/v1/openapi.json", func(w http.ResponseWriter, _ *http.Request) { writeBytes(w, "application/json", openAPI()) })
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeBytes(w, "text/plain", []byte("ok\n")) })
	mux.HandleFunc("GET /readyz", t.plain(t.ready))
	mux.HandleFunc("GET /assets/", t.asset)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { t.file(w, "city.html", "no-cache") })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, refusal{http.StatusNotFound, "not_found", "没有这个地址。"})
	})
	return mux
}

func writeBytes(w http.ResponseWriter, kind string, b []byte) {
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(b) // #nosec G705 -- a built page or a report, under its own type; the client may have gone
}

func (t *City) asset(w http.ResponseWriter, r *http.Request) {
	t.file(w, strings.TrimPrefix(path.Clean(r.URL.Path), "/"), "public, max-age=31536000, immutable")
}

func (t *City) file(w http.ResponseWriter, name, cache string) {
	b, err := fs.ReadFile(t.c.Pages, name)
	if err != nil {
		fail(w, refusal{http.StatusNotFound, "no_page", "没有这个页面。若页面尚未构建，请运行 make run。"})
		return
	}
	w.Header().Set("Cache-Control", cache)
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	writeBytes(w, mime.TypeByExtension(path.Ext(name)), b)
}

// plain writes what a handler returns, or its error.
func (t *City) plain(h func(w http.ResponseWriter, r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		out, err := h(w, r)
		if err != nil {
			t.failed(w, r, err)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(out)
	}
}

// guarded is plain for whoever is logged in.
func (t *City) guarded(h func(r *http.Request) (any, error)) http.HandlerFunc {
	return t.plain(func(_ http.ResponseWriter, r *http.Request) (any, error) {
		if !t.sessions.knows(tokenOf(r)) {
			return nil, refusal{http.StatusUnauthorized, "not_logged_in", "请先登录。"}
		}
		if r.Method != http.MethodGet && r.Header.Get("Sec-Fetch-Site") == "cross-site" {
			return nil, refusal{http.StatusForbidden, "forbidden", "请求来自别的网站。"}
		}
		return h(r)
	})
}

func (t *City) failed(w http.ResponseWriter, r *http.Request, err error) {
	var no refusal
	if !errors.As(err, &no) {
		t.c.Log.Error().Err(err).Str("path", r.URL.Path).Msg("a request failed")
		no = refusal{http.StatusInternalServerError, "internal", "服务器出错，请稍后再试；若仍不行，请查看日志。"}
	}
	fail(w, no)
}

func fail(w http.ResponseWriter, r refusal) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(r.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": r.code, "message": r.message}})
}

func tokenOf(r *http.Request) string {
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return t
	}
	if c, err := r.Cookie(cookieName); err == nil {
		return c.Value
	}
	return ""
}

func (t *City) login(w http.ResponseWriter, r *http.Request) (any, error) {
	var in struct{ User, Password string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, refusal{http.StatusUnprocessableEntity, "invalid", "请求不是 JSON：" + err.Error()}
	}
	if !t.sessions.mayTry(in.User, time.Now()) {
		return nil, refusal{http.StatusTooManyRequests, "locked", "密码连续输错，请 15 分钟后再试。"}
	}
	u, known := t.register.Load().Users[in.User]
	if !account.CheckPassword(u.Password, in.Password) || !known {
		t.sessions.failed(in.User, time.Now())
		return nil, refusal{http.StatusUnauthorized, "wrong_password", "用户名或密码不对。"}
	}
	token := account.NewToken()
	t.sessions.add(token, in.User)
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: t.c.TLS != nil}) // #nosec G124 -- Secure wherever the city speaks TLS
	w.WriteHeader(http.StatusCreated)
	return map[string]string{"token": token}, nil
}

func (t *City) logout(w http.ResponseWriter, r *http.Request) {
	t.sessions.drop(tokenOf(r))
	http.SetCookie(w, &http.Cookie{Name: cookieName, Path: "/", MaxAge: -1, HttpOnly: true}) // #nosec G124 -- it only ends the session
	w.WriteHeader(http.StatusNoContent)
}

func (t *City) ready(_ http.ResponseWriter, r *http.Request) (any, error) {
	if _, err := t.ledger.Size(r.Context()); err != nil {
		return nil, refusal{http.StatusServiceUnavailable, "no_database", "数据库暂时连不上。"}
	}
	if !t.nc.IsConnected() {
		return nil, refusal{http.StatusServiceUnavailable, "no_line", "消息服务暂时连不上。"}
	}
	behind, err := t.intake.Behind(r.Context())
	return map[string]uint64{"behind": behind}, err
}

func (t *City) period(r *http.Request) (any, error) {
	from, to, err := days(r)
	if err != nil {
		return nil, err
	}
	return t.ledger.ByHall(r.Context(), from, to)
}

// days are ?from and ?to.
func days(r *http.Request) (from, to hall.Day, err error) {
	q := r.URL.Query()
	for _, name := range []string{"from", "to"} {
		if _, err := time.Parse(time.DateOnly, q.Get(name)); err != nil {
			return "", "", refusal{http.StatusUnprocessableEntity, "invalid", name + "：请写 YYYY-MM-DD 格式的日期。"}
		}
	}
	if from, to = hall.Day(q.Get("from")), hall.Day(q.Get("to")); to < from {
		return "", "", refusal{http.StatusUnprocessableEntity, "invalid", "to：期末早于期初。"}
	}
	return from, to, nil
}

// standardState is the catalogue as the page edits it.
type standardState struct {
	Current  *outbox.Standard  `json:"current"` // null before the first
	Versions []outbox.Standard `json:"versions"`
}

func (t *City) getStandard(r *http.Request) (any, error) {
	s, _, err := t.catalogue(r.Context())
	if err != nil {
		return nil, err
	}
	versions, err := t.versions(r.Context())
	return standardState{s, versions}, err
}

func (t *City) putStandard(r *http.Request) (any, error) {
	var in struct {
		Base    int           `json:"base"`
		From    hall.Day      `json:"from"`
		Note    string        `json:"note"`
		Matters []hall.Matter `json:"matters"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, refusal{http.StatusUnprocessableEntity, "invalid", "请求不是目录的 JSON：" + err.Error()}
	}
	s := &outbox.Standard{From: in.From, Note: in.Note, Matters: in.Matters}
	if err := CheckStandard(s); err != nil {
		return nil, refusal{http.StatusUnprocessableEntity, "invalid", err.Error()}
	}
	if err := t.publish(r.Context(), s, in.Base); errors.Is(err, errStale) {
		return nil, refusal{http.StatusConflict, "catalogue_changed", err.Error()}
	} else if err != nil {
		return nil, err
	}
	return s, nil
}

// sessions are who is logged in, and who guesses.
type sessions struct {
	mu    sync.Mutex
	seen  map[[sha256.Size]byte]time.Time
	tries map[string]tries
}

type tries struct {
	n    int
	last time.Time
}

// Bounds of guessing and of sessions.
const (
	maxTries    = 5
	lockFor     = 15 * time.Minute
	maxSessions = 10_000
)

func newSessions() *sessions {
	return &sessions{seen: map[[sha256.Size]byte]time.Time{}, tries: map[string]tries{}}
}

func (s *sessions) knows(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := sha256.Sum256([]byte(token))
	seen, ok := s.seen[k]
	if !ok || time.Since(seen) > sessionFor {
		delete(s.seen, k)
		return false
	}
	s.seen[k] = time.Now()
	return true
}

func (s *sessions) add(token, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, seen := range s.seen {
		if time.Since(seen) > sessionFor || len(s.seen) >= maxSessions {
			delete(s.seen, k)
		}
	}
	s.seen[sha256.Sum256([]byte(token))] = time.Now()
	delete(s.tries, user)
}

func (s *sessions) drop(token string) {
	s.mu.Lock()
	delete(s.seen, sha256.Sum256([]byte(token)))
	s.mu.Unlock()
}

func (s *sessions) mayTry(user string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tries[user]
	return t.n < maxTries || now.Sub(t.last) > lockFor
}

func (s *sessions) failed(user string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tries) > maxSessions {
		clear(s.tries)
	}
	t := s.tries[user]
	if now.Sub(t.last) > lockFor {
		t.n = 0
	}
	s.tries[user] = tries{t.n + 1, now}
}
