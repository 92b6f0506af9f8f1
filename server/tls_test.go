package server_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"yitang/server/account"
	"yitang/server/cert"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestDevicesBelieveTheHallsAuthority asks and follows a hall over TLS: who was given the authority's certificate can,
// who was not cannot.
func TestDevicesBelieveTheHallsAuthority(t *testing.T) {
	h := halltest.Make(t, 1)
	var err error
	if h.TLS, err = cert.Config(h.Dir, cert.Fixed("127.0.0.1"), time.Now); err != nil {
		t.Fatal(err)
	}
	h.Start()
	trust, err := cert.Trust(filepath.Join(h.Dir, cert.CAFile))
	if err != nil {
		t.Fatal(err)
	}
	screen := wire.New(h.URL, h.Tokens[account.Screen])
	if _, err := screen.Catalogue(t.Context()); !errors.Is(err, wire.ErrNoAnswer) {
		t.Errorf("a device that was told nothing: %v", err)
	}
	screen = screen.WithTLS(trust)
	if _, err := screen.Catalogue(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	boards := 0
	err = screen.WatchBoard(ctx, "hall-1", func(wire.Board) { boards++; stop() })
	if !errors.Is(err, context.Canceled) || boards == 0 {
		t.Errorf("%d boards, %v", boards, err)
	}
}
