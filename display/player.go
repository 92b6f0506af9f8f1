package display

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"yitang/display/voice"
)

// ErrNoPlayer means that this computer has no program that plays sound. Its text says what to do.
var ErrNoPlayer = errors.New("display: neither paplay nor aplay is installed: sudo apt-get install alsa-utils; the screen goes on with text")

// Player plays announcements that the hall makes, with a program of the system.
type Player struct {
	Command []string // the program and its arguments; the file's name is added
	// Sound gives the announcement as a WAV file.
	Sound func(ctx context.Context, a Announcement) ([]byte, error)
}

var _ Speaker = (*Player)(nil)

// FindPlayer finds a program that plays WAV files: PulseAudio's or PipeWire's, else ALSA's.
func FindPlayer() ([]string, error) {
	for _, command := range [][]string{{"paplay"}, {"pw-play"}, {"aplay", "-q"}} {
		if _, err := exec.LookPath(command[0]); err == nil {
			return command, nil
		}
	}
	return nil, ErrNoPlayer
}

// Say plays one announcement to its end.
func (p *Player) Say(ctx context.Context, a Announcement) error {
	if len(p.Command) == 0 {
		return ErrNoPlayer
	}
	wav, err := p.Sound(ctx, a)
	if err != nil {
		return err
	}
	if wav, err = voice.AtVolume(wav, a.Volume); err != nil {
		return err
	}
	f, err := os.CreateTemp("", "yitang-call-*.wav")
	if err != nil {
		return fmt.Errorf("display: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // in the system's folder for such files
	_, err = f.Write(wav)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("display: %w", err)
	}
	out, err := exec.CommandContext(ctx, p.Command[0], append(p.Command[1:len(p.Command):len(p.Command)], f.Name())...).CombinedOutput() // #nosec G204 -- a player that FindPlayer found, and a file of ours
	if err != nil {
		return fmt.Errorf("display: %s: %w: %s", p.Command[0], err, strings.TrimSpace(string(out[:min(len(out), 200)])))
	}
	return nil
}
