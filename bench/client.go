package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	requestTime = 30 * time.Second
	maxAnswer   = 1 << 20
)

// client speaks HTTP on kept connections, one for each worker.
type client struct {
	*http.Client
	base string
}

func newHTTP(addr string, connections int) *client {
	return &client{base: "http://" + addr, Client: &http.Client{Timeout: requestTime,
		Transport: &http.Transport{MaxIdleConns: connections + 1, MaxIdleConnsPerHost: connections + 1, MaxConnsPerHost: connections + 1}}}
}

// post sends one request and reads its whole answer. Any status above 299 is an error.
func (c *client) post(ctx context.Context, path, token, key string, in, out any) (status int, err error) {
	var body []byte
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			return 0, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := c.Do(req)
	if err != nil {
		return 0, fmt.Errorf("bench: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return 0, fmt.Errorf("bench: %s: %w", path, err)
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return res.StatusCode, fmt.Errorf("bench: %s: %s: %s", path, res.Status, answer)
	}
	if out == nil || len(answer) == 0 {
		return res.StatusCode, nil
	}
	return res.StatusCode, json.Unmarshal(answer, out)
}
