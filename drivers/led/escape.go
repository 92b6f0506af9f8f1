package led

// escape writes the bytes of the escaped parts as the table has them.
func (p *Templated) escape(frame []byte) []byte {
	if p.t.Escape == nil {
		return frame
	}
	from, after := p.fixed()
	out := append([]byte(nil), frame[:from]...)
	for _, b := range frame[from : len(frame)-after] {
		out = append(out, p.spell(b)...)
	}
	return append(out, frame[len(frame)-after:]...)
}

func (p *Templated) unescape(frame []byte) ([]byte, error) {
	if p.t.Escape == nil {
		return frame, nil
	}
	from, after := p.fixed()
	if len(frame) < from+after {
		return nil, broken("%d bytes", len(frame))
	}
	out := append([]byte(nil), frame[:from]...)
	for wire := frame[from : len(frame)-after]; len(wire) > 0; {
		b, n, err := p.read(wire)
		if err != nil {
			return nil, err
		}
		out, wire = append(out, b), wire[n:]
	}
	return append(out, frame[len(frame)-after:]...), nil
}

// fixed is how many bytes stand before and after the escaped parts; a body among them is refused by Check.
func (p *Templated) fixed() (before, after int) {
	for i, part := range p.t.Frame {
		switch {
		case i < p.t.Escape.From:
			before += part.size()
		case i >= p.t.Escape.To:
			after += part.size()
		}
	}
	return before, after
}

func (p *Templated) spell(b byte) []byte {
	for _, s := range p.t.Escape.Table {
		if s.Plain[0] == b {
			return s.Wire
		}
	}
	return []byte{b}
}

// read takes one byte as it is spelled, and says how many bytes of the line it took.
func (p *Templated) read(wire []byte) (b byte, n int, err error) {
	begins := false
	for _, s := range p.t.Escape.Table {
		if len(wire) >= wireSpell && string(s.Wire) == string(wire[:wireSpell]) {
			return s.Plain[0], wireSpell, nil
		}
		begins = begins || s.Plain[0] == wire[0] || s.Wire[0] == wire[0]
	}
	if begins {
		return 0, 0, broken("%02X is not spelled", wire[0])
	}
	return wire[0], 1, nil
}
