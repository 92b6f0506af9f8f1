package kiosk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Bounds of the page's requests.
const (
	bodyMax      = 16 << 10
	headerMax    = 16 << 10
	readTime     = 5 * time.Second
	writeTime    = 15 * time.Second
	idleTime     = 60 * time.Second
	eventTime    = 5 * time.Second // for one event; a page that takes none is let go
	shutdownTime = takeTime + time.Second
)

// serve answers the page until ctx ends, and returns when no request is left.
func (a *agent) serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler: a.guard(a.routes()), ReadTimeout: readTime, ReadHeaderTimeout: readTime, WriteTimeout: writeTime,
		IdleTimeout: idleTime, MaxHeaderBytes: headerMax, BaseContext: func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	select {
	case err := <-ended:
		return fmt.Errorf("kiosk: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := srv.Shutdown(last); err != nil {
		a.cfg.Log.Warn().Err(err).Msg("requests were cut off")
		_ = srv.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("kiosk: %w", err)
	}
	return nil
}

func (a *agent) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/kiosk", http.StatusFound) })
	mux.HandleFunc("GET /kiosk", a.page("kiosk.html", "no-cache"))
	mux.HandleFunc("GET /favicon.svg", a.page("favicon.svg", "no-cache"))
	mux.HandleFunc("GET /assets/{file...}", a.asset)
	mux.HandleFunc("GET /local/events", a.stream)
	mux.HandleFunc("GET /local/catalogue", a.catalogue)
	mux.HandleFunc("POST /local/tickets", a.take)
	mux.HandleFunc("GET /local/nearby", a.nearby)
	mux.HandleFunc("POST /local/tickets/{ticket}/reprint", a.reprint)
	mux.HandleFunc("POST /local/person", a.open)
	mux.HandleFunc("POST /local/appointment", a.look)
	mux.HandleFunc("POST /local/guide", a.callGuide)
	mux.HandleFunc("GET /local/speech", a.speak)
	mux.HandleFunc("POST /local/checklist", a.checklist)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { a.refuse(w, language(r, ""), notFound()) })
	return mux
}

// guard lets only this PC's own page in: another name in Host is a foreign page whose name was made to point here (DNS
// rebinding); another Origin is a foreign page that calls us by our own name.
func (a *agent) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; style-src 'self'; "+
			"object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'")
		if !a.ours(r.Host) || !sameOrigin(r) {
			http.Error(w, "only this kiosk's own page may ask", http.StatusForbidden)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyMax)
		next.ServeHTTP(w, r)
	})
}

func (a *agent) ours(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	return slices.Contains(a.hosts, strings.ToLower(strings.Trim(name, "[]")))
}

func sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}

// page serves one file of the built pages.
func (a *agent) page(name, cache string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		info, err := fs.Stat(a.cfg.Pages, name)
		if err != nil || info.IsDir() {
			a.refuse(w, language(r, ""), notFound())
			return
		}
		w.Header().Set("Cache-Control", cache)
		http.ServeFileFS(w, r, a.cfg.Pages, name)
	}
}

// asset serves files whose names carry a hash of their content.
func (a *agent) asset(w http.ResponseWriter, r *http.Request) {
	name := "assets/" + r.PathValue("file")
	if !fs.ValidPath(name) {
		a.refuse(w, language(r, ""), notFound())
		return
	}
	a.page(name, "public, max-age=31536000, immutable")(w, r)
}

// stream is the page's event stream. Its writes have a deadline each, so a page that does not read is let go.
func (a *agent) stream(w http.ResponseWriter, r *http.Request) {
	p, err := a.events.subscribe()
	if err != nil {
		a.refuse(w, language(r, ""), notReady())
		return
	}
	defer p.leave()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Time{}) // a deadline of reading would end the stream
	t := time.NewTicker(heartbeat)
	defer t.Stop()
	for {
		var out []byte
		select {
		case <-r.Context().Done():
			return
		case <-t.C:
			out = []byte(": beat\n\n")
		case <-p.wake:
			for _, e := range p.take() {
				out = fmt.Appendf(out, "event: %s\ndata: %s\n\n", e.name, e.data)
			}
		}
		_ = rc.SetWriteDeadline(time.Now().Add(a.cfg.eventTime))
		if _, err := w.Write(out); err != nil {
			return
		}
		if err := rc.Flush(); err != nil {
			return
		}
	}
}
