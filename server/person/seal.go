package person

import (
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm3"
	"golang.org/x/crypto/curve25519"
	"golang.org/x/crypto/nacl/box"
)

// sealUse separates the sealing key from the pseudonyms.
const sealUse = "yitang seal v1"

// maxSealed bounds what is unsealed: no number is longer than 64 bytes.
const maxSealed = 256

// SealKey is the public key (X25519, base64) to which a kiosk seals a number that it must keep on disk while the hall is
// away. Only the hall can open it: the kiosk itself cannot.
func (k Key) SealKey() string {
	public, _ := k.sealPair()
	return base64.StdEncoding.EncodeToString(public[:])
}

// Unseal opens what was sealed to SealKey (NaCl box.SealAnonymous, base64).
func (k Key) Unseal(sealed string) (string, error) {
	if len(sealed) > maxSealed {
		return "", errors.New("person: unseal: too long")
	}
	data, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return "", fmt.Errorf("person: unseal: %w", err)
	}
	public, private := k.sealPair()
	number, ok := box.OpenAnonymous(nil, data, &public, &private)
	if !ok {
		return "", errors.New("person: unseal: it was not sealed to this hall's key")
	}
	return string(number), nil
}

func (k Key) sealPair() (public, private [32]byte) {
	mac := hmac.New(sm3.New, k.secret[:])
	mac.Write([]byte(sealUse + "\x00"))
	copy(private[:], mac.Sum(nil))
	curve25519.ScalarBaseMult(&public, &private)
	return public, private
}
