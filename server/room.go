package server

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"yitang/server/api"
)

// freeOf says what the disk of a folder has left for programs that are not root's.
func freeOf(dir string) func() (uint64, error) {
	return func() (uint64, error) {
		var s unix.Statfs_t
		if err := unix.Statfs(dir, &s); err != nil {
			return 0, fmt.Errorf("server: %s: %w", dir, err)
		}
		return s.Bavail * uint64(s.Bsize), nil // #nosec G115 -- a block's size
	}
}

// roomLook is how often the log is told of a disk that runs full.
const roomLook = time.Minute

// roomWatch tells the log, once each time, that the disk will soon be full, and that there is room again.
type roomWatch struct {
	free func() (uint64, error)
	log  zerolog.Logger
}

func (w *roomWatch) run(ctx context.Context) error {
	tick := time.NewTicker(roomLook)
	defer tick.Stop()
	for low := false; ; {
		n, err := w.free()
		if now := err == nil && n < api.LeastFree; now != low {
			low = now
			w.log.Warn().Bool("low", low).Uint64("free_bytes", n).Msg("room on the disk of the data folder")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
