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
)

const lineRoom = 64 << 10 // of the reader's buffer; a line may be longer

// lines is a file of the kiosk's own folder: one line of JSON a change, each with its checksum, each on disk when add returns.
// A line that a power cut tore off at the end was never acknowledged and is dropped. It has one user at a time.
type lines struct {
	path    string
	file    *os.File // nil: the disk did not take it at the start
	count   int      // lines in the file
	damaged int      // of them, that could not be read though others follow
}

// openLines hands the text of each line to take, in order, or makes an empty file. take says whether it understands it. An error
// says why nothing can be added: what could be read all the same was handed over.
func openLines(path string, take func(text []byte) bool) (*lines, error) {
	l := &lines{path: path}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, catalogueMode) // #nosec G304 -- the kiosk's own folder
	if err != nil {
		return l, errors.Join(fmt.Errorf("kiosk: %w", err), l.look(take))
	}
	whole, err := l.read(f, take)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err == nil {
		err = errors.Join(f.Sync(), syncFolder(filepath.Dir(path)))
	}
	if err != nil {
		return l, errors.Join(fmt.Errorf("kiosk: %s: %w", filepath.Base(path), err), f.Close())
	}
	l.file = f
	return l, nil
}

// look reads a file that cannot be written.
func (l *lines) look(take func([]byte) bool) error {
	f, err := os.Open(l.path)
	if err != nil {
		return nil //nolint:nilerr // that it cannot be opened is known
	}
	_, err = l.read(f, take)
	return errors.Join(err, f.Close())
}

// read takes in every line and says where the whole ones end.
func (l *lines) read(f *os.File, take func([]byte) bool) (whole int64, err error) {
	in := bufio.NewReaderSize(f, lineRoom)
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
		text, ok := decodeLine(line)
		if !ok || !take(text) {
			bad++
			continue
		}
		l.count += bad + 1
		l.damaged, bad, whole = l.damaged+bad, 0, offset
	}
}

func decodeLine(line []byte) (text []byte, ok bool) {
	sum, text, ok := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
	return text, ok && string(sum) == checksum(text)
}

func checksum(text []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(text)) }

func encodeLine(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("kiosk: %w", err)
	}
	return append([]byte(checksum(text)+" "), append(text, '\n')...), nil
}

// add puts a line on disk. After an error the file is as it was.
func (l *lines) add(v any) error {
	line, err := encodeLine(v)
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
		return fmt.Errorf("kiosk: %s: %w", filepath.Base(l.path), errors.Join(err, l.file.Truncate(end), back))
	}
	l.count++
	return nil
}

// replace puts other lines in the place of all. A power cut leaves the old file or the new one. Whatever fails, the lines that follow
// go where the name points: the new file is open before it has the name.
func (l *lines) replace(text []byte) error {
	f, err := os.OpenFile(l.path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, catalogueMode)
	if err != nil {
		return fmt.Errorf("kiosk: %w", err)
	}
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(f.Name(), l.path)
	}
	if err != nil {
		return fmt.Errorf("kiosk: %w", errors.Join(err, f.Close()))
	}
	_ = l.close() // of the old file, which is gone
	l.file, l.count = f, bytes.Count(text, []byte("\n"))
	return syncFolder(filepath.Dir(l.path))
}

func (l *lines) close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
