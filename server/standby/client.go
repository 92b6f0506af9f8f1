package standby

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"yitang/server/wire"
)

// Bounds of the line to the primary.
const (
	dialTime    = 3 * time.Second
	askTime     = 5 * time.Second
	journalTime = 30 * time.Second
	copyTime    = 30 * time.Minute
	maxShipment = 512 << 20 // bytes; a commit travels whole
	maxRefusal  = 64 << 10
)

// Server is another server of the same hall.
type Server struct {
	URL   string
	Token string // of a device with the role standby
	http  *http.Client
}

// NewServer speaks to a server over the hall's certificates; nil trusts the system's.
func NewServer(base, token string, trust *tls.Config) *Server {
	dialer := &net.Dialer{Timeout: dialTime}
	return &Server{URL: base, Token: token, http: &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext,
		TLSHandshakeTimeout: dialTime, TLSClientConfig: trust, MaxIdleConnsPerHost: 2}}}
}

// State asks which server it is.
func (s *Server) State(ctx context.Context) (wire.ServerState, error) {
	ctx, stop := context.WithTimeout(ctx, askTime)
	defer stop()
	var out wire.ServerState
	err := s.ask(ctx, http.MethodGet, "/api/v1/standby", nil, &out)
	return out, err
}

// Fence tells it that another server takes the hall over.
func (s *Server) Fence(ctx context.Context, f wire.Fence) (wire.Fenced, error) {
	ctx, stop := context.WithTimeout(ctx, askTime)
	defer stop()
	var out wire.Fenced
	err := s.ask(ctx, http.MethodPost, "/api/v1/standby/fence", f, &out)
	return out, err
}

// Journal asks for what follows a cursor; nil when there was nothing new.
func (s *Server) Journal(ctx context.Context, c wire.Cursor) ([]byte, error) {
	ctx, stop := context.WithTimeout(ctx, journalTime)
	defer stop()
	q := url.Values{"seq": {strconv.FormatUint(c.Seq, 10)}, "hash": {c.Hash}, "place": {strconv.FormatUint(c.Place, 10)},
		"side": {c.Side}, "address": {c.Address}, "wait_ms": {strconv.Itoa(c.WaitMS)}}
	return s.send(ctx, http.MethodGet, "/api/v1/standby/journal?"+q.Encode(), nil)
}

// Fetch copies the primary's folder of one moment into an empty one, each file held against its checksum.
func (s *Server) Fetch(ctx context.Context, into string, progress func(done, all int64)) error {
	ctx, stop := context.WithTimeout(ctx, copyTime)
	defer stop()
	var c wire.StandbyCopy
	if err := s.ask(ctx, http.MethodPost, "/api/v1/standby/copy", nil, &c); err != nil {
		return err
	}
	if len(c.Files) > maxCopyFile {
		return fmt.Errorf("standby: a copy of %d files", len(c.Files))
	}
	var all, done int64
	for _, n := range c.Sizes {
		all += n
	}
	for name, sum := range c.Files {
		if !filepath.IsLocal(name) {
			return fmt.Errorf("standby: the primary names a file %q outside its folder", name)
		}
		err := s.fetch(ctx, c, name, filepath.Join(into, name), sum, func(n int) { done += int64(n); progress(done, all) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) fetch(ctx context.Context, c wire.StandbyCopy, name, path, sum string, got func(int)) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("standby: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // #nosec G304 -- Fetch has refused names that lead out of the folder
	if err != nil {
		return fmt.Errorf("standby: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	for at := int64(0); at < c.Sizes[name]; {
		q := url.Values{"id": {c.ID}, "file": {name}, "offset": {strconv.FormatInt(at, 10)}}
		data, err := s.send(ctx, http.MethodGet, "/api/v1/standby/copy?"+q.Encode(), nil)
		if err != nil {
			return err
		}
		h.Write(data)
		if _, err := f.Write(data); err != nil {
			return fmt.Errorf("standby: %w", err)
		}
		at += int64(len(data))
		got(len(data))
	}
	if hex.EncodeToString(h.Sum(nil)) != sum {
		return fmt.Errorf("standby: %s arrived damaged; start again", name)
	}
	return errors.Join(f.Sync(), f.Close())
}

func (s *Server) ask(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	data, err := s.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, out)
}

// send gives the body of a good answer; nil when there is none. A refusal is a *wire.Error.
func (s *Server) send(ctx context.Context, method, path string, body io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, body)
	if err != nil {
		return nil, fmt.Errorf("standby: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := s.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("standby: %w", err)
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNoContent:
		return nil, nil
	case res.StatusCode > 299:
		b, _ := io.ReadAll(io.LimitReader(res.Body, maxRefusal)) // what arrived will do
		return nil, refused(res.StatusCode, b)
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, maxShipment))
	if err != nil {
		return nil, fmt.Errorf("standby: %w", err)
	}
	return data, nil
}

func refused(status int, body []byte) error {
	var b wire.ErrorBody
	if json.Unmarshal(body, &b) != nil || b.Error.Code == "" {
		b.Error = wire.Error{Code: fmt.Sprintf("http_%d", status), Message: http.StatusText(status)}
	}
	b.Error.Status = status
	return &b.Error
}
