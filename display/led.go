package display

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"

	"yitang/drivers/led"
	"yitang/drivers/rs485"
	"yitang/server/wire"
)

// Strips describes the LED strips over the windows: what the file of --led holds.
type Strips struct {
	Lines     []StripLine             `json:"lines"`
	Templates map[string]led.Template `json:"templates,omitempty"` // of makers that are not built in, by name
	Words     *led.Words              `json:"words,omitempty"`     // of screens that show text
}

// StripLine is one RS-485 line.
type StripLine struct {
	Path   string  `json:"path"` // of the serial port
	Baud   int     `json:"baud,omitempty"`
	Echo   bool    `json:"echo,omitempty"` // the adapter hears what it sends
	Strips []Strip `json:"strips"`
}

// Strip is the strip over one window.
type Strip struct {
	Window   string      `json:"window"`
	Address  led.Address `json:"address"`
	Protocol string      `json:"protocol"` // lihe, lihe-text, zhongyi, onbon-bx, qsystem, or the name of a template
}

// ReadStrips reads a file of --led. An error names the file and what is wrong in it.
func ReadStrips(path string) (*Strips, error) {
	f, err := os.Open(path) // #nosec G304 -- the owner names it on the command line
	if err != nil {
		return nil, fmt.Errorf("display: %w", err)
	}
	defer f.Close()
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields()
	var s Strips
	if err := dec.Decode(&s); err != nil {
		return nil, fmt.Errorf("display: %s: %w", path, err)
	}
	if _, err := s.lines(); err != nil {
		return nil, fmt.Errorf("display: %s: %w", path, err)
	}
	return &s, nil
}

// protocol finds a strip's protocol by its name.
func (s *Strips) protocol(name string) (led.Protocol, error) {
	words := led.DefaultWords()
	if s.Words != nil {
		words = *s.Words
	}
	switch name {
	case "lihe":
		return led.Lihe{}, nil
	case "qsystem":
		return led.QSystem{}, nil
	}
	for _, t := range []led.Template{led.LiheText(), led.Zhongyi(), led.Onbon()} {
		if t.Name == name {
			return led.NewTemplated(t, words)
		}
	}
	t, ok := s.Templates[name]
	if !ok {
		return nil, fmt.Errorf("no protocol %q; known are lihe, lihe-text, zhongyi, onbon-bx, qsystem and the file's templates", name)
	}
	return led.NewTemplated(t, words)
}

// ledLine is a line with its strips.
type ledLine struct {
	bus    *rs485.Bus
	strips map[string]*led.Screen // by window
}

func (s *Strips) lines() ([]ledLine, error) {
	var lines []ledLine
	for _, l := range s.Lines {
		line := ledLine{strips: map[string]*led.Screen{}}
		var units []rs485.Unit
		for _, strip := range l.Strips {
			p, err := s.protocol(strip.Protocol)
			if err != nil {
				return nil, fmt.Errorf("the strip of window %s: %w", strip.Window, err)
			}
			if line.strips[strip.Window] != nil {
				return nil, fmt.Errorf("window %s has two strips on %s", strip.Window, l.Path)
			}
			line.strips[strip.Window] = led.NewScreen(led.ScreenConfig{Address: strip.Address, Protocol: p})
			units = append(units, rs485.Unit{Name: strip.Window, Device: line.strips[strip.Window]})
		}
		var err error
		if line.bus, err = rs485.New(rs485.Config{Path: l.Path, Baud: l.Baud, Echo: l.Echo}, units...); err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// leds drives the lines until ctx ends; it tells of each strip that comes up or goes down.
func (d *display) leds(ctx context.Context, lines []ledLine) {
	var all sync.WaitGroup
	defer all.Wait()
	for _, l := range lines {
		all.Go(func() { _ = l.bus.Run(ctx) }) // ends with ctx
		all.Go(func() {
			for e := range l.bus.Events() {
				r := wire.DeviceReport{State: stateUp}
				if !e.Up {
					r = wire.DeviceReport{State: stateDown, Reason: string(e.Fault.Code), Note: e.Unit + "号窗口条屏：" + e.Fault.Sentence}
					d.cfg.Log.Warn().Str("window", e.Unit).Err(e.Fault).Msg("a strip is down")
				}
				d.tellOf(wire.Part("led-"+e.Unit), r)
			}
		})
	}
}

// light shows a board on the strips. A number that a strip has no way to show leaves it without one: the number before would
// send somebody else to the window.
func (d *display) light(lines []ledLine, b wire.Board) {
	for i := range b.Windows {
		w := &b.Windows[i]
		for _, l := range lines {
			strip := l.strips[w.ID]
			if strip == nil {
				continue
			}
			m := stripMessage(w)
			err := strip.Show(m)
			if errors.Is(err, led.ErrCannotShow) {
				err = strip.Show(led.Message{Window: m.Window})
			}
			if err != nil && !errors.Is(err, led.ErrCannotShow) {
				d.cfg.Log.Error().Err(err).Str("window", w.ID).Msg("a strip cannot show its window")
			}
		}
	}
}

// stripMessage is what a window's strip shows.
func stripMessage(w *wire.BoardWindow) led.Message {
	n, _ := strconv.Atoi(w.ID) // a window without a number has none on a strip either
	m := led.Message{Window: n, Number: w.Number}
	switch {
	case w.State == "paused":
		m.Kind = led.Paused
	case w.State != "open":
		m.Kind, m.Text = led.Paused, "本窗口未开放"
	case w.Number == "":
		m.Kind = led.Welcome
	case w.Ticket == stateCalled:
		m.Kind = led.Call
	default:
		m.Kind = led.Serving
	}
	return m
}
