package kiosk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"

	"yitang/server/wire"
)

// Bounds of the log of the kiosk's own tickets.
const (
	offlineName = "offline.log"
	offlineMax  = 5000 // tickets in it; a kiosk gives out a tenth of that in its busiest day
	offlineLine = 64 << 10
)

// offlineTicket is a ticket that the kiosk gave out while the hall was away, and what has become of it.
type offlineTicket struct {
	wire.OfflineTicket
	Key     wire.Key `json:"key"`               // of the page's request: the same request gets the same ticket
	Settled bool     `json:"settled,omitempty"` // the hall has it, or has refused it for good
	Refused string   `json:"refused,omitempty"` // the hall's code then
}

// offlineLog keeps them on disk: one line a change, each with its checksum, each on disk before anybody hears of it. A
// line that a power cut tore off at the end was never acknowledged and is dropped. It has one user at a time.
type offlineLog struct {
	path    string
	file    *os.File
	tickets []*offlineTicket // in order of issue
	byKey   map[wire.Key]*offlineTicket
	damaged int // lines that could not be read though others follow
}

// openOfflineLog reads the log, or makes an empty one.
func openOfflineLog(dir string) (*offlineLog, error) {
	l := &offlineLog{path: filepath.Join(dir, offlineName), byKey: map[wire.Key]*offlineTicket{}}
	f, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, catalogueMode)
	if err != nil {
		return nil, fmt.Errorf("kiosk: %w", err)
	}
	whole, err := l.read(f)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err == nil {
		err = errors.Join(f.Sync(), syncFolder(dir))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("kiosk: %s: %w", offlineName, err), f.Close())
	}
	l.file = f
	return l, nil
}

// read takes in every line and says where the whole ones end.
func (l *offlineLog) read(f *os.File) (whole int64, err error) {
	in := bufio.NewReaderSize(f, offlineLine)
	bad, offset := 0, int64(0)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil // what stands after the last line break was torn off
		}
		if err != nil {
			return 0, err
		}
		offset += int64(len(line))
		t, ok := decodeLine(line)
		if !ok {
			bad++
			continue
		}
		l.damaged, bad, whole = l.damaged+bad, 0, offset
		l.put(t)
	}
}

func decodeLine(line []byte) (*offlineTicket, bool) {
	sum, text, ok := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
	if !ok || string(sum) != checksum(text) {
		return nil, false
	}
	t := &offlineTicket{}
	return t, json.Unmarshal(text, t) == nil
}

func checksum(text []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(text)) }

func encodeLine(t *offlineTicket) ([]byte, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("kiosk: %w", err)
	}
	return append([]byte(checksum(text)+" "), append(text, '\n')...), nil
}

// put takes a ticket, or the newer state of one, into memory.
func (l *offlineLog) put(t *offlineTicket) {
	i := slices.IndexFunc(l.tickets, func(o *offlineTicket) bool { return o.Day == t.Day && o.Number == t.Number })
	if i >= 0 {
		l.tickets[i] = t
	} else {
		l.tickets = append(l.tickets, t)
	}
	if t.Key != "" {
		l.byKey[t.Key] = t
	}
}

// save puts a ticket's state on disk, then into memory. After an error nothing has changed and nothing may be said.
func (l *offlineLog) save(t *offlineTicket) error {
	line, err := encodeLine(t)
	if err != nil {
		return err
	}
	end, err := l.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return fmt.Errorf("kiosk: %w", err)
	}
	_, err = l.file.Write(line)
	if err = errors.Join(err, l.file.Sync()); err != nil {
		_, back := l.file.Seek(end, io.SeekStart)
		return fmt.Errorf("kiosk: %s: %w", offlineName, errors.Join(err, l.file.Truncate(end), back))
	}
	l.put(t)
	return nil
}

// waiting is the oldest ticket that the hall does not have, or nil; and how many there are.
func (l *offlineLog) waiting() (oldest *offlineTicket, n int) {
	for _, t := range l.tickets {
		if t.Settled {
			continue
		}
		if n++; oldest == nil {
			oldest = t
		}
	}
	return oldest, n
}

// last is the highest number of a day's series so far.
func (l *offlineLog) last(series, day string) int {
	n := 0
	for _, t := range l.tickets {
		if t.Day == day && len(t.Number) > len(series) && t.Number[:len(series)] == series {
			var own int
			if _, err := fmt.Sscanf(t.Number[len(series):], "-%d", &own); err == nil {
				n = max(n, own)
			}
		}
	}
	return n + l.damaged
}

// tidy drops settled tickets of other days and, from those of this day, whatever is about the person; only the numbers
// that were given out stay, so that none is given twice. A power cut leaves the old file or the new one.
func (l *offlineLog) tidy(day string) error {
	keep := slices.DeleteFunc(slices.Clone(l.tickets), func(t *offlineTicket) bool { return t.Settled && t.Day != day })
	var out bytes.Buffer
	for i, t := range keep {
		if t.Settled {
			bare := *t
			bare.Person = wire.Person{Kind: "none"}
			t, keep[i] = &bare, &bare
		}
		line, err := encodeLine(t)
		if err != nil {
			return err
		}
		out.Write(line)
	}
	if err := replaceFile(l.path, out.Bytes()); err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND, catalogueMode)
	if err == nil {
		_, err = f.Seek(0, io.SeekEnd)
	}
	if err != nil {
		return fmt.Errorf("kiosk: %w", err)
	}
	_ = l.file.Close() // of the old file, which is gone
	l.file, l.tickets, l.byKey = f, nil, map[wire.Key]*offlineTicket{}
	for _, t := range keep {
		l.put(t)
	}
	return nil
}

func (l *offlineLog) close() error { return l.file.Close() }
