package voice

// Kept is how many sentences a voice remembers, and how long the list is by which it lets them go.
func Kept(v *Voice) (sentences, order int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.kept), len(v.order)
}

// Cyrillic is how a Kazakh sentence goes to espeak-ng.
func Cyrillic(text string) string { return cyrillic(text) }
