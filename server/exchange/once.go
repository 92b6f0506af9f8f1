package exchange

import "hash/maphash"

// once remembers ids by a hash of 64 bits, eight bytes each, so that ten million of them fit a small machine. Two ids
// with one hash only make the file be read a second time.
type once struct {
	seed  maphash.Seed
	slots []uint64 // open addressing; 0 is free
	used  int
	again map[uint64]bool // hashes that came a second time
}

func newOnce() *once {
	return &once{seed: maphash.MakeSeed(), slots: make([]uint64, 1<<10), again: map[uint64]bool{}}
}

func (o *once) hash(id string) uint64 {
	return maphash.String(o.seed, id) | 1 // never 0
}

// add notes an id; an empty one is refused elsewhere.
func (o *once) add(id string) {
	if id == "" {
		return
	}
	if 4*o.used >= 3*len(o.slots) {
		o.grow()
	}
	if h := o.hash(id); !o.put(h) {
		o.again[h] = true
	}
}

// put says whether the hash is new.
func (o *once) put(h uint64) bool {
	mask := uint64(len(o.slots) - 1) // #nosec G115 -- lines of a file and places in a list
	for i := h >> 1 & mask; ; i = (i + 1) & mask {
		switch o.slots[i] {
		case 0:
			o.slots[i] = h
			o.used++
			return true
		case h:
			return false
		}
	}
}

func (o *once) grow() {
	old := o.slots
	o.slots, o.used = make([]uint64, 2*len(old)), 0
	for _, h := range old {
		if h != 0 {
			o.put(h)
		}
	}
}

func (o *once) suspect(id string) bool { return o.again[o.hash(id)] }
