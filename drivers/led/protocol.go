package led

// Protocol is a maker's way to speak to screens. Implementations are values without state.
type Protocol interface {
	// Show is the frame that makes the screen show m; the error wraps ErrCannotShow.
	Show(a Address, m Message) ([]byte, error)
	// Ask is the frame that asks whether the screen is there, nil when the protocol has none.
	Ask(a Address) []byte
	// Ack looks for the screen's answer in what was heard since a frame was sent.
	Ack(a Address, heard []byte) Ack
	// Answers tells whether screens answer at all.
	Answers() bool
}

// Ack is what a screen answered.
type Ack uint8

// The answers.
const (
	NoAck   Ack = iota // none yet
	Good               // done
	Refused            // the screen refused the frame
)

var (
	_ Protocol = Lihe{}
	_ Protocol = QSystem{}
	_ Protocol = (*Templated)(nil)
)

// FrameMax bounds a frame: what the port writes in one piece.
const FrameMax = 512
