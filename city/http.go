package city

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"mime"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"yitang/server/hall"
)

// Bounds of the pages' server.
const (
	maxBody      = 16 << 20 // a catalogue of five thousand matters
	maxOpenBody  = 64 << 10 // of who has not said who it is
	readTimeout  = 30 * time.Second
	writeTimeout = 5 * time.Minute // of a report over a thousand halls
	idleTimeout  = 2 * time.Minute
	cookieName   = "yitang_city"
	// What a page asks by itself, without anybody at it, does not keep a session alive.
	backgroundHeader = "X-Yitang-Background"
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
	s := &http.Server{Handler: t.handler(), ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, TLSConfig: t.c.TLS,
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

// handler is everything that the city answers: the table's rows and the pages.
func (t *City) handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range t.routes() {
		if r.handle == nil { // the login, which sets a cookie
			mux.HandleFunc(r.method+" "+r.path, t.reply(&r, t.login))
			continue
		}
		mux.HandleFunc(r.method+" "+r.path, t.reply(&r, func(_ http.ResponseWriter, req *http.Request) (any, error) {
			who, err := t.let(&r, req)
			if err != nil {
				return nil, err
			}
			return r.handle(req, who)
		}))
	}
	mux.HandleFunc("GET /assets/", t.asset)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { t.page(w, "city.html", "no-cache") })
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, refusal{http.StatusNotFound, "not_found", "没有这个地址。"})
	})
	return mux
}

// let says who asks, or why they may not.
func (t *City) let(r *route, req *http.Request) (*caller, error) {
	if r.roles == nil {
		return nil, nil
	}
	who, err := t.who(req.Context(), tokenOf(req), req.Header.Get(backgroundHeader) == "")
	switch {
	case err != nil:
		return nil, err
	case who == nil:
		return nil, errNobody
	case req.Method != http.MethodGet && req.Header.Get("Sec-Fetch-Site") == "cross-site":
		return nil, refusal{http.StatusForbidden, "forbidden", "请求来自别的网站。"}
	case who.MustChange && !r.door:
		return nil, errChange
	case !slices.Contains(r.roles, who.Can()):
		return nil, errRole
	}
	return who, nil
}

// reply writes what a handler returns, or its error.
func (t *City) reply(row *route, h func(w http.ResponseWriter, r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		most := int64(maxBody)
		if row.roles == nil {
			most = maxOpenBody
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		out, err := h(w, r)
		if err != nil {
			t.failed(w, r, err)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if f, ok := out.(file); ok {
			if f.name != "" {
				w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
			}
			writeBytes(w, f.kind, f.body)
			return
		}
		if row.status != http.StatusNoContent {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
		}
		w.WriteHeader(row.status)
		if row.status != http.StatusNoContent {
			_ = json.NewEncoder(w).Encode(out)
		}
	}
}

func writeBytes(w http.ResponseWriter, kind string, b []byte) {
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(b) // #nosec G705 -- a built page or a report, under its own type; the client may have gone
}

func (t *City) asset(w http.ResponseWriter, r *http.Request) {
	t.page(w, strings.TrimPrefix(path.Clean(r.URL.Path), "/"), "public, max-age=31536000, immutable")
}

// page sends a built page or what belongs to it.
func (t *City) page(w http.ResponseWriter, name, cache string) {
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

// Ready says how far the intake is.
type Ready struct {
	Behind uint64 `json:"behind"` // letters that wait
}

func (t *City) ready(r *http.Request, _ *caller) (any, error) {
	if _, err := t.ledger.Size(r.Context()); err != nil {
		return nil, refusal{http.StatusServiceUnavailable, "no_database", "数据库暂时连不上。"}
	}
	if !t.nc.IsConnected() {
		return nil, refusal{http.StatusServiceUnavailable, "no_line", "消息服务暂时连不上。"}
	}
	behind, err := t.intake.Behind(r.Context())
	return Ready{behind}, err
}

func (t *City) period(r *http.Request, _ *caller) (any, error) {
	from, to, err := days(r)
	if err != nil {
		return nil, err
	}
	list, err := t.ledger.ByHall(r.Context(), from, to)
	return Period(list), err
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
