package voice

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// Rate is the samples a second of everything that is made here; espeak-ng's own rate.
const Rate = 22050

// maxSamples bounds one piece of sound: two minutes.
const maxSamples = 120 * Rate

// sound is mono samples at Rate.
type sound []int16

// Encode writes samples as a WAV file: RIFF, 16-bit PCM, mono.
func (s sound) encode() []byte {
	size := 2 * len(s)
	b := make([]byte, 0, 44+size)
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(36+size)) // #nosec G115 -- bounded by maxSamples, or two's complement
	b = append(b, "WAVEfmt "...)
	for _, v := range []uint32{16, 1 | 1<<16, Rate, 2 * Rate, 2 | 16<<16} { // PCM, one channel; block of 2 bytes, 16 bits
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(size)) // #nosec G115 -- bounded by maxSamples, or two's complement
	for _, v := range s {
		b = binary.LittleEndian.AppendUint16(b, uint16(v)) // #nosec G115 -- bounded by maxSamples, or two's complement
	}
	return b
}

// errWAV says what a file must be.
var errWAV = errors.New("not a WAV file of 16-bit PCM, mono or stereo")

// decode reads a WAV file and brings it to one channel at Rate. A stream such as espeak-ng's has a length that means
// "until the end".
func decode(b []byte) (sound, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, errWAV
	}
	var channels, rate int
	for rest := b[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[8:]
		body = body[:min(int64(len(body)), size)]
		switch name {
		case "fmt ":
			if len(body) < 16 || binary.LittleEndian.Uint16(body) != 1 || binary.LittleEndian.Uint16(body[14:]) != 16 {
				return nil, errWAV
			}
			channels, rate = int(binary.LittleEndian.Uint16(body[2:])), int(binary.LittleEndian.Uint32(body[4:]))
		case "data":
			if channels < 1 || channels > 2 || rate < 4000 || rate > 192000 {
				return nil, errWAV
			}
			return resample(mono(body, channels), rate)
		}
		rest = rest[8+len(body):]
		if len(body)%2 == 1 && len(rest) > 0 { // chunks begin at even places
			rest = rest[1:]
		}
	}
	return nil, errWAV
}

func mono(b []byte, channels int) sound {
	s := make(sound, len(b)/2/channels)
	for i := range s {
		sum := 0
		for c := range channels {
			sum += int(int16(binary.LittleEndian.Uint16(b[2*(i*channels+c):]))) // #nosec G115 -- bounded by maxSamples, or two's complement
		}
		s[i] = int16(sum / channels) // #nosec G115 -- bounded by maxSamples, or two's complement
	}
	return s
}

// resample draws a straight line between samples: enough for speech.
func resample(s sound, rate int) (sound, error) {
	n := len(s) * Rate / rate
	if n > maxSamples {
		return nil, fmt.Errorf("longer than %v", maxSamples/Rate*time.Second)
	}
	if rate == Rate || len(s) == 0 {
		return s, nil
	}
	out := make(sound, n)
	for i := range out {
		at := float64(i) * float64(rate) / Rate
		k := min(int(at), len(s)-1)
		next := min(k+1, len(s)-1)
		part := at - float64(k)
		out[i] = int16((1-part)*float64(s[k]) + part*float64(s[next]))
	}
	return out, nil
}

// trim cuts the silence at both ends but for a breath.
func (s sound) trim() sound {
	const loud, breath = 200, Rate / 50
	from, to := 0, len(s)
	for from < to && quiet(s[from], loud) {
		from++
	}
	for to > from && quiet(s[to-1], loud) {
		to--
	}
	return s[max(0, from-breath):min(len(s), to+breath)]
}

func quiet(v, loud int16) bool { return v < loud && v > -loud }

func silence(d time.Duration) sound { return make(sound, int(d.Seconds()*Rate)) }

// gong is two struck bars, a major third apart (E5, C5), each with its third partial, dying away.
func gong() sound {
	const second, lasts = 0.45, 1.5
	s := make(sound, int(lasts*Rate))
	for i := range s {
		t := float64(i) / Rate
		v := strike(t, 659.26) + strike(t-second, 523.25)
		s[i] = int16(11000 * v)
	}
	return s
}

// strike is a bar of a pitch in Hz, t seconds after it was struck.
func strike(t, pitch float64) float64 {
	if t < 0 {
		return 0
	}
	attack := min(1, t/0.005)
	return attack * (math.Exp(-4*t)*math.Sin(2*math.Pi*pitch*t) + 0.3*math.Exp(-9*t)*math.Sin(6*math.Pi*pitch*t))
}

// AtVolume makes a WAV file quieter, to a volume in percent.
func AtVolume(wav []byte, percent int) ([]byte, error) {
	s, err := decode(wav)
	if err != nil {
		return nil, fmt.Errorf("voice: %w", err)
	}
	percent = min(max(percent, 0), 100)
	out := make(sound, len(s))
	for i, v := range s {
		out[i] = int16(int(v) * percent / 100) // #nosec G115 -- bounded by maxSamples, or two's complement
	}
	return out.encode(), nil
}
