package led

// Lihe is the protocol of 平安力合's bank screens, 9600 baud (HARDWARE.md, D2):
// A0 LEN CMD ADD SCMD DATA CHK FF. LEN counts CMD to DATA, CHK is the sum from LEN to DATA, modulo 100 (so that it is
// never FF). DATA is the number in hundreds and rest, the window, and the ticket's letter if it has one.
//
// The document leaves open what DATA is for a screen without a number, and what SCMD and DATA of the online test are;
// we send number 0 with the window, SCMD 00 and no DATA. It shows a good acknowledgement only, no refusal.
type Lihe struct {
	Combined bool // the large screen for several windows, which shows calls only
}

const (
	liheHead, liheTail = 0xA0, 0xFF
	liheStrip          = 0x28
	liheCombined       = 0x2A
	liheOnline         = 0x29
	liheAck            = 0x14
	liheAcked          = 0x50

	liheWelcome, liheCall, lihePause, liheServing = 0x00, 0x01, 0x02, 0x04

	liheMin     = 7 // A0 LEN CMD ADD SCMD CHK FF
	liheBefore  = 2 // A0 LEN
	liheNumbers = 3 // hundreds, rest, window
	liheMax     = 9999
	windowMax   = 0xFF
)

// Show encodes m. Message.Text is not shown: it has a frame of its own, LiheText.
func (l Lihe) Show(a Address, m Message) ([]byte, error) {
	letter, n := byte(0), 0
	if m.Kind == Call || m.Kind == Serving {
		var err error
		if letter, n, err = splitNumber(m.Number); err != nil {
			return nil, err
		}
	}
	if n > liheMax || m.Window < 0 || m.Window > windowMax {
		return nil, cannot("number %d or window %d is too large", n, m.Window)
	}
	command, sub := byte(liheStrip), liheSub(m.Kind)
	if l.Combined {
		if m.Kind != Call {
			return nil, cannot("a combined screen shows calls only")
		}
		command, sub = liheCombined, 0
	}
	data := []byte{byte(n / 100), byte(n % 100), byte(m.Window)}
	if letter != 0 {
		data = append(data, letter)
	}
	return liheFrame(command, a, sub, data...), nil
}

// Ask is the online test.
func (l Lihe) Ask(a Address) []byte { return liheFrame(liheOnline, a, 0) }

// Answers is true.
func (l Lihe) Answers() bool { return true }

// Ack finds A0 LEN 14 ADD 50 CHK FF.
func (l Lihe) Ack(a Address, heard []byte) Ack {
	for ; len(heard) >= liheMin; heard = heard[1:] {
		command, from, sub, data, err := liheParse(heard[:liheMin])
		if err == nil && command == liheAck && from == a && sub == liheAcked && len(data) == 0 {
			return Good
		}
	}
	return NoAck
}

// Decode is the counterpart of Show, for tests and for looking at a line.
func (l Lihe) Decode(frame []byte) (Address, Message, error) {
	command, a, sub, data, err := liheParse(frame)
	if err != nil {
		return 0, Message{}, err
	}
	m := Message{Kind: Call}
	switch {
	case command == liheStrip:
		if m.Kind, err = liheKind(sub); err != nil {
			return 0, Message{}, err
		}
	case command != liheCombined || sub != 0:
		return 0, Message{}, broken("command %02X %02X shows nothing", command, sub)
	}
	if len(data) != liheNumbers && len(data) != liheNumbers+1 || data[0] >= 100 || data[1] >= 100 {
		return 0, Message{}, broken("data % X", data)
	}
	m.Window = int(data[2])
	m.Number, err = liheNumber(m.Kind, data)
	return a, m, err
}

func liheNumber(k Kind, data []byte) (string, error) {
	n, letter := 100*int(data[0])+int(data[1]), byte(0)
	if len(data) > liheNumbers {
		letter = data[liheNumbers]
		if letter < 'A' || letter > 'Z' {
			return "", broken("the letter %02X", letter)
		}
	}
	switch numbered := k == Call || k == Serving; {
	case numbered && n > 0:
		return joinNumber(letter, n), nil
	case numbered || n > 0 || letter != 0:
		return "", broken("number %d with kind %d", n, k)
	default:
		return "", nil
	}
}

func liheSub(k Kind) byte {
	switch k {
	case Call:
		return liheCall
	case Serving:
		return liheServing
	case Paused:
		return lihePause
	default:
		return liheWelcome
	}
}

func liheKind(sub byte) (Kind, error) {
	switch sub {
	case liheWelcome:
		return Welcome, nil
	case liheCall:
		return Call, nil
	case lihePause:
		return Paused, nil
	case liheServing:
		return Serving, nil
	default:
		return 0, broken("sub-command %02X", sub)
	}
}

func liheFrame(command byte, a Address, sub byte, data ...byte) []byte {
	frame := []byte{liheHead, byte(3 + len(data)), command, byte(a), sub} // #nosec G115 -- three bytes at most
	frame = append(frame, data...)
	return append(frame, liheCheck(frame), liheTail)
}

// liheCheck sums everything after the first byte.
func liheCheck(frame []byte) byte {
	sum := 0
	for _, c := range frame[1:] {
		sum += int(c)
	}
	return byte(sum % 100)
}

func liheParse(frame []byte) (command byte, a Address, sub byte, data []byte, err error) {
	n := len(frame)
	switch {
	case n < liheMin || frame[0] != liheHead || frame[n-1] != liheTail:
		err = broken("% X", frame)
	case int(frame[1]) != n-liheBefore-2:
		err = broken("length %d", frame[1])
	case liheCheck(frame[:n-2]) != frame[n-2]:
		err = broken("checksum %02X", frame[n-2])
	default:
		return frame[2], Address(frame[3]), frame[4], frame[5 : n-2], nil
	}
	return 0, 0, 0, nil, err
}
