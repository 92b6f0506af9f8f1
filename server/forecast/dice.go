package forecast

// dice is a small deterministic source of chance: SplitMix64 (Steele, Lea and Flood 2014). The seed comes in with the
// question, so that the same question draws the same numbers.
type dice struct{ s uint64 }

func newDice(seed uint64) *dice { return &dice{s: seed} }

func (d *dice) next() uint64 {
	d.s += 0x9e3779b97f4a7c15
	z := d.s
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// float is uniform in [0, 1).
func (d *dice) float() float64 { return float64(d.next()>>11) / (1 << 53) }
