package display

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"yitang/server/wire"
)

// mute tells that the hall has nothing to speak with, which trying again does not mend.
func mute(err error) bool {
	var refused *wire.Error
	return errors.As(err, &refused) && refused.Code == reasonMute || errors.Is(err, ErrNoPlayer)
}

func muteNote(err error) string {
	var refused *wire.Error
	if errors.As(err, &refused) {
		return refused.Message
	}
	return "这台电脑没有播放程序，请安装 alsa-utils。屏幕上的文字不受影响。"
}

// tellOf lets the hall know of a part besides the voice.
func (d *display) tellOf(p wire.Part, r wire.DeviceReport) {
	d.mu.Lock()
	d.untold[p] = r
	d.mu.Unlock()
	d.poke()
}

func (d *display) poke() {
	select {
	case d.report <- struct{}{}:
	default:
	}
}

// tell reports the health of voice and strips to the hall whenever it changes or the hall is there again.
func (d *display) tell(ctx context.Context, client *wire.Client) {
	var retry <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.report:
		case <-retry:
		}
		retry = nil
		if d.tellAll(ctx, client) {
			retry = time.After(reportRetry)
		}
	}
}

// tellAll reports everything once; again says that something did not get through and should be tried again.
func (d *display) tellAll(ctx context.Context, client *wire.Client) (again bool) {
	d.mu.Lock()
	h, list := d.health, d.untold
	d.untold = map[wire.Part]wire.DeviceReport{}
	d.mu.Unlock()
	if !h.Online {
		d.giveBack(list)
		return false // told when the link comes up
	}
	list[Part] = wire.DeviceReport{State: h.State, Reason: h.Reason, Note: h.Note}
	for p, r := range list {
		err := reportPart(ctx, client, p, r)
		switch {
		case err == nil || ctx.Err() != nil:
			delete(list, p)
		case wire.Unreachable(err):
			again = true
		default:
			d.cfg.Log.Error().Err(err).Str("part", string(p)).Msg("the hall does not take the display's health")
			delete(list, p)
		}
	}
	delete(list, Part) // always told anew
	d.giveBack(list)
	return again
}

// giveBack keeps reports that were not told, unless there are newer ones.
func (d *display) giveBack(list map[wire.Part]wire.DeviceReport) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for p, r := range list {
		if _, newer := d.untold[p]; !newer {
			d.untold[p] = r
		}
	}
}

func reportPart(ctx context.Context, client *wire.Client, p wire.Part, r wire.DeviceReport) error {
	ctx, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	if client.Device == "" {
		s, err := client.Session(ctx)
		if err != nil {
			return err
		}
		client.Device = wire.DeviceID(s.User)
	}
	return client.ReportDevice(ctx, p, r)
}

// readLast is the call that was settled last; 0 when that is not known.
func readLast(path string) uint64 {
	if path == "" {
		return 0
	}
	b, err := os.ReadFile(path) // #nosec G304 -- the display's own folder
	if err != nil {
		return 0
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// keepLast writes it down. A failure costs a repetition after the next restart, no call.
func keepLast(path string, seq uint64) {
	if path == "" {
		return
	}
	part := path + ".part"
	if os.MkdirAll(filepath.Dir(path), 0o700) == nil && os.WriteFile(part, []byte(strconv.FormatUint(seq, 10)), 0o600) == nil {
		_ = os.Rename(part, path)
	}
}
