package enrol

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

//go:embed waiting.html waiting.css
var files embed.FS

// Bounds of the page, which only this PC's browser asks for.
const (
	readTime  = 5 * time.Second
	writeTime = 10 * time.Second
	idleTime  = 30 * time.Second
	maxHeader = 8 << 10
)

// notice is what the page shows.
type notice struct {
	mu   sync.Mutex
	data struct{ Code, Device, Hall, Problem string }
}

func (n *notice) set(code string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.data.Code, n.data.Problem = code, ""
	if err != nil {
		n.data.Problem = "大厅系统没有给出代码，正在重试。"
	}
}

// page shows the code until stop, wherever the browser looks: it asks again by itself, and finds the device's own page there
// once the device works.
func (c *Config) page(ctx context.Context) (*notice, func(), error) {
	n := &notice{}
	n.data.Device, n.data.Hall, n.data.Problem = c.Ask.Name, c.Hall.BaseURL, "正在联系大厅系统。"
	if c.Listen == "" {
		return n, func() {}, nil
	}
	text, err := template.ParseFS(files, "waiting.html")
	if err != nil {
		return nil, nil, fmt.Errorf("enrol: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /waiting.css", http.FileServerFS(files))
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		n.mu.Lock()
		data := n.data
		n.mu.Unlock()
		w.Header().Set("Cache-Control", "no-store")
		_ = text.Execute(w, data) // the browser has gone
	})
	stop, err := serve(ctx, c.Listen, mux)
	return n, stop, err
}

// Forward leads this PC's browser to a page of the hall, until ctx ends.
func Forward(ctx context.Context, listen, to string) error {
	stop, err := serve(ctx, listen, http.RedirectHandler(to, http.StatusFound))
	if err != nil {
		return err
	}
	<-ctx.Done()
	stop()
	return nil
}

// serve answers this PC's own browser until stop, which waits for the end.
func serve(ctx context.Context, listen string, h http.Handler) (stop func(), err error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("enrol: cannot listen on %s: %w; choose another address for this PC's page", listen, err)
	}
	s := &http.Server{Handler: guard(h), ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			_ = ln.Close()
		}
	}()
	return func() {
		_ = s.Close()
		<-ended
	}, nil
}

// guard answers under this PC's own names only: another one in Host is a foreign page whose name was made to point here.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "only this PC's own browser may ask", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'")
		next.ServeHTTP(w, r)
	})
}
