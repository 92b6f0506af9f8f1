package town

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"yitang/city"
	"yitang/server/catalogue"
	"yitang/server/hall"
)

// publish makes the example's matters the city's first catalogue, by which its halls work from their first day on; a city that
// has one keeps it.
func (t *town) publish(ctx context.Context, at string) error {
	var who city.Session
	if err := call(ctx, at, "", "/sessions", map[string]string{"user": "editor", "password": Password}, &who); err != nil {
		return err
	}
	var now city.StandardState
	if err := call(ctx, at, who.Token, "/standard", nil, &now); err != nil || now.Current != nil {
		return err
	}
	l, err := catalogue.Example()
	if err != nil {
		return err
	}
	first := city.Publication{From: hall.Day(t.Now().AddDate(0, 0, -t.Days).Format(time.DateOnly)), Note: "首版目录（示例）", Matters: l.Matters}
	return call(ctx, at, who.Token, "/standard", first, nil)
}

// call asks the city's own interface; with a body it posts.
func call(ctx context.Context, at, token, path string, in, out any) error {
	method, body := http.MethodGet, io.Reader(nil)
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		method, body = http.MethodPost, bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, at+"/api/v1"+path, body)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("demo: the city: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusBadRequest {
		said, _ := io.ReadAll(io.LimitReader(res.Body, 1<<10))
		return fmt.Errorf("demo: the city answers %s: %s", res.Status, said)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(out)
}
