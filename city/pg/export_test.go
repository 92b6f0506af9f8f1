package pg

import "context"

// StartOn is Start on the port that free names.
func StartOn(ctx context.Context, dir string, free func() (int, error)) (*Server, error) {
	s, err := found(dir, true)
	if err != nil {
		return nil, err
	}
	s.free = free
	return s, s.begin(ctx)
}

// FreePort is what a server asks by itself.
func FreePort() (int, error) { return freePort() }
