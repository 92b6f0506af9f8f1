package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"yitang/bench"
	"yitang/db"
	"yitang/server/hall"
)

type benchCmd struct {
	Clients int  `default:"64" help:"Concurrent HTTP clients."`
	Tickets int  `default:"20000" help:"Tickets to take, then to call."`
	Screens int  `default:"1000" help:"Screens that read."`
	Stuck   int  `default:"20" help:"Screens that never read."`
	Windows int  `default:"64" help:"Windows that call."`
	JSON    bool `name:"json" help:"Print as JSON."`
}

func (benchCmd) Help() string {
	return "Example: yitang bench --clients 64 --tickets 20000 --screens 1000 --stuck 20 --json\n\nStarts a server of its own in a temporary folder, with the durability of production, and kills it with SIGKILL at the end to count what is lost."
}

// readyTime bounds the server's start.
const readyTime = 20 * time.Second

// Run measures.
func (c *benchCmd) Run(ctx context.Context, w out) error {
	size := bench.Size{Clients: c.Clients, Tickets: c.Tickets, Screens: c.Screens, Stuck: c.Stuck}
	if err := size.Check(); err != nil {
		return err
	}
	if c.Windows < 1 || c.Windows > maxTestWindows {
		return fmt.Errorf("bench: --windows %d: choose 1 to %d", c.Windows, maxTestWindows)
	}
	dir, err := os.MkdirTemp("", "yitang-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	t, err := makeTesthall(ctx, dir, c.Windows, "")
	if err != nil {
		return err
	}
	server, addr, err := startServer(ctx, dir)
	if err != nil {
		return err
	}
	defer server.Process.Kill() //nolint:errcheck // it may have been killed already
	r, err := bench.Run(ctx, t.target(addr), size,
		func(s string) { fmt.Fprintln(os.Stderr, s) })
	if err != nil {
		return err
	}
	r.RSSMB = peakMB(server.Process.Pid)
	_ = server.Process.Kill() // no farewell: what was acknowledged must be there all the same
	_ = server.Wait()
	if r.Lost, err = countLost(ctx, dir, r.IDs); err != nil {
		return err
	}
	return c.print(w, r)
}

func (t *testhall) target(addr string) bench.Target {
	b := bench.Target{Addr: addr, DeviceToken: t.DeviceToken, ScreenToken: t.ScreenToken, Matters: t.Matters, Screens: t.Screens}
	for _, c := range t.Clerks {
		b.Clerks = append(b.Clerks, bench.Clerk(c))
	}
	return b
}

func (c *benchCmd) print(w out, r bench.Result) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(r)
	}
	fmt.Fprintf(w, "issue   %8.0f /s   p50 %6.2f ms   p99 %6.2f ms\n", r.IssuePerS, r.IssueP50, r.IssueP99)
	fmt.Fprintf(w, "call    %8.0f /s   p50 %6.2f ms   p99 %6.2f ms\n", r.CallPerS, r.CallP50, r.CallP99)
	fmt.Fprintf(w, "call and finish %8.0f /s\n", r.PairPerS)
	fmt.Fprintf(w, "server  %8.0f µs an issue, %.0f µs a call with its finish; %.1f and %.1f commands a commit\n", r.IssueCPU, r.PairCPU, r.IssueShare, r.PairShare)
	fmt.Fprintf(w, "screen               p50 %6.2f ms   p99 %6.2f ms   max %6.2f ms   (last of %d, %d stuck, none cut off)\n", r.ScreenP50, r.ScreenP99, r.ScreenMax, c.Screens, c.Stuck)
	fmt.Fprintf(w, "duplicate numbers %d, double calls %d, lost %d, memory %.0f MB\n", r.DuplicateNumbers, r.DoubleCalls, r.Lost, r.RSSMB)
	return nil
}

// startServer runs `yitang serve` as a process of its own and waits until it is ready.
func startServer(ctx context.Context, dir string) (*exec.Cmd, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	addr := ln.Addr().String()
	if err := ln.Close(); err != nil {
		return nil, "", err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, self, "serve", "--dir", dir, "--listen", addr) // #nosec G204 -- this very program
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	for deadline := time.Now().Add(readyTime); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
		if err != nil {
			return nil, "", err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return cmd, addr, nil
			}
		}
	}
	_ = cmd.Process.Kill()
	return nil, "", errors.Join(errors.New("bench: the server did not become ready"), cmd.Wait(), errors.New(said.String()))
}

// peakMB is the most memory that a process had in RAM, from /proc; 0 where the system does not tell.
func peakMB(pid int) float64 {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return 0
	}
	return kb / 1024
}

// countLost opens the killed server's data and counts acknowledged tickets that are not there.
func countLost(ctx context.Context, dir string, ids []string) (lost int, err error) {
	data, err := db.Open(dir)
	if err != nil {
		return 0, err
	}
	defer data.Close() //nolint:errcheck // only read
	for _, id := range ids {
		t, err := data.Ticket(ctx, hall.TicketID(id))
		if err != nil {
			return 0, err
		}
		if t == nil {
			lost++
		}
	}
	return lost, nil
}
