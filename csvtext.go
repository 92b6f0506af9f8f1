package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// csvText gives back a history that can be CSV in UTF-8 at all, and says of the other forms in which spreadsheets save one what they
// are: read as they stand, they would be a file with one unknown column.
func csvText(r io.Reader) (io.Reader, error) {
	const most = 4096 // bytes; a header is shorter
	in := bufio.NewReaderSize(r, most)
	head, err := in.Peek(most)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if utf16(head) {
		return nil, errors.New("line 1: the file is UTF-16; save it as CSV UTF-8")
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	if at := bytes.IndexAny(first, ";\t"); at >= 0 && bytes.IndexByte(first, ',') < 0 {
		name := "semicolons"
		if first[at] == '\t' {
			name = "tabs"
		}
		return nil, fmt.Errorf("line 1: the columns are separated by %s; save the file with commas between them", name)
	}
	return in, nil
}

// utf16 knows the form by its byte order mark, or by a header whose every other byte is zero.
func utf16(head []byte) bool {
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		return true
	}
	return len(head) >= 4 && (head[0] == 0) == (head[2] == 0) && (head[1] == 0) == (head[3] == 0) && (head[0] == 0) != (head[1] == 0)
}
