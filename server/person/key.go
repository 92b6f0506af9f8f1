package person

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/emmansun/gmsm/sm3"
)

const (
	keySize = 32
	keyMode = 0o600

	// pseudonymBytes of the HMAC are kept: 160 bits, 32 characters of base32.
	pseudonymBytes = 20
	// pseudonymUse separates these pseudonyms from any other use of the same key.
	pseudonymUse = "yitang person v1"
)

// PseudonymSize is the length of every pseudonym in characters.
const PseudonymSize = pseudonymBytes * 8 / 5

// Pseudonym stands for one person or company in everything a hall keeps. Halls with the same key agree on it.
type Pseudonym string

// Key makes pseudonyms. Who has it can test guesses of numbers: it lives in a file of its own and prints as nothing.
type Key struct{ secret [keySize]byte }

// String hides the key.
func (Key) String() string { return "person.Key" }

// Format hides the key from every verb of fmt.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue hides the key from log/slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// NewKey takes the 32 bytes of a key that halls share.
func NewKey(secret []byte) (Key, error) {
	var k Key
	if len(secret) != keySize {
		return k, fmt.Errorf("person: key: %d bytes instead of %d", len(secret), keySize)
	}
	copy(k.secret[:], secret)
	return k, nil
}

// Pseudonym is HMAC-SM3 (GB/T 32905) of the kind and the number, in base32, always PseudonymSize characters. The number
// should come from [Number.Normal]; other spellings of it give the same pseudonym.
func (k Key) Pseudonym(kind Kind, number string) Pseudonym {
	normal := normalise(number)
	if kind == Individual && isPass(normal) {
		normal = pass(normal).normal
	}
	return Pseudonym(k.Digest(pseudonymUse, []byte(string(kind)+"\x00"+normal)))
}

// Digest is HMAC-SM3 of data that may hold a number, for one use: equal data can be recognised, not read. It is in
// base32, always PseudonymSize characters.
func (k Key) Digest(use string, data []byte) string {
	mac := hmac.New(sm3.New, k.secret[:])
	mac.Write([]byte(use + "\x00"))
	mac.Write(data)
	return strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)[:pseudonymBytes]))
}

// LoadOrCreateKey reads the key at path, or makes one of random bytes when the file does not exist. Of several
// processes that come first, one makes it and all get the same. A key that others can read, or of another length, is
// refused: it is never replaced, since every pseudonym so far hangs on it.
func LoadOrCreateKey(path string) (Key, error) {
	k, err := loadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if err := NewSecret(path, keySize); err != nil && !errors.Is(err, fs.ErrExist) {
		return Key{}, fmt.Errorf("person: key: cannot be created: %w", err)
	}
	return loadKey(path)
}

func loadKey(path string) (Key, error) {
	f, err := os.Open(path) // #nosec G304 -- the hall's own folder
	if err != nil {
		return Key{}, fmt.Errorf("person: key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Key{}, fmt.Errorf("person: key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return Key{}, fmt.Errorf("person: key: %s is not a plain file", path)
	}
	if wide := info.Mode().Perm() &^ keyMode; wide != 0 {
		return Key{}, fmt.Errorf("person: key: %s may be used by others (mode %04o): set it to 0600", path, info.Mode().Perm())
	}
	secret, err := io.ReadAll(io.LimitReader(f, keySize+1))
	if err != nil {
		return Key{}, fmt.Errorf("person: key: %w", err)
	}
	if len(secret) != keySize {
		return Key{}, fmt.Errorf("person: key: %s does not hold %d bytes: restore it from the backup, do not replace it", path, keySize)
	}
	return NewKey(secret)
}

// NewSecret puts random bytes into a new file that only its owner may read. It writes them beside path and links them there: the
// name appears with all its bytes on disk, or not at all, and never over another file; then the error is fs.ErrExist.
func NewSecret(path string, size int) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	secret := make([]byte, size)
	_, _ = rand.Read(secret) // never fails: it ends the process instead
	_, err = f.Write(secret)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir) // #nosec G304 -- the hall's own folder
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
