package stage

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"yitang/demo"
	"yitang/drivers/idcard"
	"yitang/drivers/sim"
	"yitang/kiosk"
	"yitang/server/wire"
)

// Bounds of a simulated person at a kiosk, in real time.
const (
	cardWithin  = 5 * time.Second
	takeWithin  = 15 * time.Second
	maxAnswer   = 1 << 20
	sseAgain    = time.Second
	devicesBaud = 115200
	pollReal    = 50 * time.Millisecond // between two looks for a card at least
)

type standConfig struct {
	name, dir, hall, token, listen string
	speed                          float64
	pages                          fs.FS
	log                            zerolog.Logger
	now                            func() time.Time
	rng                            *mathrand.Rand
}

// stand is a kiosk with its devices, and with people who use its page.
type stand struct {
	standConfig
	base    string
	printer *sim.Printer
	reader  *sim.Reader
	http    *http.Client
	cards   chan string // references of cards that the kiosk has read
}

var _ demo.Kiosk = (*stand)(nil)

// newStand plugs in the devices.
func newStand(c standConfig) (*stand, error) {
	printer, err := sim.NewPrinter(sim.PrinterOptions{Maker: "Yitang", Model: "SIM80"})
	if err != nil {
		return nil, fmt.Errorf("demo: %s: %w", c.name, err)
	}
	printer.Pace(devicesBaud, c.speed)
	reader, err := sim.NewReader(sim.ReaderConfig{Baud: devicesBaud, Speed: c.speed})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("demo: %s: %w", c.name, err), printer.Close())
	}
	return &stand{standConfig: c, printer: printer, reader: reader, http: &http.Client{Timeout: takeWithin},
		cards: make(chan string, 1)}, nil
}

// run is the kiosk until ctx ends; ready is closed when its page can be opened.
func (s *stand) run(ctx context.Context, ready chan<- struct{}) error {
	defer s.printer.Close() //nolint:errcheck // it is only a simulated one
	defer s.reader.Close()  //nolint:errcheck // likewise
	ctx, stop := context.WithCancel(ctx)
	var followers sync.WaitGroup
	defer followers.Wait()
	defer stop()
	return kiosk.Run(ctx, kiosk.Config{
		Server: s.hall, Token: s.token, Listen: s.listen, Dir: s.dir, ID: wire.DeviceID(s.name), Pages: s.pages, Now: s.now,
		Printer:   kiosk.PrinterConfig{Path: s.printer.Path(), Baud: devicesBaud},
		UseReader: idcard.NewReader(idcard.Config{Path: s.reader.Path(), Baud: devicesBaud, Timing: s.timing()}),
		Log:       s.log.With().Str("device", s.name).Logger().Level(zerolog.WarnLevel),
		OnListen: func(addr string) {
			s.base = "http://" + addr
			followers.Go(func() { s.follow(ctx) })
			close(ready)
		},
	})
}

// timing looks for cards as often in the hall's time as a real kiosk does, as far as the machine bears it.
func (s *stand) timing() idcard.Timing {
	t := idcard.DefaultTiming()
	t.Poll = max(time.Duration(float64(t.Poll)/s.speed), min(t.Poll, pollReal))
	return t
}

// Take implements demo.Kiosk: a person lays the card on the reader, touches the page and takes the ticket.
func (s *stand) Take(ctx context.Context, r demo.Request) (wire.Ticket, error) {
	who := map[string]string{"kind": "none"}
	if r.Card {
		if ref := s.card(ctx); ref != "" {
			who = map[string]string{"kind": "card", "ref": ref}
		}
		defer s.reader.Lift()
	}
	body, err := json.Marshal(map[string]any{"matters": r.Matters, "person": who, "priority": r.Priority, "language": r.Language})
	if err != nil {
		return wire.Ticket{}, err
	}
	return s.post(ctx, body)
}

// card lays a card on the reader and waits for the kiosk's reference to it; empty when the kiosk could not read it.
func (s *stand) card(ctx context.Context) string {
	select {
	case <-s.cards: // of a card that nobody used
	default:
	}
	if err := s.reader.Place(sim.RandomResident(s.rng)); err != nil {
		return ""
	}
	select {
	case ref := <-s.cards:
		return ref
	case <-time.After(cardWithin):
	case <-ctx.Done():
	}
	return ""
}

func (s *stand) post(ctx context.Context, body []byte) (wire.Ticket, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/local/tickets", bytes.NewReader(body))
	if err != nil {
		return wire.Ticket{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", rand.Text())
	res, err := s.http.Do(req)
	if err != nil {
		return wire.Ticket{}, err
	}
	defer res.Body.Close()
	in := io.LimitReader(res.Body, maxAnswer)
	if res.StatusCode != http.StatusCreated {
		var refused wire.ErrorBody
		if err := json.NewDecoder(in).Decode(&refused); err != nil {
			return wire.Ticket{}, fmt.Errorf("demo: %s answered %s", s.name, res.Status)
		}
		return wire.Ticket{}, &refused.Error
	}
	var taken wire.TicketResponse
	return taken.Ticket, json.NewDecoder(in).Decode(&taken)
}

// follow listens to the kiosk's page events for cards that were read.
func (s *stand) follow(ctx context.Context) {
	for ctx.Err() == nil {
		s.events(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(sseAgain):
		}
	}
}

func (s *stand) events(ctx context.Context) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/local/events", nil)
	if err != nil {
		return
	}
	res, err := (&http.Client{}).Do(req)
	if err != nil {
		return
	}
	defer res.Body.Close()
	event := ""
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			event = name
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && event == "card" {
			s.gotCard(data)
		}
	}
}

func (s *stand) gotCard(data string) {
	var card struct {
		Ref string `json:"ref"`
	}
	if json.Unmarshal([]byte(data), &card) != nil {
		return
	}
	select {
	case s.cards <- card.Ref:
	default:
	}
}
