// Package join is how a hall becomes a hall of a city, without a secret on the way: the hall makes its own keys and asks
// with the public halves (Ask, Request); the city answers with a Grant sealed to the hall, which only that hall's folder
// can open (Seal, Accept). The same seal carries a new key of the city to each hall when the key is changed.
//
// A hall keeps everything in one file of its folder, readable by its owner only. The package owns no goroutine.
package join

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nats-io/nkeys"
	"golang.org/x/crypto/nacl/box"

	"yitang/city/letter"
	"yitang/server/hall"
	"yitang/server/person"
)

// File is the hall's file about its city.
const File = "city.json"

// ErrNone means that a hall has not asked for a city yet.
var ErrNone = errors.New("join: this hall belongs to no city; yitang join --dir DIR prints the request for one")

// Request is what a hall asks with: nothing in it is secret.
type Request struct {
	Hall hall.ID `json:"hall"`
	Name string  `json:"name"`
	User string  `json:"user"` // public half of the hall's key for the line (nkey)
	Box  []byte  `json:"box"`  // public half of the key to which grants are sealed (X25519)
}

// Grant is what the city gives.
type Grant struct {
	Hall   hall.ID           `json:"hall"`
	City   string            `json:"city"` // its name
	URLs   []string          `json:"urls"`
	CA     string            `json:"ca,omitempty"` // certificate of the city's own authority, PEM; empty for a public one
	Gen    letter.Generation `json:"gen"`
	Key    []byte            `json:"key"`              // of the city, under which persons are sealed
	Person []byte            `json:"person,omitempty"` // the key of the hall's own pseudonyms, which all halls share
}

// Answer is a grant on its way: sealed, so that it may go by mail.
type Answer struct {
	Hall   hall.ID `json:"hall"`
	Sealed []byte  `json:"sealed"`
}

// Pass is what the hall's file holds.
type Pass struct {
	Request
	Seed    string `json:"seed"`        // secret half of User
	Private []byte `json:"box_private"` // secret half of Box
	Grant   *Grant `json:"grant,omitempty"`
}

// Load reads the hall's pass; ErrNone where it has none.
func Load(dir string) (*Pass, error) {
	p := &Pass{}
	err := ReadFile(filepath.Join(dir, File), p, ErrNone)
	if err != nil && !errors.Is(err, ErrNone) {
		err = fmt.Errorf("join: %w", err)
	}
	return p, err
}

// save replaces the hall's file as a whole.
func (p *Pass) save(dir string) error { return SaveFile(filepath.Join(dir, File), p) }

// Ask makes the hall's keys, or takes those it has, and returns the request.
func Ask(dir string, id hall.ID, name string) (*Request, error) {
	if err := letter.CheckHall(id); err != nil {
		return nil, err
	}
	p, err := Load(dir)
	switch {
	case errors.Is(err, ErrNone):
		if p, err = newPass(id, name); err != nil {
			return nil, err
		}
		return &p.Request, p.save(dir)
	case err != nil:
		return nil, err
	case p.Hall != id:
		return nil, fmt.Errorf("join: this folder asked as %q; it is %q now: move %s away to ask anew", p.Hall, id, File)
	}
	return &p.Request, nil
}

func newPass(id hall.ID, name string) (*Pass, error) {
	pub, seed, err := NewCredential()
	if err != nil {
		return nil, err
	}
	public, private, err := box.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	return &Pass{Request: Request{Hall: id, Name: name, User: pub, Box: public[:]}, Seed: seed, Private: private[:]}, nil
}

// NewCredential makes a key for the line (nkey): its public half, and the seed of both.
func NewCredential() (public, seed string, err error) {
	user, err := nkeys.CreateUser()
	if err != nil {
		return "", "", fmt.Errorf("join: %w", err)
	}
	text, err := user.Seed()
	if err != nil {
		return "", "", fmt.Errorf("join: %w", err)
	}
	public, err = user.PublicKey()
	return public, string(text), err
}

// Check says what is wrong with a request, or nil.
func (r *Request) Check() error {
	if err := letter.CheckHall(r.Hall); err != nil {
		return err
	}
	if !nkeys.IsValidPublicUserKey(r.User) || len(r.Box) != 32 {
		return fmt.Errorf("join: the request of %s is damaged: let the hall print it again", r.Hall)
	}
	return nil
}

// Seal makes the answer that only the hall of the request can open.
func Seal(r *Request, g *Grant) (*Answer, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	data, err := json.Marshal(g)
	if err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	sealed, err := SealTo(r.Box, data)
	if err != nil {
		return nil, err
	}
	return &Answer{Hall: r.Hall, Sealed: sealed}, nil
}

// SealTo seals data to the hall that has the other half of a key.
func SealTo(to, data []byte) ([]byte, error) {
	if len(to) != 32 {
		return nil, errors.New("join: the other hall's key is damaged")
	}
	sealed, err := box.SealAnonymous(nil, data, (*[32]byte)(to), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	return sealed, nil
}

// Unseal opens what was sealed to this hall; ok is false where it was not.
func (p *Pass) Unseal(sealed []byte) (data []byte, ok bool) {
	if len(p.Private) != 32 || len(p.Box) != 32 {
		return nil, false
	}
	return box.OpenAnonymous(nil, sealed, (*[32]byte)(p.Box), (*[32]byte)(p.Private))
}

// Open opens an answer to this pass.
func (p *Pass) Open(a *Answer) (*Grant, error) {
	if len(p.Private) != 32 || len(p.Box) != 32 {
		return nil, fmt.Errorf("join: %s is damaged: move it away and ask again", File)
	}
	data, ok := p.Unseal(a.Sealed)
	if !ok {
		return nil, fmt.Errorf("join: the answer for %q was not sealed to this hall (%q)", a.Hall, p.Hall)
	}
	g := &Grant{}
	if err := json.Unmarshal(data, g); err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	if g.Hall != p.Hall || g.Gen < 1 || len(g.URLs) == 0 {
		return nil, fmt.Errorf("join: the answer is for %q, this hall is %q", g.Hall, p.Hall)
	}
	if _, err := person.NewKey(g.Key); err != nil {
		return nil, err
	}
	return g, nil
}

// Accept takes a grant into the hall's file. One of an older generation than the present changes nothing.
func (p *Pass) Accept(dir string, g *Grant) error {
	if p.Grant != nil && g.Gen < p.Grant.Gen {
		return fmt.Errorf("join: the answer (generation %d) is older than what this hall has (%d)", g.Gen, p.Grant.Gen)
	}
	p.Grant = g
	return p.save(dir)
}

// ReadFile reads a file of SaveFile's into v; none is the error where there is no such file. Its errors, and those of SaveFile and
// WriteFile, name the file; whose it is the caller knows.
func ReadFile(path string, v any, none error) error {
	data, err := os.ReadFile(path) // #nosec G304 -- the hall's own folder
	if errors.Is(err, fs.ErrNotExist) {
		return none
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s is damaged: %w; bring it back from a backup, or move it away and begin anew", path, err)
	}
	return nil
}

// SaveFile replaces a JSON file as a whole, as WriteFile.
func SaveFile(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(path, data)
}

// WriteFile replaces a file that only its owner may read: the new one is whole on disk before it takes the name.
func WriteFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".city-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return nil
}
