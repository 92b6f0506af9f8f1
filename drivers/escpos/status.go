package escpos

// ReplyKind sorts what a printer sends.
type ReplyKind uint8

// The kinds of reply.
const (
	RealTimeReply ReplyKind = iota + 1 // to DLE EOT: one byte
	AutoReply                          // automatic status (ASB): four bytes
	BufferedReply                      // to GS r: one byte
	TextReply                          // to GS I: text
)

// Reply is one answer or automatic report.
type Reply struct {
	Kind  ReplyKind
	Bytes [4]byte // of RealTimeReply and BufferedReply the first counts
	Text  string
}

const (
	// classMask and the classes below it tell the kinds apart (HARDWARE.md, C2 and C3).
	classMask     = 0x93
	classRealTime = 0x12
	classAuto     = 0x10
	// bufferedMask is clear in the bytes of GS r and in the later ones of ASB.
	bufferedMask = 0x90
	// textHead begins an answer to GS I, a zero byte ends it.
	textHead = 0x5F
	// replyTextMax bounds a name; noise may begin one that never ends.
	replyTextMax = 80
)

// ReplyParser sorts a printer's bytes. XON, XOFF and noise that has no kind are dropped. The zero value is ready.
type ReplyParser struct {
	auto   [4]byte
	autoN  int
	text   []byte
	inText bool
}

// Feed takes one byte; ok when it completes a reply.
func (p *ReplyParser) Feed(b byte) (r Reply, ok bool) {
	switch {
	case p.inText:
		return p.feedText(b)
	case b&classMask == classRealTime: // real time: also between the bytes of an automatic status
		return Reply{Kind: RealTimeReply, Bytes: [4]byte{b}}, true
	case b&classMask == classAuto:
		p.auto[0], p.autoN = b, 1
	case b&bufferedMask == 0 && p.autoN > 0:
		return p.feedAuto(b)
	case b&bufferedMask == 0:
		return Reply{Kind: BufferedReply, Bytes: [4]byte{b}}, true
	case b == textHead:
		p.inText, p.text = true, nil
	}
	return Reply{}, false
}

func (p *ReplyParser) feedAuto(b byte) (Reply, bool) {
	p.auto[p.autoN] = b
	if p.autoN++; p.autoN < len(p.auto) {
		return Reply{}, false
	}
	p.autoN = 0
	return Reply{Kind: AutoReply, Bytes: p.auto}, true
}

func (p *ReplyParser) feedText(b byte) (Reply, bool) {
	if b != 0 && b >= ' ' && len(p.text) < replyTextMax {
		p.text = append(p.text, b)
		return Reply{}, false
	}
	p.inText = false
	if b != 0 { // not a name after all
		return p.Feed(b)
	}
	return Reply{Kind: TextReply, Text: string(p.text)}, true
}

// Status is what is wrong with a printer; the zero value is all well.
type Status struct {
	Offline       bool
	Waiting       bool // for a person, after an error
	CoverOpen     bool
	PaperOut      bool
	PaperLow      bool // near its end
	Mechanical    bool // a paper jam or the like
	Cutter        bool
	Unrecoverable bool
	HeadHot       bool // recovers by itself
	Error         bool // of a kind not told
	FeedPressed   bool
}

// Apply takes in the answer to DLE EOT n. The bits each n tells of are set or cleared, the others stay.
func (s *Status) Apply(n, b byte) {
	switch n {
	case 1:
		s.Offline, s.Waiting, s.FeedPressed = b&0x08 != 0, b&0x20 != 0, b&0x40 != 0
	case 2:
		s.CoverOpen, s.Error = b&0x04 != 0, b&0x40 != 0
		s.PaperOut = b&0x20 != 0
	case 3:
		s.Mechanical, s.Cutter = b&0x04 != 0, b&0x08 != 0
		s.Unrecoverable, s.HeadHot = b&0x20 != 0, b&0x40 != 0
	case 4:
		s.PaperLow = b&0x0C != 0
		s.PaperOut = s.PaperOut || b&0x60 != 0
	}
}

// ApplyAuto takes in an automatic status. Its near-end bits are others than those of DLE EOT 4.
func (s *Status) ApplyAuto(b [4]byte) {
	*s = Status{
		Offline: b[0]&0x08 != 0, CoverOpen: b[0]&0x20 != 0, FeedPressed: b[0]&0x40 != 0,
		Waiting: b[1]&0x01 != 0, Mechanical: b[1]&0x04 != 0, Cutter: b[1]&0x08 != 0,
		Unrecoverable: b[1]&0x20 != 0, HeadHot: b[1]&0x40 != 0,
		PaperLow: b[2]&0x03 != 0, PaperOut: b[2]&0x0C != 0,
	}
}

// ApplyBuffered takes in the answer to GS r 1. Near the end of paper may be told by DLE EOT 4 alone, so that this answer
// does not take it back.
func (s *Status) ApplyBuffered(b byte) {
	s.PaperLow, s.PaperOut = s.PaperLow || b&0x03 != 0, b&0x0C != 0
}

// Reason is the first thing a person has to see to, "" when the printer can print.
func (s Status) Reason() Reason {
	switch {
	case s.CoverOpen:
		return CoverOpen
	case s.PaperOut:
		return PaperOut
	case s.Cutter:
		return CutterError
	case s.HeadHot:
		return HeadHot
	case s.Mechanical:
		return PaperJam
	case s.Unrecoverable, s.Error, s.Waiting:
		return PrinterError
	case s.Offline:
		return PrinterOffline
	}
	return ""
}

// RealTime is the answer to DLE EOT n of a printer in that status.
func (s Status) RealTime(n byte) byte {
	b := byte(classRealTime)
	switch n {
	case 1:
		return b | bit(0x08, s.Reason() != "") | bit(0x20, s.Waiting) | bit(0x40, s.FeedPressed)
	case 2:
		failing := s.Error || s.Mechanical || s.Cutter || s.Unrecoverable || s.HeadHot
		return b | bit(0x04, s.CoverOpen) | bit(0x20, s.PaperOut) | bit(0x40, failing)
	case 3:
		return b | bit(0x04, s.Mechanical) | bit(0x08, s.Cutter) | bit(0x20, s.Unrecoverable) | bit(0x40, s.HeadHot)
	default:
		return b | bit(0x0C, s.PaperLow || s.PaperOut) | bit(0x60, s.PaperOut)
	}
}

// Auto is the automatic status of a printer in that status.
func (s Status) Auto() [4]byte {
	return [4]byte{
		classAuto | bit(0x04, true) | bit(0x08, s.Reason() != "") | bit(0x20, s.CoverOpen) | bit(0x40, s.FeedPressed),
		bit(0x01, s.Waiting) | bit(0x04, s.Mechanical) | bit(0x08, s.Cutter) | bit(0x20, s.Unrecoverable) | bit(0x40, s.HeadHot),
		s.Buffered(),
		0x0F,
	}
}

// Buffered is the answer to GS r 1 of a printer in that status.
func (s Status) Buffered() byte {
	return bit(0x03, s.PaperLow || s.PaperOut) | bit(0x0C, s.PaperOut)
}

func bit(mask byte, on bool) byte {
	if on {
		return mask
	}
	return 0
}
