package kiosk

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"yitang/drivers/idcard"
	"yitang/server/wire"
)

// Reader reads identity cards; *idcard.Reader is one. Run works until ctx ends and then closes Events.
type Reader interface {
	Run(ctx context.Context) error
	Events() <-chan idcard.Event
}

var _ Reader = (*idcard.Reader)(nil)

func openReader(cfg ReaderConfig) Reader {
	return idcard.NewReader(idcard.Config{Path: cfg.Path, Baud: cfg.Baud})
}

// Bounds of what is kept of cards.
const (
	// CardTime is how long a number may be used after its card was read. Then it is gone, whatever the page does.
	CardTime = 2 * time.Minute
	cardsMax = 4
)

// cards holds numbers under random refs, in memory only, each until its time is over.
type cards struct {
	mu    sync.Mutex
	held  map[string]*heldCard
	order []string // oldest first
}

type heldCard struct {
	number []byte // bytes, so that they can be overwritten
	expiry *time.Timer
}

func newCards() *cards { return &cards{held: map[string]*heldCard{}} }

// keep holds a number and returns its ref.
func (c *cards) keep(number string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.order) >= cardsMax {
		c.drop(c.order[0])
	}
	ref := rand.Text()
	c.held[ref] = &heldCard{number: []byte(number), expiry: time.AfterFunc(CardTime, func() { c.forget(ref) })}
	c.order = append(c.order, ref)
	return ref
}

// number returns what a ref stands for, ok while its time is not over.
func (c *cards) number(ref string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h, ok := c.held[ref]
	if !ok {
		return "", false
	}
	return string(h.number), true
}

func (c *cards) forget(ref string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(ref)
}

func (c *cards) drop(ref string) {
	h, ok := c.held[ref]
	if !ok {
		return
	}
	h.expiry.Stop()
	clear(h.number)
	delete(c.held, ref)
	for i, r := range c.order {
		if r == ref {
			c.order = append(c.order[:i], c.order[i+1:]...)
			return
		}
	}
}

func (c *cards) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.order) > 0 {
		c.drop(c.order[0])
	}
}

// follow turns the reader's events into the page's, until the reader's Run has ended.
func (a *agent) follow(ctx context.Context, events <-chan idcard.Event) {
	for {
		select {
		case e, ok := <-events:
			if !ok {
				return
			}
			a.onCard(e)
		case <-ctx.Done():
			return
		}
	}
}

func (a *agent) onCard(e idcard.Event) {
	switch e := e.(type) {
	case idcard.CardRead:
		a.events.cardSeen(CardSeen{Ref: a.cards.keep(e.Card.Number), NameMask: maskName(e.Card.Name),
			NumberMask: maskNumber(e.Card.Number), Type: string(e.Card.Type)})
	case idcard.CardRemoved:
		a.events.cardRemoved()
	case idcard.CardUnreadable:
		a.events.publish("card_problem", CardProblem{Code: string(e.Advice.Code), Note: e.Advice.Sentence})
	case idcard.ReaderUp:
		a.health(partReader, DeviceHealth{State: stateUp})
	case idcard.ReaderDown:
		a.events.cardRemoved()
		a.health(partReader, DeviceHealth{State: stateDown, Reason: string(e.Fault.Code), Note: e.Fault.Sentence})
		a.cfg.Log.Warn().Err(e.Fault).Msg("the card reader is down")
	}
}

// health tells page and hall how a part is, when that changed.
func (a *agent) health(part wire.Part, d DeviceHealth) {
	if a.events.setPart(part, d) {
		a.reports.device(part, d)
	}
}

const (
	numberHead = 3
	numberTail = 4
	nameMax    = 40
)

// maskNumber keeps the first three and last four characters of a long number and nothing of a short one.
func maskNumber(number string) string {
	r := []rune(number)
	for i := range r {
		if len(r) < 2*(numberHead+numberTail) || i >= numberHead && i < len(r)-numberTail {
			r[i] = '*'
		}
	}
	return string(r)
}

// compoundSurnames are the surnames of two characters that are met today.
const compoundSurnames = "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 司空 夏侯 轩辕 端木 南宫 独孤 呼延 " +
	"澹台 公羊 公冶 太史 申屠 钟离 闻人 赫连 濮阳 淳于 单于 百里 东郭 南门 西门 第五 完颜 拓跋 万俟 闾丘 宗政 鲜于 仲孙 耶律"

// maskName keeps the surname of a Chinese name and the first letter of each part of another: 张*, 欧阳**, 阿**·买***.
func maskName(name string) string {
	r := []rune(name)
	r = r[:min(len(r), nameMax)]
	keep := 1
	if len(r) > 2 && unicode.IsLetter(r[2]) && slices.Contains(strings.Fields(compoundSurnames), string(r[:2])) {
		keep = 2
	}
	at := 0 // in the part
	for i, c := range r {
		switch {
		case !unicode.IsLetter(c):
			at, keep = 0, 1
		case at < keep:
			at++
		default:
			r[i] = '*'
		}
	}
	return string(r)
}
