package halltest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"yitang/server/wire"
)

// Request is one request to the hall.
type Request struct {
	Method, Path string
	Token        string // empty sends none
	Key          string // Idempotency-Key; empty sends none
	Body         any    // nil sends none, a string is sent as it is, anything else as JSON
	Header       http.Header
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// client is shared, so that 80 callers at once keep their connections.
func client() *http.Client {
	return &http.Client{Timeout: 60 * time.Second, Transport: shared}
}

//nolint:gochecknoglobals // a connection pool, as in net/http itself
var shared = &http.Transport{MaxIdleConnsPerHost: 128, IdleConnTimeout: 10 * time.Second}

// Send sends a request and fails the test when nothing comes back.
func (h *Hall) Send(r Request) Answer {
	h.Helper()
	a, err := h.Try(r)
	if err != nil {
		h.Fatalf("%s %s: %v", r.Method, r.Path, err)
	}
	return a
}

// Try sends a request. It may be called from any goroutine.
func (h *Hall) Try(r Request) (Answer, error) {
	req, err := http.NewRequest(r.Method, h.URL+r.Path, body(r.Body))
	if err != nil {
		return Answer{}, err
	}
	for name, values := range r.Header {
		req.Header[name] = values
	}
	if r.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.Token != "" {
		req.Header.Set("Authorization", "Bearer "+r.Token)
	}
	if r.Key != "" {
		req.Header.Set("Idempotency-Key", r.Key)
	}
	res, err := client().Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return Answer{Status: res.StatusCode, Header: res.Header, Body: b}, err
}

func body(v any) io.Reader {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return bytes.NewReader(b)
}

// Post posts and fails the test unless the answer has the status.
func (h *Hall) Post(status int, token, path, key string, body any) Answer {
	h.Helper()
	a := h.Send(Request{Method: http.MethodPost, Path: path, Token: token, Key: key, Body: body})
	if a.Status != status {
		h.Fatalf("POST %s %v: %d %s, want %d", path, body, a.Status, a.Body, status)
	}
	return a
}

// Get gets and fails the test unless the answer has the status.
func (h *Hall) Get(status int, token, path string) Answer {
	h.Helper()
	a := h.Send(Request{Method: http.MethodGet, Path: path, Token: token})
	if a.Status != status {
		h.Fatalf("GET %s: %d %s, want %d", path, a.Status, a.Body, status)
	}
	return a
}

// Code is the error's code, or empty when the body has not the one shape of every error.
func (a Answer) Code() string {
	dec := json.NewDecoder(bytes.NewReader(a.Body))
	dec.DisallowUnknownFields()
	var e wire.ErrorBody
	if dec.Decode(&e) != nil || e.Error.Message == "" {
		return ""
	}
	return e.Error.Code
}

// Into reads the body's JSON.
func Into[T any](h *Hall, a Answer) T {
	h.Helper()
	var v T
	if err := json.Unmarshal(a.Body, &v); err != nil {
		h.Fatalf("%s: %v", a.Body, err)
	}
	return v
}
