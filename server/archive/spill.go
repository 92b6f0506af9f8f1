package archive

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// shelves is over how many files the records of cases are spread: one of them is held in memory at a time.
const shelves = 64

// spill keeps what is read in temporary files until all cases are known, so that the import of a history needs a small
// part of it in memory. Its folder is gone after close.
type spill struct {
	dir   string
	files []*os.File
	out   []*bufio.Writer
	place int64 // bytes in the first file
}

// newSpill makes the folder inside dir. File 0 holds the cases, one after the other; the others the records of a range
// of cases each.
func newSpill(dir string) (*spill, error) {
	tmp, err := os.MkdirTemp(dir, "import-")
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	s := &spill{dir: tmp}
	for i := range shelves + 1 {
		f, err := os.Create(filepath.Join(tmp, fmt.Sprint(i))) // #nosec G304 -- in a temporary folder, named by a counter
		if err != nil {
			return nil, errors.Join(fmt.Errorf("archive: %w", err), s.close())
		}
		s.files = append(s.files, f)
		s.out = append(s.out, bufio.NewWriterSize(f, 64<<10))
	}
	return s, nil
}

func (s *spill) close() error {
	for _, f := range s.files {
		_ = f.Close() // it goes away
	}
	return os.RemoveAll(s.dir)
}

// kase keeps a packed case and says where.
func (s *spill) kase(body []byte) (at int64, err error) {
	at = s.place
	s.place += int64(len(body))
	_, err = s.out[0].Write(body)
	return at, err
}

// record keeps what belongs to the case of a rank.
func (s *spill) record(shelf int, rank int32, body []byte) error {
	w := s.out[1+shelf]
	var head [2 * binary.MaxVarintLen32]byte
	b := binary.AppendUvarint(head[:0], uint64(rank)) // #nosec G115 -- a rank
	b = binary.AppendUvarint(b, uint64(len(body)))
	if _, err := w.Write(b); err != nil {
		return err
	}
	_, err := w.Write(body)
	return err
}

// settled ends the writing.
func (s *spill) settled() error {
	for _, w := range s.out {
		if err := w.Flush(); err != nil {
			return fmt.Errorf("archive: %w", err)
		}
	}
	return nil
}

// shelf reads the records of a shelf back, those of each rank together in the order of writing.
func (s *spill) shelf(n int) (map[int32][]byte, error) {
	f := s.files[1+n]
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	records := map[int32][]byte{}
	for len(text) > 0 {
		rank, a := binary.Uvarint(text)
		size, b := binary.Uvarint(text[max(a, 0):])
		if a <= 0 || b <= 0 || uint64(len(text)-a-b) < size { // #nosec G115 -- the bytes read so far are fewer than there are
			return nil, errPacked
		}
		body := text[a+b : a+b+int(size)]                            // #nosec G115 -- held against the length above
		records[int32(rank)] = append(records[int32(rank)], body...) // #nosec G115 -- written by spill from an int32
		text = text[a+b+int(size):]                                  // #nosec G115 -- held against the length above
	}
	return records, nil
}

// read is a kept case.
func (s *spill) read(at int64, size int, into []byte) ([]byte, error) {
	if cap(into) < size {
		into = make([]byte, size)
	}
	into = into[:size]
	if _, err := s.files[0].ReadAt(into, at); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return into, nil
}
