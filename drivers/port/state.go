package port

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/sys/unix"
)

// Errors to test for. A line that is closed is also down.
var (
	ErrDown   = errors.New("port: the line is down")
	ErrClosed = errors.New("port: the line is closed")
)

// Reason is a stable code of why a line is down.
type Reason string

// The reasons.
const (
	Opening   Reason = "opening"
	Missing   Reason = "missing"    // no such device: unplugged, or a wrong path
	Busy      Reason = "busy"       // another program, or another Port, holds it
	Forbidden Reason = "forbidden"  // no permission
	NotSerial Reason = "not_serial" // the path is no serial line
	BadConfig Reason = "bad_config" // a baud rate that does not exist
	Unplugged Reason = "unplugged"  // it went away while open
	Stalled   Reason = "stalled"    // the far end took no byte for Config.WriteStall
	Failed    Reason = "failed"     // anything else the kernel says
	Closed    Reason = "closed"     // Close was called
)

// State is whether a line is up and, if not, why.
type State struct {
	Up    bool
	Err   error // nil while up, else a *DownError
	Since time.Time
}

// Why is the reason's code, "" while up.
func (s State) Why() Reason {
	var down *DownError
	if errors.As(s.Err, &down) {
		return down.Reason
	}
	return ""
}

// DownError says why a line is down. errors.Is(err, ErrDown) holds for each, ErrClosed for those of a closed Port.
type DownError struct {
	Path     string
	Reason   Reason
	Sentence string // for a person
	Cause    error  // may be nil
}

func (e *DownError) Error() string { return "port: " + e.Sentence }

// Unwrap returns the cause.
func (e *DownError) Unwrap() error { return e.Cause }

// Is makes every DownError an ErrDown.
func (e *DownError) Is(target error) bool {
	return target == ErrDown || target == ErrClosed && e.Reason == Closed
}

// openError puts into words why path could not be opened.
func openError(path string, cause error) *DownError {
	e := &DownError{Path: path, Reason: Failed, Sentence: fmt.Sprintf("%s cannot be opened: %v", path, cause), Cause: cause}
	switch {
	case errors.Is(cause, fs.ErrNotExist), errors.Is(cause, unix.ENXIO), errors.Is(cause, unix.ENODEV):
		e.Reason, e.Sentence = Missing, path+" is not there: unplugged, or another path"
	case errors.Is(cause, fs.ErrPermission):
		e.Reason, e.Sentence = Forbidden, "no permission to open "+path+" (is the user in the group dialout?)"
	case errors.Is(cause, unix.ENOTTY):
		e.Reason, e.Sentence = NotSerial, path+" is not a serial line"
	}
	return e
}

func unplugged(path string, cause error) *DownError {
	return &DownError{Path: path, Reason: Unplugged, Sentence: path + " was unplugged", Cause: cause}
}

func stalled(path string, after time.Duration) *DownError {
	return &DownError{Path: path, Reason: Stalled,
		Sentence: fmt.Sprintf("the device on %s took no byte for %v", path, after.Round(time.Millisecond))}
}

func closedError(path string) *DownError {
	return &DownError{Path: path, Reason: Closed, Sentence: path + " was closed"}
}
