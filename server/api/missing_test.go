package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"yitang/server/halltest"
)

// TestAMistypedAddress: a browser gets a page that says so, a program gets JSON; below /api both get JSON.
func TestAMistypedAddress(t *testing.T) {
	h := halltest.Make(t, 1)
	h.Pages = fstest.MapFS{"missing.html": {Data: []byte("<html><body>没有这个页面</body></html>")}, "assets/favicon-1.svg": {Data: []byte("<svg/>")}}
	h.Start()
	const browser, program = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "*/*"
	for _, tt := range []struct {
		method, path, accept string
		status               int
		kind                 string
	}{
		{"GET", "/nope", browser, 404, "text/html; charset=utf-8"},
		{"GET", "/manager/nope", browser, 404, "text/html; charset=utf-8"},
		{"HEAD", "/nope", browser, 404, "text/html; charset=utf-8"},
		{"GET", "/nope", program, 404, "application/json"},
		{"GET", "/nope", "application/json", 404, "application/json"},
		{"GET", "/api/v1/nope", browser, 404, "application/json"},
		{"GET", "/assets/nope.js", browser, 404, "application/json"},
		{"GET", "/favicon.ico", browser, 200, "image/svg+xml"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, h.URL+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", tt.accept)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if got := res.Header.Get("Content-Type"); res.StatusCode != tt.status || got != tt.kind {
			t.Errorf("%s %s for %s: %d %s", tt.method, tt.path, tt.accept, res.StatusCode, got)
		}
		if tt.kind == "application/json" && !strings.Contains(string(body), `"code":"`) {
			t.Errorf("%s: %s", tt.path, body)
		}
	}
}
