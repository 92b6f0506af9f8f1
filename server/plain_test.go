package server_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"yitang/server/cert"
	"yitang/server/halltest"
)

// TestPlainHTTPWhereTLSIsSpoken: whoever leaves the s away is told, or sent on; TLS goes on beside it, and so does a stop.
func TestPlainHTTPWhereTLSIsSpoken(t *testing.T) {
	h := halltest.Make(t, 1)
	var err error
	if h.TLS, err = cert.Config(h.Dir, cert.Fixed("127.0.0.1"), time.Now); err != nil {
		t.Fatal(err)
	}
	h.Start()
	at := strings.TrimPrefix(h.URL, "https://")
	for name, c := range map[string]struct{ says, want string }{
		"a page":                  {"GET /window?lang=zh HTTP/1.1\r\nHost: hall.lan:8443\r\n\r\n", "HTTP/1.1 307 Temporary Redirect\r\n|Location: https://hall.lan:8443/window?lang=zh\r\n"},
		"a head":                  {"HEAD /healthz HTTP/1.1\r\nHost: " + at + "\r\n\r\n", "HTTP/1.1 307 |Location: https://" + at + "/healthz\r\n"},
		"an act":                  {"POST /api/v1/tickets HTTP/1.1\r\nHost: " + at + "\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 400 Bad Request\r\n|This is https"},
		"a host that is none":     {"GET / HTTP/1.1\r\nHost: evil.example/x\r\n\r\n", "HTTP/1.1 400 |This is https"},
		"no host":                 {"GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 400 |This is https"},
		"a word that is not HTTP": {"HELLO\r\n\r\n", "HTTP/1.1 400 |This is https"},
		"half a request":          {"GET / HT", "HTTP/1.1 400 |This is https"}, // after the time that one has
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", at)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, c.says); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(conn)
			for _, want := range strings.Split(c.want, "|") {
				if err != nil || !strings.Contains(string(got), want) {
					t.Errorf("%v, no %q in %q", err, want, got)
				}
			}
		})
	}
}
