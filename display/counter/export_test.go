package counter

import "time"

// WithImpatience has an act count as slow after so long.
func WithImpatience(c Config, d time.Duration) Config {
	c.impatience = d
	return c
}
