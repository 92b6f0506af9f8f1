// Command hour lets a hall's screen show the demo for an hour in Chromium and measures what such an hour may not do: let
// the page's memory grow, write an error to the console, or ask another host for anything.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"
	"github.com/rs/zerolog"

	"yitang/demo/stage"
	"yitang/web"
)

// Figures is what the hour showed. Heap is the page's JavaScript heap in MB: of each five minutes the least that was seen
// after a collection, since what else was seen is garbage of that very moment.
type Figures struct {
	Minutes      float64  `json:"minutes"`
	Speed        float64  `json:"speed"`
	HeapMedian   float64  `json:"heap_median_mb"`
	HeapMin      float64  `json:"heap_min_mb"`
	HeapMax      float64  `json:"heap_max_mb"`
	HeapSpread   float64  `json:"heap_spread"` // largest distance from the median, relative, after the warm-up
	Nodes        int64    `json:"dom_nodes"`   // at the end
	NodesFirst   int64    `json:"dom_nodes_first"`
	Errors       []string `json:"console_errors"`
	OtherHosts   []string `json:"other_hosts"`
	Requests     int      `json:"requests"`
	Calls        int      `json:"calls_shown"`
	Spoken       int      `json:"calls_spoken"`
	HeapByMinute []string `json:"heap_by_minute_mb"`
}

const (
	errorsMax = 20
	every     = 30 * time.Second // between two looks at the heap
	perWindow = 10               // looks in five minutes
)

func main() {
	lasts := flag.Duration("for", time.Hour, "how long")
	warm := flag.Duration("warm", 5*time.Minute, "how long the page may fill its memory first")
	speed := flag.Float64("speed", 60, "the demo's speed")
	screen := flag.String("screen", "hall-1", "the screen")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	f, err := run(ctx, *lasts, *warm, *speed, *screen)
	if err == nil {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		err = errors.Join(enc.Encode(f), f.verdict())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "hour:", err)
		os.Exit(1)
	}
}

// verdict is what must not be.
func (f *Figures) verdict() error {
	const spread = 0.10
	switch {
	case f.HeapSpread > spread:
		return fmt.Errorf("the heap is not flat: %.0f %% from its median", 100*f.HeapSpread)
	case len(f.Errors) > 0:
		return fmt.Errorf("%d console errors, first: %s", len(f.Errors), f.Errors[0])
	case len(f.OtherHosts) > 0:
		return fmt.Errorf("requests to other hosts: %v", f.OtherHosts)
	case f.Calls == 0 || f.Spoken == 0:
		return fmt.Errorf("%d calls were shown and %d spoken: this hour shows nothing", f.Calls, f.Spoken)
	}
	return nil
}

func run(ctx context.Context, lasts, warm time.Duration, speed float64, screen string) (*Figures, error) {
	dir, err := os.MkdirTemp("", "yitang-hour-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready, ended := make(chan stage.Addresses, 1), make(chan error, 1)
	go func() {
		ended <- stage.Run(ctx, stage.Config{Dir: dir, Listen: "127.0.0.1:0", Speed: speed, Seed: 1, Pages: web.Pages(),
			Out: os.Stderr, Log: zerolog.Nop(), Ready: func(a stage.Addresses) { ready <- a }})
	}()
	select {
	case err := <-ended:
		return nil, err
	case where := <-ready:
		f, err := watch(ctx, where.Hall, screen, filepath.Join(dir, "tokens", "screen"), lasts, warm)
		stop()
		if failed := <-ended; err == nil {
			err = failed
		}
		if f != nil {
			f.Speed = speed
		}
		return f, err
	}
}

// watch opens the page and looks at its memory twice a minute.
func watch(ctx context.Context, hall, screen, tokenFile string, lasts, warm time.Duration) (*Figures, error) {
	token, err := os.ReadFile(tokenFile) // #nosec G304 -- the demo's own folder
	if err != nil {
		return nil, err
	}
	u, err := launcher.New().Bin("/usr/bin/chromium").Leakless(false).Headless(true).NoSandbox(true).Set("disable-gpu").
		Set("disable-background-networking").Set("disable-component-update").Set("no-first-run").
		Set("autoplay-policy", "no-user-gesture-required").Launch()
	if err != nil {
		return nil, fmt.Errorf("start Chromium: %w; run make browser", err)
	}
	b := rod.New().ControlURL(u)
	if err := b.Connect(); err != nil {
		return nil, err
	}
	defer b.Close() //nolint:errcheck // it was only looked at
	w := &witness{host: strings.TrimPrefix(hall, "http://"), calls: map[string]bool{}}
	var f *Figures
	err = rod.Try(func() {
		p := b.MustPage("").Context(ctx)
		p.MustSetViewport(1920, 1080, 1, false)
		go p.EachEvent(w.console, w.thrown, w.request)()
		p.MustNavigate(hall + "/screen/" + screen + "?token=" + url.QueryEscape(strings.TrimSpace(string(token))))
		p.MustElement(`[data-testid="call-number"]`)
		p.MustEval(`() => { window.spoken = 0; document.querySelector('audio').addEventListener('ended', () => window.spoken++) }`)
		f = w.measure(ctx, p, lasts, warm)
	})
	return f, err
}

// witness notes what the page did beside showing calls.
type witness struct {
	host     string
	mu       sync.Mutex
	errors   []string
	hosts    []string
	requests int
	calls    map[string]bool
}

func (w *witness) fault(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.errors) < errorsMax {
		w.errors = append(w.errors, s)
	}
}

func (w *witness) console(e *proto.RuntimeConsoleAPICalled) {
	if e.Type == proto.RuntimeConsoleAPICalledTypeError || e.Type == proto.RuntimeConsoleAPICalledTypeAssert {
		w.fault(fmt.Sprint(e.Args))
	}
}

func (w *witness) thrown(e *proto.RuntimeExceptionThrown) { w.fault(e.ExceptionDetails.Text) }

func (w *witness) request(e *proto.NetworkRequestWillBeSent) {
	u, err := url.Parse(e.Request.URL)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests++
	if err == nil && u.Host != w.host && u.Scheme != "data" && u.Scheme != "blob" && !slices.Contains(w.hosts, u.Host) {
		w.hosts = append(w.hosts, u.Host)
	}
}

func (w *witness) measure(ctx context.Context, p *rod.Page, lasts, warm time.Duration) *Figures {
	begun := time.Now()
	f := &Figures{Errors: []string{}, OtherHosts: []string{}}
	var heap []float64
	for ctx.Err() == nil && time.Since(begun) < lasts {
		for end := time.Now().Add(every); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
			// By value: handles to elements would be kept in the page, and be counted as its memory.
			if text, err := p.Eval(`() => document.querySelector('[data-testid="call-number"]')?.textContent ?? ''`); err == nil && text.Value.Str() != "" {
				w.calls[text.Value.Str()] = true
			}
		}
		_ = proto.HeapProfilerCollectGarbage{}.Call(p)
		use, err := proto.RuntimeGetHeapUsage{}.Call(p)
		if err != nil {
			w.fault("the page is gone: " + err.Error())
			break
		}
		mb := use.UsedSize / (1 << 20)
		f.HeapByMinute = append(f.HeapByMinute, fmt.Sprintf("%.2f", mb))
		fmt.Fprintf(os.Stderr, "%v: %.2f MB\n", time.Since(begun).Round(time.Second), mb)
		if time.Since(begun) >= warm {
			heap = append(heap, mb)
		}
		if c, err := (proto.MemoryGetDOMCounters{}).Call(p); err == nil {
			f.Nodes = int64(c.Nodes)
			if f.NodesFirst == 0 {
				f.NodesFirst = f.Nodes
			}
		}
	}
	f.Minutes = time.Since(begun).Minutes()
	f.spread(heap)
	if spoken, err := p.Eval(`() => window.spoken`); err == nil {
		f.Spoken = spoken.Value.Int()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	f.Errors, f.OtherHosts, f.Requests, f.Calls = append(f.Errors, w.errors...), append(f.OtherHosts, w.hosts...), w.requests, len(w.calls)
	return f
}

func (f *Figures) spread(heap []float64) {
	var least []float64
	for window := range slices.Chunk(heap, perWindow) {
		least = append(least, slices.Min(window))
	}
	if len(least) == 0 {
		return
	}
	sorted := slices.Sorted(slices.Values(least))
	f.HeapMin, f.HeapMedian, f.HeapMax = sorted[0], sorted[len(sorted)/2], sorted[len(sorted)-1]
	f.HeapSpread = max(f.HeapMax-f.HeapMedian, f.HeapMedian-f.HeapMin) / f.HeapMedian
}
