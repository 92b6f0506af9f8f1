package kiosk

import (
	"time"

	"yitang/server/wire"
)

// WithEventTime lets a page that reads nothing stay so long.
func WithEventTime(c Config, d time.Duration) Config {
	c.eventTime = d
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

// OfflineLog opens the log of own numbers to the tests.
type OfflineLog struct{ l *offlineLog }

func OpenOfflineLog(dir string) (OfflineLog, error) {
	l, err := openOfflineLog(dir)
	return OfflineLog{l}, err
}
func (l OfflineLog) Last(series, day string) int { return l.l.last(series, day) }
func (l OfflineLog) Damaged() int                { return l.l.damaged }
func (l OfflineLog) Save(day, number string) error {
	return l.l.save(&offlineTicket{OfflineTicket: wire.OfflineTicket{Day: day, Number: number}})
}
