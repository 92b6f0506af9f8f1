package city

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"yitang/city/outbox"
	"yitang/server/cert"
)

// Client publishes catalogues from the command line.
type Client struct {
	URL      string
	CA       string // file of the authority that the pages' certificate is by; empty = the system's
	User     string
	Password string
}

// clientWithin bounds one request.
const clientWithin = time.Minute

// Publish makes a catalogue the city's newest and returns its version.
func (c Client) Publish(ctx context.Context, s *outbox.Standard) (int, error) {
	h := &http.Client{Timeout: clientWithin}
	if c.CA != "" {
		trust, err := cert.Trust(c.CA)
		if err != nil {
			return 0, err
		}
		h.Transport = &http.Transport{TLSClientConfig: trust}
	}
	var session struct{ Token string }
	if err := c.do(ctx, h, http.MethodPost, "/api/v1/sessions", "", map[string]string{"user": c.User, "password": c.Password}, &session); err != nil {
		return 0, err
	}
	var state StandardState
	if err := c.do(ctx, h, http.MethodGet, "/api/v1/standard", session.Token, nil, &state); err != nil {
		return 0, err
	}
	base := 0
	if state.Current != nil {
		base = state.Current.Version
	}
	var made outbox.Standard
	err := c.do(ctx, h, http.MethodPost, "/api/v1/standard", session.Token,
		map[string]any{"base": base, "from": s.From, "note": s.Note, "matters": s.Matters}, &made)
	return made.Version, err
}

func (c Client) do(ctx context.Context, h *http.Client, method, path, token string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("city: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("city: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := h.Do(req)
	if err != nil {
		return fmt.Errorf("city: %w; --city names the address of the city's pages", err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return fmt.Errorf("city: %w", err)
	}
	if res.StatusCode >= 300 {
		var no struct{ Error struct{ Message string } }
		_ = json.Unmarshal(data, &no)
		return fmt.Errorf("city: %s: %s", res.Status, no.Error.Message)
	}
	return json.Unmarshal(data, out)
}
