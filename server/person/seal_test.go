package person_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"testing"

	"golang.org/x/crypto/nacl/box"

	"yitang/server/person"
)

func TestASealedNumberOpensWithItsKeyOnly(t *testing.T) {
	mine, err := person.NewKey(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := person.NewKey(bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	public, err := base64.StdEncoding.DecodeString(mine.SealKey())
	if err != nil {
		t.Fatal(err)
	}
	data, err := box.SealAnonymous(nil, []byte("11010519491231002X"), (*[32]byte)(public), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sealed := base64.StdEncoding.EncodeToString(data)
	if got, err := mine.Unseal(sealed); err != nil || got != "11010519491231002X" {
		t.Errorf("%q, %v", got, err)
	}
	data[len(data)-1] ^= 1
	for name, text := range map[string]string{"damaged": base64.StdEncoding.EncodeToString(data), "no base64": "%", "empty": ""} {
		if _, err := mine.Unseal(text); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
	if _, err := foreign.Unseal(sealed); err == nil {
		t.Error("another hall opened it")
	}
}
