package idcard

import "encoding/binary"

// Parser finds replies in a stream of bytes that may be cut, joined or noisy anywhere. After a frame that proves
// wrong it starts again one byte further, so that no noise can hide a good frame that follows it. The zero value is
// ready; memory is bounded by MaxFrame.
type Parser struct {
	buf      [MaxFrame]byte
	n        int
	rejected int
}

// Feed takes the bytes of one Read and calls take for every complete reply. Reply.Data is valid only during the call.
func (p *Parser) Feed(chunk []byte, take func(Reply)) {
	for _, c := range chunk {
		p.buf[p.n] = c
		p.n++
		p.scan(take)
	}
}

// Resync gives up the frame that is being awaited and looks for others in what has arrived of it. Call it when the
// line has fallen silent: a piece of noise that looks like the head of a long frame may have swallowed a short one.
func (p *Parser) Resync(take func(Reply)) {
	for p.n > 0 {
		p.drop(1)
		p.scan(take)
	}
}

// Reset forgets everything and zeroes the buffer, which may have held a person's record.
func (p *Parser) Reset() {
	clear(p.buf[:])
	p.n = 0
}

// Rejected counts frames that began well and were refused for their length or checksum since the parser was made.
func (p *Parser) Rejected() int { return p.rejected }

func (p *Parser) scan(take func(Reply)) {
	for p.align(); p.n >= headSize; p.align() {
		length := int(binary.BigEndian.Uint16(p.buf[preambleSize:]))
		if length < minLength || length > MaxLength {
			p.reject()
			continue
		}
		end := headSize + length
		if p.n < end {
			return
		}
		if xor(p.buf[preambleSize:end]) != 0 {
			p.reject()
			continue
		}
		take(Reply{
			SW1: p.buf[headSize], SW2: p.buf[headSize+1], Status: Status(p.buf[headSize+2]),
			Data: p.buf[headSize+3 : end-1],
		})
		p.drop(end)
	}
}

func (p *Parser) reject() {
	p.rejected++
	p.drop(1)
}

// align drops bytes until the buffer begins with the preamble or with a beginning of it (AA AA AA AA 96 69 slides by
// one).
func (p *Parser) align() {
	for at := 0; at < p.n; at++ {
		have := p.buf[at:min(p.n, at+preambleSize)]
		if string(have) == preamble[:len(have)] {
			p.drop(at)
			return
		}
	}
	p.drop(p.n)
}

// drop removes the first k bytes and zeroes the space they leave.
func (p *Parser) drop(k int) {
	k = min(k, p.n) // take may have reset the parser
	if k == 0 {
		return
	}
	copy(p.buf[:], p.buf[k:p.n])
	clear(p.buf[p.n-k : p.n])
	p.n -= k
}
