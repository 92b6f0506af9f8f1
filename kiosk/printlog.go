package kiosk

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/wire"
)

// Bounds of the log of receipts.
const (
	printsName   = "prints.log"
	printsLines  = 1024            // then it is written anew with what is open
	resumeWithin = 2 * time.Minute // after a restart; whoever took a number earlier has left the kiosk
)

// keptPrint is a receipt of which the hall does not know yet what became of it.
type keptPrint struct {
	Key    wire.Key          `json:"key"`    // of its report
	Ticket wire.Ticket       `json:"ticket"` // see onPaper
	At     time.Time         `json:"at"`
	Begun  bool              `json:"begun,omitempty"`  // the printer may have got bytes of it
	Report *wire.PrintReport `json:"report,omitempty"` // what became of it
	Told   bool              `json:"told,omitempty"`   // the hall has answered: nothing is left to do
}

// onPaper is what a receipt needs of a ticket. The rest, which may tell about the person, is not kept.
func onPaper(t wire.Ticket) wire.Ticket {
	return wire.Ticket{ID: t.ID, Number: t.Number, Day: t.Day, State: t.State, Field: t.Field, Matters: t.Matters, Language: t.Language,
		Ahead: t.Ahead, Wait: t.Wait, IssuedAt: t.IssuedAt, TrackURL: t.TrackURL, Offline: t.Offline, Slot: t.Slot}
}

// printLog keeps the receipts that are open, so that they outlive the kiosk. A disk that takes nothing is told and costs
// the trace, never the receipt. Its methods may be called by several at once; each waits for the disk.
type printLog struct {
	log  zerolog.Logger
	tell func(error) // how the disk took the last line

	mu   sync.Mutex
	disk *lines
	open []keptPrint // oldest first
}

func openPrintLog(dir string, log zerolog.Logger, tell func(error)) *printLog {
	l := &printLog{log: log, tell: tell}
	disk, err := openLines(filepath.Join(dir, printsName), func(text []byte) bool {
		var k keptPrint
		if json.Unmarshal(text, &k) != nil {
			return false
		}
		l.put(k)
		return true
	})
	if err != nil {
		log.Error().Err(err).Msg("receipts are printed and not kept: one that a stop of the kiosk prevents will leave no trace")
	}
	if disk.damaged > 0 {
		log.Error().Int("lines", disk.damaged).Str("file", disk.path).Msg("the disk has damaged lines about receipts")
	}
	l.disk = disk
	tell(err)
	return l
}

// put takes the newest state of a receipt into memory.
func (l *printLog) put(k keptPrint) {
	i := slices.IndexFunc(l.open, func(o keptPrint) bool { return o.Key == k.Key })
	switch {
	case k.Told && i >= 0:
		l.open = slices.Delete(l.open, i, i+1)
	case k.Told:
	case i >= 0:
		l.open[i] = k
	default:
		l.open = append(l.open, k)
	}
}

// save keeps the state of a receipt. It is on disk when save returns, or log and staff are told why not.
func (l *printLog) save(k keptPrint) {
	l.mu.Lock()
	l.put(k)
	err, some := l.write(k), len(l.open) > 0
	l.mu.Unlock()
	if err != nil {
		l.log.Error().Err(err).Str("ticket", k.Ticket.ID).Msg("the state of a receipt cannot be kept")
	}
	if err != nil || some { // a full disk takes an empty file
		l.tell(err)
	}
}

// told forgets a receipt of which the hall has heard.
func (l *printLog) told(key wire.Key) { l.save(keptPrint{Key: key, Told: true}) }

// write adds a line, or writes the file anew when nothing is open any more, most of it is history, or it could not be opened
// before. l.mu is held.
func (l *printLog) write(k keptPrint) error {
	if len(l.open) > 0 && l.disk.count < printsLines && l.disk.file != nil {
		return l.disk.add(k)
	}
	var out bytes.Buffer
	for _, o := range l.open {
		line, err := encodeLine(o)
		if err != nil {
			return err
		}
		out.Write(line)
	}
	return l.disk.replace(out.Bytes())
}

// left lists the open receipts, the oldest first.
func (l *printLog) left() []keptPrint {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.open)
}

func (l *printLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.disk.close() // every line is on disk already
}
