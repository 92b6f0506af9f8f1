package register

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// Role is what a user of the city's pages may do.
type Role string

// The roles. Nobody has two: who gives out accounts does not change the catalogue, and the other way round.
const (
	Viewer Role = "viewer" // 查看员: halls, reports, leads
	Editor Role = "editor" // 标准管理员: also publishes the catalogue (一事项一标准)
	Admin  Role = "admin"  // 系统管理员: also gives out accounts
)

// Roles are all of them.
func Roles() []Role { return []Role{Viewer, Editor, Admin} }

// User is somebody who may log in to the city's pages.
type User struct {
	Name       string `json:"name,omitempty"`
	Role       Role   `json:"role,omitempty"`
	Password   string `json:"password"` // argon2id
	MustChange bool   `json:"must_change,omitempty"`
	Closed     bool   `json:"closed,omitempty"` // for good: what was done under the name stays somebody's
	// Former are the hashes of the last passwords, which must not come back.
	Former []string `json:"former,omitempty"`
}

// Can says what the user is. Users from before there were roles could publish catalogues.
func (u *User) Can() Role {
	if u.Role == "" {
		return Editor
	}
	return u.Role
}

// formerKept is how many former passwords are kept.
const formerKept = 5

// SetPassword changes the password to one with the given hash.
func (u *User) SetPassword(hash string, mustChange bool) {
	if u.Password != "" {
		u.Former = append(slices.Clone(u.Former), u.Password)
		u.Former = u.Former[max(0, len(u.Former)-formerKept):]
	}
	u.Password, u.MustChange = hash, mustChange
}

// lockFile is held while the register is changed: the running city and the commands both change it.
const lockFile = ".city-register.lock"

// Change loads the register, changes it and keeps it, one after the other also between processes. It returns what was kept.
func Change(dir string, do func(*Register) error) (*Register, error) {
	if _, err := Load(dir); err != nil { // before a lock is made where there is no city
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- the operator's own folder
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	r, err := Load(dir)
	if err != nil {
		return nil, err
	}
	if err := do(r); err != nil {
		return nil, err
	}
	return r, r.Save(dir)
}
