package kiosk

import (
	"time"

	"github.com/rs/zerolog"

	"yitang/server/wire"
)

// WithEventTime lets a page that reads nothing stay so long.
func WithEventTime(c Config, d time.Duration) Config {
	c.eventTime = d
	return c
}

// WithAwayTime has a hall that did not answer last time asked for so long.
func WithAwayTime(c Config, d time.Duration) Config {
	c.awayTime = d
	return c
}

// Cards opens the memory of card numbers to the tests.
type Cards struct{ c *cards }

func NewCards() Cards                            { return Cards{newCards()} }
func (c Cards) Keep(number string) string        { return c.c.keep(number) }
func (c Cards) Number(ref string) (string, bool) { return c.c.number(ref) }
func (c Cards) Close()                           { c.c.close() }
func (c Cards) Held() int                        { return len(c.c.held) }
func MaskName(name string) string                { return maskName(name) }
func MaskNumber(number string) string            { return maskNumber(number) }

// Reports opens the reports that wait for the hall to the tests.
type Reports struct{ r *reports }

func NewReports(unknown func(wire.TicketID) bool) Reports {
	r := newReports(&wire.Client{}, zerolog.Nop())
	r.unknown = unknown
	return Reports{r}
}
func (r Reports) Print(id wire.TicketID)                { r.r.print(wire.NewKey(), id, wire.PrintReport{}) }
func (r Reports) Device(part wire.Part, d DeviceHealth) { r.r.device(part, d) }
func (r Reports) NextPrint() (wire.TicketID, bool) {
	p, ok := r.r.nextPrint()
	return p.ticket, ok
}

// OfflineLog opens the log of own numbers to the tests.
type OfflineLog struct{ l *offlineLog }

func OpenOfflineLog(dir string) (OfflineLog, error) {
	l, err := openOfflineLog(dir)
	return OfflineLog{l}, err
}
func (l OfflineLog) Last(series, day string) int { return l.l.last(series, day) }
func (l OfflineLog) Tidy(day string) error       { return l.l.tidy(day) }
func (l OfflineLog) Damaged() int                { return l.l.damaged }
func (l OfflineLog) Save(day, number string) error {
	return l.l.save(&offlineTicket{OfflineTicket: wire.OfflineTicket{Day: day, Number: number}})
}

// LeftReceipts are the numbers that a log of receipts has open, and how many of its lines are damaged.
func LeftReceipts(dir string) (numbers []string, damaged int) {
	l := openPrintLog(dir, zerolog.Nop(), func(error) {})
	defer l.close()
	for _, k := range l.left() {
		numbers = append(numbers, k.Ticket.Number)
	}
	return numbers, l.disk.damaged
}
