package idcard

import "encoding/binary"

// Bounds of a frame: AA AA AA 96 69, length (big endian, counts everything after itself, checksum included), payload,
// checksum. The longest legal reply is 2321 bytes (length 090A); MaxLength leaves a little room above it.
const (
	preambleSize = 5
	headSize     = preambleSize + 2
	minLength    = 4      // SW1 SW2 SW3 CHK
	MaxLength    = 0x0A00 // a longer reply is noise
	MaxFrame     = headSize + MaxLength

	// MaxRequestData bounds the bytes after CMD and PARA of a request; the protocol never needs more than one.
	MaxRequestData = 64
)

const preamble = "\xAA\xAA\xAA\x96\x69"

// Command is CMD and PARA of a request. The one that would read fingerprints (30 10) is left out on purpose.
type Command uint16

// The commands of the security module.
const (
	CmdReset         Command = 0x10FF
	CmdStatus        Command = 0x11FF // self test
	CmdSAM           Command = 0x12FF // serial number of the security module
	CmdFind          Command = 0x2001
	CmdSelect        Command = 0x2002
	CmdRead          Command = 0x3001 // text and photograph
	CmdMoreAddresses Command = 0x3003 // also tells whether the card read last still lies there
	CmdCardNumbers   Command = 0x3005 // management numbers of the card
	CmdBaud115200    Command = 0x6000
	CmdBaud57600     Command = 0x6001
	CmdBaud38400     Command = 0x6002
	CmdBaud19200     Command = 0x6003
	CmdBaud9600      Command = 0x6004
	CmdMaxRF         Command = 0x61FF // data: the largest number of bytes the module puts into one radio frame
)

// EncodeRequest builds the complete frame of a request. Data beyond MaxRequestData is cut.
func EncodeRequest(cmd Command, data ...byte) []byte {
	data = data[:min(len(data), MaxRequestData)]
	return seal(append([]byte{byte(cmd >> 8), byte(cmd)}, data...)) // #nosec G115 -- a command's bytes; payloads are shorter than a frame
}

// Reply is what the module answered. Data may alias the parser's buffer: use it at once, never keep it.
type Reply struct {
	SW1, SW2 byte // the card's own status; only [Reply.Status] decides
	Status   Status
	Data     []byte
}

func seal(payload []byte) []byte {
	frame := make([]byte, 0, headSize+len(payload)+1)
	frame = append(frame, preamble...)
	frame = binary.BigEndian.AppendUint16(frame, uint16(len(payload)+1)) // #nosec G115 -- a command's bytes; payloads are shorter than a frame
	frame = append(frame, payload...)
	return append(frame, xor(frame[preambleSize:]))
}

// xor is the protocol's checksum. Over length, payload and checksum together it is 0.
func xor(b []byte) byte {
	var sum byte
	for _, c := range b {
		sum ^= c
	}
	return sum
}
