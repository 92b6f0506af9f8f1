// Package register is the city's list of its halls, with the keys: who may publish, under which generation, where each
// hall is. It lies in two files of the city's folder. One holds the register; the other the key of the pseudonyms that all
// halls share, which only enrolling needs and which may be kept elsewhere between two enrolments.
//
// The commands of `yitang city` change the files; the running city notices. The package owns no goroutine.
package register

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nkeys"

	"yitang/city/join"
	"yitang/city/letter"
	"yitang/server/hall"
)

// Files in the city's folder.
const (
	File       = "city-register.json"
	SharedFile = "city-shared.key"
)

const keyBytes = 32

// ErrNone means that there is no city in a folder.
var ErrNone = errors.New("register: no city here yet: yitang city new --dir DIR NAME --url tls://HOST:4222 makes one")

// Register is the city with its halls.
type Register struct {
	Name  string              `json:"name"`
	URLs  []string            `json:"urls"`         // where halls reach the line
	CA    string              `json:"ca,omitempty"` // authority of the line's certificates, PEM; empty = the city's own, Public = any that the system trusts
	Seed  string              `json:"seed"`         // of the city's own credential (nkey)
	Key   []byte              `json:"key"`          // under which persons are sealed; changed by Rotate
	KeyNo int                 `json:"key_no"`
	Halls map[hall.ID]*Member `json:"halls"`
	Users map[string]User     `json:"users,omitempty"` // of the city's pages
}

// Member is one hall.
type Member struct {
	join.Request
	Gen     letter.Generation `json:"gen"`
	Revoked bool              `json:"revoked,omitempty"`
	Joined  time.Time         `json:"joined"`
	Address string            `json:"address,omitempty"`
	Lat     *float64          `json:"lat,omitempty"`
	Lon     *float64          `json:"lon,omitempty"`
	Level   string            `json:"level,omitempty"` // city, township or village
}

// Create makes a city in a folder.
func Create(dir, name string, urls []string) (*Register, error) {
	if _, err := Load(dir); !errors.Is(err, ErrNone) {
		return nil, fmt.Errorf("register: %s holds a city already", dir)
	}
	if err := os.MkdirAll(dir, 0o711); err != nil { // #nosec G301 -- PostgreSQL may run in it as another user
		return nil, fmt.Errorf("register: %w", err)
	}
	_, seed, err := join.NewCredential()
	if err != nil {
		return nil, err
	}
	if err := join.WriteFile(filepath.Join(dir, SharedFile), newKey()); err != nil {
		return nil, err
	}
	r := &Register{Name: name, URLs: urls, Seed: seed, Key: newKey(), KeyNo: 1, Halls: map[hall.ID]*Member{}, Users: map[string]User{}}
	return r, r.Save(dir)
}

func newKey() []byte {
	k := make([]byte, keyBytes)
	_, _ = rand.Read(k) // never fails: it ends the process instead
	return k
}

// Load reads the register; ErrNone where there is none.
func Load(dir string) (*Register, error) {
	r := &Register{}
	switch err := join.ReadFile(filepath.Join(dir, File), r, ErrNone); {
	case errors.Is(err, ErrNone):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("register: %w", err)
	}
	if r.Halls == nil {
		r.Halls = map[hall.ID]*Member{}
	}
	if r.Users == nil {
		r.Users = map[string]User{}
	}
	return r, nil
}

// Save replaces the register on disk as a whole.
func (r *Register) Save(dir string) error { return join.SaveFile(filepath.Join(dir, File), r) }

// PublicKey is the public half of the city's own credential.
func (r *Register) PublicKey() (string, error) {
	k, err := nkeys.FromSeed([]byte(r.Seed))
	if err != nil {
		return "", fmt.Errorf("register: %w", err)
	}
	return k.PublicKey()
}

// Credentials are the halls that may connect, with their public keys.
func (r *Register) Credentials() map[hall.ID]string {
	list := map[hall.ID]string{}
	for id, m := range r.Halls {
		if !m.Revoked {
			list[id] = m.User
		}
	}
	return list
}

// Enrol takes a hall in, or an old one with new keys, and returns the answer to its request.
func (r *Register) Enrol(dir string, q *join.Request, now time.Time) (*join.Answer, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	shared, err := os.ReadFile(filepath.Join(dir, SharedFile)) // #nosec G304 -- the city's own folder
	if err != nil {
		return nil, fmt.Errorf("register: the key that the halls share: %w; bring %s back to enrol halls", err, SharedFile)
	}
	m := r.Halls[q.Hall]
	if m == nil {
		m = &Member{Gen: 1, Joined: now, Level: "township"}
		r.Halls[q.Hall] = m
	} else if m.User != q.User || m.Revoked { // another folder speaks for the hall now
		m.Gen++
	}
	m.Request, m.Revoked = *q, false
	g, err := r.grant(dir, m)
	if err != nil {
		return nil, err
	}
	g.Person = shared
	return join.Seal(q, g)
}

// grant is what a hall gets without the shared key.
func (r *Register) grant(dir string, m *Member) (*join.Grant, error) {
	ca, err := r.Authority(dir)
	return &join.Grant{Hall: m.Hall, City: r.Name, URLs: r.URLs, CA: ca, Gen: m.Gen, Key: r.Key}, err
}

// Public as a register's CA says that the line's certificates are by an authority that every system trusts.
const Public = "public"

// Authority is the certificate, PEM, by which the line's servers are known; empty where the system's own will do.
func (r *Register) Authority(dir string) (string, error) {
	if r.CA != "" {
		return strings.TrimPrefix(r.CA, Public), nil
	}
	ca, err := os.ReadFile(filepath.Join(dir, "tls-ca.pem")) // #nosec G304 -- of package cert
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("register: %w", err)
	}
	return string(ca), nil
}

// Grant is a hall's present grant, sealed to it, for the bucket that it reads.
func (r *Register) Grant(dir string, id hall.ID) (*join.Answer, error) {
	m := r.Halls[id]
	g, err := r.grant(dir, m)
	if err != nil {
		return nil, err
	}
	return join.Seal(&m.Request, g)
}

// member finds a hall.
func (r *Register) member(id hall.ID) (*Member, error) {
	if m := r.Halls[id]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("register: the city has no hall %q", id)
}

// Revoke takes a hall's credential away.
func (r *Register) Revoke(id hall.ID) error {
	m, err := r.member(id)
	if err == nil {
		m.Revoked = true
	}
	return err
}

// Renew lets a hall send its journal again from the beginning, in place of what the city has of it.
func (r *Register) Renew(id hall.ID) error {
	m, err := r.member(id)
	if err == nil {
		m.Gen++
	}
	return err
}

// Rotate changes the key under which persons are sealed: every hall sends its journal again under the new one, and what
// was sealed under the old one is replaced.
func (r *Register) Rotate() {
	r.Key, r.KeyNo = newKey(), r.KeyNo+1
	for _, m := range r.Halls {
		m.Gen++
	}
}
