package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"yitang/enrol"
	"yitang/server/wire"
)

// errRevoked ends a device whose token the hall knows no more, so that it can ask to be let in anew.
var errRevoked = errors.New("the hall knows this device's token no more")

// entrance is how a device comes by its token.
type entrance struct {
	given string // on the command line; empty: the device has one of its own
	enrol enrol.Config
}

// entrance wants a folder for the token, unless one was given.
func (f hallFlags) entrance(trust *tls.Config, dir string, ask wire.EnrolmentRequest, page string, log zerolog.Logger) *entrance {
	file := ""
	if dir != "" {
		file = filepath.Join(dir, "token")
	}
	return &entrance{given: f.Token, enrol: enrol.Config{Hall: wire.New(f.Server, "").WithTLS(trust), Ask: ask, File: file, Listen: page, Log: log}}
}

// admitted runs the device with its token; when that is revoked and was the device's own, the device asks for another.
func (e *entrance) admitted(ctx context.Context, work func(ctx context.Context, token string, revoked func()) error) error {
	if e.given != "" {
		return work(ctx, e.given, func() {})
	}
	if e.enrol.File == "" {
		return errors.New("--token, or --dir to keep a token of its own in: this device has neither")
	}
	if err := os.MkdirAll(filepath.Dir(e.enrol.File), 0o700); err != nil {
		return fmt.Errorf("--dir: %w", err)
	}
	defer e.enrol.Hall.Close()
	for ctx.Err() == nil {
		token, err := enrol.Token(ctx, e.enrol)
		if err != nil {
			return ended(ctx, err)
		}
		inside, stop := context.WithCancelCause(ctx)
		err = work(inside, token, func() { stop(errRevoked) })
		gone := enrol.Revoked(err) || errors.Is(context.Cause(inside), errRevoked)
		stop(nil)
		if !gone {
			return err
		}
	}
	return nil
}

// ended is no error when it is how a device is told to stop.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
