package idcard

import (
	"encoding/binary"
	"fmt"
)

// SAMNumber is the printed serial number of a security module, as `05.01-20200101-0000012345-0678901234`.
type SAMNumber string

const samSize = 16

// ParseSAM reads the data of the reply to [CmdSAM]: u16, u16, u32, u32, u32, little endian.
func ParseSAM(data []byte) (SAMNumber, error) {
	if len(data) != samSize {
		return "", fmt.Errorf("idcard: module number: %d bytes instead of %d", len(data), samSize)
	}
	le := binary.LittleEndian
	return SAMNumber(fmt.Sprintf("%02d.%02d-%08d-%010d-%010d",
		le.Uint16(data), le.Uint16(data[2:]), le.Uint32(data[4:]), le.Uint32(data[8:]), le.Uint32(data[12:]))), nil
}
