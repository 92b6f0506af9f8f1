// Package pg starts a PostgreSQL of one's own from the programs that Debian's package postgresql installs: for a small
// city without a database server, for tests, for measurements. It speaks through a socket in its folder and a port of
// loopback, and belongs to one process.
//
// Start owns the server's process until Stop.
package pg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrNone means that no PostgreSQL is installed on this machine.
var ErrNone = errors.New("pg: no PostgreSQL on this machine: sudo apt-get install -y postgresql, or name one with --database postgres://…")

// Server is a running PostgreSQL.
type Server struct {
	URL   string
	dir   string
	bin   string
	as    *syscall.SysProcAttr
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process has ended

	port  int
	trial bool
	free  func() (int, error) // names a port that nobody has
}

// Settings of the server. Nothing that was committed may be lost: fsync and synchronous_commit stay on.
func settings(dir string, port int) []string {
	return []string{"-D", filepath.Join(dir, "data"), "-k", dir, "-h", "127.0.0.1", "-p", strconv.Itoa(port), "-c", "shared_buffers=256MB",
		"-c", "max_wal_size=4GB", "-c", "checkpoint_timeout=15min", "-c", "maintenance_work_mem=256MB", "-c", "work_mem=32MB"}
}

// waits of a start and a stop.
const (
	startWithin = time.Minute
	stopWithin  = time.Minute
	portTries   = 3
)

// Find returns the folder of initdb and postgres, or ErrNone.
func Find() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil && filepath.Base(real) == "initdb" {
			return filepath.Dir(real), nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", ErrNone
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// Start makes a server in a folder, or goes on with the one that is there.
func Start(ctx context.Context, dir string) (*Server, error) { return begin(ctx, dir, false) }

func begin(ctx context.Context, dir string, trial bool) (*Server, error) {
	s, err := found(dir, trial)
	if err != nil {
		return nil, err
	}
	return s, s.begin(ctx)
}

// found is a server of the programs that this machine has.
func found(dir string, trial bool) (*Server, error) {
	bin, err := Find()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil { // PostgreSQL works in its own folder: from there another path would be meant
		return nil, fmt.Errorf("pg: %w", err)
	}
	return &Server{dir: dir, bin: bin, trial: trial, free: freePort}, nil
}

func (s *Server) begin(ctx context.Context) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	return s.start(ctx)
}

// prepare makes the folder and the cluster. PostgreSQL refuses to run as root: it then runs as another user.
func (s *Server) prepare(ctx context.Context) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("pg: %w", err)
	}
	if os.Getuid() == 0 {
		if err := s.otherUser(); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(s.dir, "data", "PG_VERSION")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "initdb"), "-D", filepath.Join(s.dir, "data"), "-U", "yitang", "-A", "trust", "-E", "UTF8", "--locale=C") // #nosec G204 -- PostgreSQL's own programs, in the folder that the owner named
	if s.trial {
		cmd.Args = append(cmd.Args, "--no-sync")
	}
	cmd.SysProcAttr, cmd.Dir = s.as, s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pg: initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

func (s *Server) otherUser() error {
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return fmt.Errorf("pg: PostgreSQL does not run as root, and there is neither a user postgres nor nobody: %w", err)
		}
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32) // numbers on every system that has PostgreSQL's package
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	s.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	if err := os.Chown(s.dir, int(uid), int(gid)); err != nil {
		return fmt.Errorf("pg: %w", err)
	}
	return nil
}

// start starts it on a free port, on the same one again after a stop. A port that somebody has taken since it was free is no
// reason to give up.
func (s *Server) start(ctx context.Context) error {
	s.endFormer(ctx)
	if s.port != 0 {
		return s.launch(ctx)
	}
	for tries := 1; ; tries++ {
		port, err := s.free()
		if err != nil {
			return err
		}
		s.port = port
		if err = s.launch(ctx); !errors.Is(err, errEnded) {
			return err
		}
		if s.port = 0; tries == portTries {
			return err
		}
	}
}

func (s *Server) launch(ctx context.Context) error {
	args := settings(s.dir, s.port)
	if s.trial {
		args = append(args, "-c", "fsync=off")
	}
	s.cmd = exec.Command(filepath.Join(s.bin, "postgres"), args...) // #nosec G204 -- PostgreSQL's own programs, in the folder that the owner named
	s.cmd.Dir = s.dir
	attr := syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us: we stop it in order
	if s.as != nil {
		attr.Credential = s.as.Credential
	}
	s.cmd.SysProcAttr = &attr
	log, err := os.OpenFile(filepath.Join(s.dir, "postgres.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("pg: %w", err)
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("pg: %w", err)
	}
	s.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) { _ = cmd.Wait(); close(ended) }(s.cmd, s.ended) // Stop waits for it
	s.URL = fmt.Sprintf("postgres://yitang@127.0.0.1:%d/postgres?sslmode=disable", s.port)
	return s.wait(ctx)
}

// endFormer stops a server that outlived a process which was killed.
func (s *Server) endFormer(ctx context.Context) {
	if _, err := os.Stat(filepath.Join(s.dir, "data", "postmaster.pid")); err != nil {
		return
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "pg_ctl"), "-D", filepath.Join(s.dir, "data"), "-m", "fast", "stop") // #nosec G204 -- PostgreSQL's own programs, in the folder that the owner named
	cmd.SysProcAttr, cmd.Dir = s.as, s.dir
	_ = cmd.Run() // a stale file of a power cut is nobody's: the server finds that out itself
}

// wait waits until the server lets connections in.
func (s *Server) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for {
		if s.ready() {
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("pg: the server did not start: %w: see %s", errEnded, filepath.Join(s.dir, "postgres.log"))
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("pg: the server did not start: see %s", filepath.Join(s.dir, "postgres.log")), s.Stop())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// errEnded is a server that ended before it let connections in.
var errEnded = errors.New("it ended at once")

// ready says whether this very process lets connections in: what answers on the port might be another server. The file's first
// line is the process, the eighth its state (PostgreSQL 10 and later, miscadmin.h).
func (s *Server) ready() bool {
	text, err := os.ReadFile(filepath.Join(s.dir, "data", "postmaster.pid"))
	lines := strings.Split(string(text), "\n")
	return err == nil && len(lines) >= 8 && lines[0] == strconv.Itoa(s.PID()) && strings.TrimSpace(lines[7]) == "ready"
}

// PID is the server's process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Stop ends the server in order.
func (s *Server) Stop() error { return s.end(syscall.SIGINT) }

// Kill ends it as a power cut would, for tests.
func (s *Server) Kill() error {
	_ = s.end(syscall.SIGQUIT) // immediate shutdown: no checkpoint, recovery at the next start
	return nil
}

func (s *Server) end(how syscall.Signal) error {
	if s.cmd == nil || s.cmd.Process == nil {
		return nil
	}
	_ = s.cmd.Process.Signal(how)
	select {
	case <-s.ended:
	case <-time.After(stopWithin):
		_ = s.cmd.Process.Kill()
		<-s.ended
		return errors.New("pg: the server did not stop and was killed")
	}
	s.cmd = nil
	return nil
}

// Again starts a stopped server on the same data, at the same URL.
func (s *Server) Again(ctx context.Context) error { return s.start(ctx) }

func freePort() (int, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("pg: %w", err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port, nil
}

// Temp starts a server in a new temporary folder; stop ends it and removes the folder. On trial it does not wait for the
// disk: it survives its own death, not the machine's, which is enough for tests and spares the disk.
func Temp(ctx context.Context, trial bool) (s *Server, stop func() error, err error) {
	dir, err := os.MkdirTemp("", "yitang-pg-")
	if err != nil {
		return nil, nil, fmt.Errorf("pg: %w", err)
	}
	if s, err = begin(ctx, dir, trial); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, func() error { return errors.Join(s.Stop(), os.RemoveAll(dir)) }, nil
}

// Database makes a database and returns its URL.
func (s *Server) Database(ctx context.Context, name string) (string, error) {
	port := strconv.Itoa(s.port)
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "createdb"), "-h", "127.0.0.1", "-p", port, "-U", "yitang", name) // #nosec G204 -- PostgreSQL's own programs, in the folder that the owner named
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("pg: createdb %s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return "postgres://yitang@127.0.0.1:" + port + "/" + name + "?sslmode=disable", nil
}
