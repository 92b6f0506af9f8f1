package counter

import (
	"fmt"
	"strconv"
	"strings"

	"yitang/drivers/rs485"
)

// Place is where a device hangs: a serial port, and its address on a line that several devices share.
type Place struct {
	Path    string
	Address uint8
	Baud    int // 0: 9600
}

// DefaultAddress is a device's whose place names none.
const DefaultAddress = 1

// ParsePlace reads "PORT", "PORT@ADDRESS" or "PORT@ADDRESS:BAUD"; empty is no place.
func ParsePlace(s string) (Place, error) {
	if s == "" {
		return Place{}, nil
	}
	path, rest, named := strings.Cut(s, "@")
	p := Place{Path: path, Address: DefaultAddress}
	if path == "" {
		return p, fmt.Errorf("counter: %q names no port; write PORT or PORT@ADDRESS", s)
	}
	if !named {
		return p, nil
	}
	address, baud, hasBaud := strings.Cut(rest, ":")
	n, err := strconv.ParseUint(address, 10, 8)
	if err != nil {
		return p, fmt.Errorf("counter: %q: the address %q is not a number from 0 to 255", s, address)
	}
	p.Address = uint8(n)
	if hasBaud {
		if p.Baud, err = strconv.Atoi(baud); err != nil || p.Baud <= 0 {
			return p, fmt.Errorf("counter: %q: the baud rate %q is not a number", s, baud)
		}
	}
	return p, nil
}

// unit is a device and where it hangs.
type unit struct {
	at     Place
	name   string
	device rs485.Device
}

// lines makes a bus for each port, with the devices that share it.
func lines(timing rs485.Timing, units []unit) ([]*rs485.Bus, error) {
	var out []*rs485.Bus
	for i, u := range units {
		var shared []rs485.Unit
		for k, v := range units {
			if v.at.Path != u.at.Path {
				continue
			}
			if k < i { // the line is made already
				shared = nil
				break
			}
			if v.at.Baud != u.at.Baud {
				return nil, fmt.Errorf("counter: %s: %s and %s want different baud rates on one line", u.at.Path, u.name, v.name)
			}
			shared = append(shared, rs485.Unit{Name: v.name, Device: v.device})
		}
		if shared == nil {
			continue
		}
		b, err := rs485.New(rs485.Config{Path: u.at.Path, Baud: u.at.Baud, Timing: timing}, shared...)
		if err != nil {
			return nil, fmt.Errorf("counter: %w", err)
		}
		out = append(out, b)
	}
	return out, nil
}
