package escpos

import "time"

// Model names a profile.
type Model string

// The profiles this package knows.
const (
	Generic80 Model = "generic-80mm"
	Generic58 Model = "generic-58mm"
	OneWay80  Model = "one-way-80mm"
	EpsonT88  Model = "epson-tm-t88"
	EpsonP80  Model = "epson-tm-p80"
	CitizenCT Model = "citizen-ct-s651"
)

// Profile is what a printer can do. Take it from ProfileFor and change what the hall knows better.
type Profile struct {
	Model   Model
	Dots    int // printable width
	Columns int // of font A at size 1; a Chinese character takes two
	Baud    int // for the time a job takes

	TwoWay   bool   // the cable carries answers back
	Asks     []byte // the DLE EOT statuses it answers, asked before each job
	Confirms bool   // it answers GS r 1, so that a job can be known to be printed
	Names    bool   // it answers GS I

	Cutter    bool
	CutDots   byte // feed from the head to the knife
	Buzzer    bool // ESC B n t
	QRDots    byte // module size that a phone reads well
	Raster    bool
	CanCancel bool // DLE ENQ 2 drops the job after a recoverable error

	ReplyTimeout time.Duration // for one status answer
	PrintTimeout time.Duration // for the answer to GS r 1, beyond the time the line needs
}

// Conservative times: the slowest kiosk printers feed 60 mm/s and answer within 100 ms.
const (
	defaultReplyTimeout = time.Second
	defaultPrintTimeout = 10 * time.Second
	defaultBaud         = 115200
)

// ProfileFor returns the profile of a model, Generic80's for one it does not know. Widths: HARDWARE.md, C6.
func ProfileFor(m Model) Profile {
	p := Profile{
		Model: m, Dots: 576, Columns: 48, Baud: defaultBaud,
		TwoWay: true, Asks: []byte{1, 2, 4}, Confirms: true,
		Cutter: true, QRDots: 6, Raster: true,
		ReplyTimeout: defaultReplyTimeout, PrintTimeout: defaultPrintTimeout,
	}
	switch m {
	case Generic58:
		p.Dots, p.Columns, p.QRDots, p.Cutter = 384, 32, 5, false
	case OneWay80:
		p.TwoWay, p.Confirms, p.Asks = false, false, nil
	case EpsonT88:
		p.Dots, p.Columns, p.Asks, p.Names, p.CanCancel = 512, 42, []byte{1, 2, 3, 4}, true, true
	case EpsonP80:
		p.Columns, p.Asks, p.Names, p.CanCancel = 42, []byte{1, 2, 3, 4}, true, true
	case CitizenCT:
		p.Dots, p.Asks, p.Names = 640, []byte{1, 2, 3, 4}, true
	case Generic80:
	default:
		p.Model = Generic80
	}
	return p
}
