// Command cityload measures a city on this machine: played halls publish their days over real connections into JetStream, the
// intake takes them into a PostgreSQL that waits for its disk, and every hall's sums are compared with what it published.
//
// Example: go run ./docs/cityload --halls 1000 --tickets 1000
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

type options struct {
	Halls    int    `default:"1000" help:"Halls that publish a day."`
	Tickets  int    `default:"1000" help:"Tickets of each."`
	Days     int    `default:"1" help:"Days of each."`
	Workers  int    `default:"4" help:"Transactions at once."`
	Servers  int    `default:"1" help:"1: the embedded server. 3: a cluster that keeps three copies."`
	KillOne  bool   `help:"Kill one of three servers a third of the way through."`
	Restart  bool   `help:"Stop PostgreSQL as a power cut would, half of the way through, and start it again."`
	Database string `help:"A PostgreSQL of yours; without, a new one in a temporary folder."`
	Behind   int    `help:"In place of all that: a real hall's outbox that is so many events behind."`
	Apart    bool   `help:"Take in only when everything was published: the city's own cost, without the halls'."`
	Pack     int    `default:"1000" help:"Events in a message at most: 1 as in a hall that tells each as it happens; more than a message holds is as many as it holds, as in a hall that is behind."`
	Profile  string `help:"Write a CPU profile of this process here."`
	Year     bool   `help:"Every hall plays the 17th of each of --days months of 2025; afterwards the time of the city's report over that year, judged for the first time and again."`
}

func main() {
	var o options
	kong.Parse(&o)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := measure(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "cityload:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, o options) error {
	s, err := newSite(ctx, o)
	if err != nil {
		return err
	}
	defer s.close()
	if !o.Apart {
		defer s.profile()()
	}
	if o.Behind > 0 {
		return s.catchUp(ctx, o.Behind)
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	if o.Year {
		return s.year(ctx)
	}
	return nil
}

// say prints a figure.
func say(what string, v any) {
	b, _ := json.Marshal(map[string]any{what: v}) // plain values
	fmt.Println(string(b))
}

// forgetPeak gives what the halls have used back to the kernel and has it count the peak anew. It returns what is left, MB.
func forgetPeak() int {
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // proc(5): resets VmHWM
		fmt.Fprintln(os.Stderr, "cityload: the peak is the halls' too:", err)
	}
	return memoryMB(os.Getpid(), "VmRSS:")
}

// memoryMB is a figure of a process's memory as the kernel counts it: VmRSS: now, VmHWM: at its peak.
func memoryMB(pid int, what string) int {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, what); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kb / 1024
		}
	}
	return 0
}

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }

// profile writes a CPU profile of this process until the function that it returns is called.
func (s *site) profile() (end func()) {
	if s.o.Profile == "" {
		return func() {}
	}
	f, err := os.Create(s.o.Profile)
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cityload: no profile:", err)
		return func() {}
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }
}
