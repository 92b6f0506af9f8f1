package sim

import "fmt"

// RaterConfig describes an evaluator that speaks Yitang's own protocol (the driver's default template).
type RaterConfig struct {
	Address byte
}

// Rater is an evaluator on a segment.
type Rater struct {
	segment *Segment
	cfg     RaterConfig
	in      []byte
	lit     bool
	stars   byte // pressed and not thanked for
	voices  []byte
}

const (
	ratingFrame = 5 // 55 addr command argument sum
	voicesMax   = 64
)

var _ node = (*Rater)(nil)

// Rater puts an evaluator on the line.
func (s *Segment) Rater(cfg RaterConfig) (*Rater, error) {
	r := &Rater{segment: s, cfg: cfg}
	return r, s.add(r)
}

// Rate presses a key, 1 to 5 stars, whether the keys are lit or not. The first one counts until it is thanked for.
func (r *Rater) Rate(stars int) error {
	if stars < 1 || stars > 5 {
		return fmt.Errorf("sim: there are no %d stars", stars)
	}
	r.segment.mu.Lock()
	defer r.segment.mu.Unlock()
	if f, off := r.segment.faults[PowerOff]; r.stars == 0 && (!off || !affects(f, r.cfg.Address)) {
		r.stars = byte(stars)
	}
	return nil
}

// Lit tells whether the keys are lit.
func (r *Rater) Lit() bool {
	r.segment.mu.Lock()
	defer r.segment.mu.Unlock()
	return r.lit
}

// Voices lists what was spoken, the newest voicesMax.
func (r *Rater) Voices() []byte {
	r.segment.mu.Lock()
	defer r.segment.mu.Unlock()
	return append([]byte(nil), r.voices...)
}

func (r *Rater) address() byte { return r.cfg.Address }
func (r *Rater) checked() int  { return 0 }
func (r *Rater) powerOff()     { r.in, r.lit, r.stars = nil, false, 0 }

func (r *Rater) hear(b []byte, refuse bool) (answers [][]byte) {
	r.in = append(r.in, b...)
	for len(r.in) >= ratingFrame {
		frame := r.in[:ratingFrame]
		var total byte
		for _, c := range frame[:ratingFrame-1] {
			total += c
		}
		if frame[0] != 0x55 || total != frame[ratingFrame-1] {
			r.in = r.in[1:]
			continue
		}
		r.in = r.in[ratingFrame:]
		if frame[1] == r.cfg.Address && !refuse {
			answers = append(answers, r.obey(frame[2], frame[3]))
		}
	}
	r.in = unfinished(r.in)
	return answers
}

func (r *Rater) obey(command, voice byte) []byte {
	switch command {
	case 0x51:
		r.lit, r.stars, r.voices = true, 0, append(r.voices, voice)
	case 0x52:
		r.lit, r.stars, r.voices = false, 0, append(r.voices, voice)
	}
	r.voices = r.voices[max(0, len(r.voices)-voicesMax):]
	said := byte(0x30) + r.stars
	return []byte{0xAA, r.cfg.Address, said, 0xAA + r.cfg.Address + said}
}
