package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"sync"
	"time"

	"yitang/server/hall"
)

// nameTime is how long a clerk's name is remembered; nameMax how many are.
const (
	nameTime = time.Minute
	nameMax  = 1000
)

// clerks remembers the names of those who work at windows, for the screens above them.
type clerks struct {
	mu    sync.Mutex
	known map[string]clerk
}

type clerk struct {
	name  string
	until time.Time
}

func newClerks() *clerks { return &clerks{known: map[string]clerk{}} }

// clerkName is the name of who works at a window; empty when nobody does or the name is not to be had.
func (a *API) clerkName(w *hall.Window) string {
	if w == nil || w.State == hall.Closed || w.Clerk == "" {
		return ""
	}
	user, now := name(w.Clerk), time.Now()
	a.clerks.mu.Lock()
	c, ok := a.clerks.known[user]
	a.clerks.mu.Unlock()
	if ok && now.Before(c.until) {
		return c.name
	}
	acc, err := a.Accounts.Account(context.Background(), user)
	if err != nil || acc == nil {
		return ""
	}
	a.clerks.mu.Lock()
	defer a.clerks.mu.Unlock()
	if len(a.clerks.known) >= nameMax {
		clear(a.clerks.known)
	}
	a.clerks.known[user] = clerk{name: acc.Name, until: now.Add(nameTime)}
	return acc.Name
}

// buildOf recognises the screens' page: its text names the scripts by what is in them.
func buildOf(pages fs.FS) string {
	b, err := fs.ReadFile(pages, "screen.html")
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:4])
}
