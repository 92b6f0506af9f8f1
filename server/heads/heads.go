// Package heads signs the head of a hall's journal at the end of each business day. Kept outside the hall (by the auditor, at
// the bureau), a head shows a journal that was written anew as a whole, which fits in itself.
//
// The package owns no goroutine; Open is its only touch with the disk.
package heads

import (
	"bufio"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"yitang/server/hall"
	"yitang/server/person"
)

// KeyFile is the name of the signing key in a hall's folder.
const KeyFile = "head.key"

const (
	algorithm = "ed25519" // RFC 8032
	use       = "yitang head v1"
	maxLine   = 4 << 10
	maxHeads  = 100_000 // of a file: more than two hundred years of days
)

// Signer signs with a hall's key.
type Signer struct{ key ed25519.PrivateKey }

// Open reads the key in a hall's folder, or makes one.
func Open(dir string) (Signer, error) {
	path := filepath.Join(dir, KeyFile)
	seed, err := os.ReadFile(path) // #nosec G304 -- the hall's own folder
	if errors.Is(err, fs.ErrNotExist) {
		if err = person.NewSecret(path, ed25519.SeedSize); err == nil || errors.Is(err, fs.ErrExist) { // exist: another program was first
			seed, err = os.ReadFile(path) // #nosec G304 -- the hall's own folder
		}
	}
	if err != nil {
		return Signer{}, fmt.Errorf("heads: key: %w", err)
	}
	if len(seed) != ed25519.SeedSize {
		return Signer{}, fmt.Errorf("heads: %s does not hold %d bytes: restore it from the backup", path, ed25519.SeedSize)
	}
	return Signer{ed25519.NewKeyFromSeed(seed)}, nil
}

// Sign puts a signature under the journal as it stood after an event.
func (s Signer) Sign(of hall.Day, seq uint64, hash string) hall.HeadSigned {
	h := hall.HeadSigned{Of: of, Seq: seq, Hash: hash, Algorithm: algorithm,
		Key: base64.StdEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))} //nolint:forcetypeassert // the type's own
	h.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(s.key, message(h)))
	return h
}

func message(h hall.HeadSigned) []byte {
	return fmt.Appendf(nil, "%s\n%s\n%d\n%s\n", use, h.Of, h.Seq, h.Hash)
}

// Check holds a head against its signature.
func Check(h hall.HeadSigned) error {
	key, err1 := base64.StdEncoding.DecodeString(h.Key)
	signature, err2 := base64.StdEncoding.DecodeString(h.Signature)
	switch {
	case h.Algorithm != algorithm:
		return fmt.Errorf("heads: the head of %s is signed by %q, which this program does not know", h.Of, h.Algorithm)
	case err1 != nil || err2 != nil || len(key) != ed25519.PublicKeySize:
		return fmt.Errorf("heads: the head of %s: key or signature cannot be read", h.Of)
	case !ed25519.Verify(key, message(h), signature):
		return fmt.Errorf("heads: the signature does not fit the head of %s (event %d): the file was changed", h.Of, h.Seq)
	}
	return nil
}

// Read reads exported heads, one JSON object a line, and checks each signature. All must be of one key. An error names the line.
func Read(r io.Reader) ([]hall.HeadSigned, error) {
	var list []hall.HeadSigned
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var h hall.HeadSigned
		if err := json.Unmarshal(lines.Bytes(), &h); err != nil {
			return nil, fmt.Errorf("heads: line %d: %w", n, err)
		}
		if err := Check(h); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if len(list) > 0 && list[0].Key != h.Key {
			return nil, fmt.Errorf("heads: line %d: the head of %s is signed by another key than that of %s", n, h.Of, list[0].Of)
		}
		if list = append(list, h); len(list) > maxHeads {
			return nil, fmt.Errorf("heads: more than %d lines", maxHeads)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("heads: %w", err)
	}
	return list, nil
}

// Write writes heads as Read reads them.
func Write(w io.Writer, list []hall.HeadSigned) error {
	enc := json.NewEncoder(w)
	for _, h := range list {
		if err := enc.Encode(h); err != nil {
			return err
		}
	}
	return nil
}
