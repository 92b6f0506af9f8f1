package idcard

import (
	"encoding/binary"
	"fmt"
)

// The reply to [CmdRead] begins with two big-endian lengths, of the text and of the photograph.
const (
	baseHead = 4
	maxPhoto = 1024
)

// LayoutError says that the lengths inside a reply do not agree with its size in bytes.
type LayoutError struct{ Size int }

func (e *LayoutError) Error() string {
	return fmt.Sprintf("idcard: base information: lengths do not agree with %d bytes", e.Size)
}

// ParseBase reads the data of the reply to [CmdRead]. It zeroes data before it returns: photograph and address are
// gone, whatever the caller does with the buffer.
func ParseBase(data []byte) (Card, error) {
	defer clear(data)
	if !isBase(data) {
		return Card{}, &LayoutError{Size: len(data)}
	}
	clear(data[baseHead+RecordSize:])
	return ParseRecord(data[baseHead : baseHead+RecordSize])
}

func isBase(data []byte) bool {
	if len(data) < baseHead+RecordSize {
		return false
	}
	text := int(binary.BigEndian.Uint16(data))
	photo := int(binary.BigEndian.Uint16(data[2:]))
	return text == RecordSize && photo <= maxPhoto && len(data) == baseHead+text+photo
}
