// Package enrol lets a device into the hall: a device without a token shows a short code on its screen, the system
// administrator approves it at /admin, and the device gets a token of its own, which it keeps in a file that only its
// owner can read. Used by the commands kiosk and display. Token owns the page that shows the code and has ended it when it
// returns; Forward owns its own.
package enrol

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"

	"yitang/server/wire"
)

// fileMode of a token: whoever reads it is the device.
const fileMode = 0o600

// Config is a device that wants in.
type Config struct {
	Hall   *wire.Client // without a token
	Ask    wire.EnrolmentRequest
	File   string // keeps the token
	Listen string // where this PC's browser shows the code; empty = only the log does
	Log    zerolog.Logger
}

// Token returns the device's token: the kept one unless the hall knows it no more, else that of a new enrolment, for which
// it waits as long as ctx lasts. A hall that is away is believed to know the kept one, so that a kiosk can start without it.
func Token(ctx context.Context, c Config) (string, error) {
	kept, err := read(c.File)
	if err != nil {
		return "", err
	}
	if kept != "" {
		_, err := c.Hall.WithToken(kept).WhoAmI(ctx)
		if !Revoked(err) {
			return kept, nil
		}
		c.Log.Warn().Msg("the hall knows this device's token no more: it has to be let in anew")
		if err := os.Remove(c.File); err != nil {
			return "", fmt.Errorf("enrol: %w", err)
		}
	}
	return c.admit(ctx)
}

// Revoked says whether the hall refused a token.
func Revoked(err error) bool {
	var refused *wire.Error
	return errors.As(err, &refused) && refused.Status == http.StatusUnauthorized
}

func (c *Config) admit(ctx context.Context) (string, error) {
	shown, stop, err := c.page(ctx)
	if err != nil {
		return "", err
	}
	defer stop()
	in, err := c.Hall.Admit(ctx, c.Ask, func(code string, err error) {
		shown.set(code, err)
		if ctx.Err() != nil { // it is being stopped
			return
		}
		if err != nil {
			c.Log.Warn().Err(err).Msg("the hall gives this device no code")
			return
		}
		c.Log.Info().Str("code", code).Str("device", c.Ask.Name).Msg("waiting to be let in: approve this code at " + c.Hall.BaseURL + "/admin")
	})
	if err != nil {
		return "", err
	}
	c.Log.Info().Str("device", in.Device).Msg("let in")
	return in.Token, keep(c.File, in.Token)
}

// read returns the kept token, or nothing. One that others can read is refused.
func read(path string) (string, error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("enrol: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("enrol: others can read the token in %s: revoke the device at /admin and remove the file", path)
	}
	b, err := os.ReadFile(path) // #nosec G304 -- the device's own folder
	if err != nil {
		return "", fmt.Errorf("enrol: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// keep writes the token whole or not at all.
func keep(path, token string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".token-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	_, err = f.WriteString(token + "\n")
	if err := errors.Join(err, f.Chmod(fileMode), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	return nil
}
