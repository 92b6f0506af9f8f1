package led

import "fmt"

// SumKind is how a checksum is computed.
type SumKind string

// The checksums.
const (
	Sum8      SumKind = "sum8"         // sum modulo 256
	Xor8      SumKind = "xor8"         // exclusive or
	Sum100    SumKind = "sum100"       // sum modulo 100
	CRCARC    SumKind = "crc16-arc"    // polynomial A001 (reflected 8005), start 0, low byte first
	CRCModbus SumKind = "crc16-modbus" // the same, start FFFF
)

const crcPolynomial = 0xA001

func (k SumKind) check() error {
	switch k {
	case Sum8, Xor8, Sum100, CRCARC, CRCModbus:
		return nil
	default:
		return fmt.Errorf("checksum %q", k)
	}
}

func (k SumKind) size() int {
	if k == CRCARC || k == CRCModbus {
		return 2
	}
	return 1
}

// of gives the checksum as it stands on the line.
func (k SumKind) of(b []byte) []byte {
	switch k {
	case CRCARC:
		return crc(0, b)
	case CRCModbus:
		return crc(0xFFFF, b)
	}
	sum, xor := 0, byte(0)
	for _, c := range b {
		sum += int(c)
		xor ^= c
	}
	switch k {
	case Xor8:
		return []byte{xor}
	case Sum100:
		return []byte{byte(sum % 100)}
	default:
		return []byte{byte(sum)}
	}
}

func crc(c uint16, b []byte) []byte {
	for _, x := range b {
		c ^= uint16(x)
		for range 8 {
			odd := c&1 != 0
			c >>= 1
			if odd {
				c ^= crcPolynomial
			}
		}
	}
	return []byte{byte(c), byte(c >> 8)} // #nosec G115 -- the bytes of a sum
}
