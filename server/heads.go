package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"yitang/db"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/heads"
)

const headLook = 5 * time.Second

// HeadsFile is what the signed heads are called in a folder to which they are exported.
const HeadsFile = "heads.jsonl"

// signer signs the journal's head once for each business day, when it has ended, and exports all heads to a folder.
type signer struct {
	data *db.DB
	eng  *engine.Engine
	key  heads.Signer
	to   string // folder; empty exports nothing
	log  zerolog.Logger
}

func (s *signer) run(ctx context.Context) error {
	tick := time.NewTicker(headLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := s.look(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, engine.ErrMoved) {
				s.log.Error().Err(err).Msg("daily head")
			}
		}
	}
}

// look signs when a day has ended since the last signature.
func (s *signer) look(ctx context.Context) error {
	ended, err := s.data.Unsigned(ctx, s.eng.View().Open)
	if err != nil || ended == "" {
		return err
	}
	seq, hash, err := s.data.HeadNow(ctx)
	if err != nil {
		return err
	}
	_, err = s.eng.Do(ctx, engine.Request{Actor: hall.System, Command: hall.SignHead{HeadSigned: s.key.Sign(ended, seq, hash)}})
	if err != nil {
		return err
	}
	s.log.Info().Str("day", string(ended)).Uint64("event", seq).Str("hash", hash).Msg("the day's head is signed")
	return s.export(ctx)
}

// export writes all heads to the folder, whole or not at all.
func (s *signer) export(ctx context.Context) error {
	if s.to == "" {
		return nil
	}
	list, err := s.data.Heads(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.to, 0o755); err != nil { // #nosec G301 -- the heads are for whoever is to keep them
		return fmt.Errorf("--heads-to: %w", err)
	}
	f, err := os.CreateTemp(s.to, HeadsFile+"-*")
	if err != nil {
		return fmt.Errorf("--heads-to: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it has been renamed
	if err := errors.Join(heads.Write(f, list), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("--heads-to: %w", err)
	}
	return os.Rename(f.Name(), filepath.Join(s.to, HeadsFile))
}
