package join_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yitang/city/join"
	"yitang/server/hall"
)

func grant(id hall.ID) *join.Grant {
	return &join.Grant{Hall: id, City: "昌吉", URLs: []string{"tls://city:4222"}, Gen: 1, Key: bytes.Repeat([]byte{7}, 32), Person: bytes.Repeat([]byte{8}, 32)}
}

// TestJoin asks, is granted and keeps it; nobody else can open the answer, and nothing secret stands in the request.
func TestJoin(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	if _, err := join.Load(dir); !errors.Is(err, join.ErrNone) {
		t.Fatalf("%v", err)
	}
	r, err := join.Ask(dir, "changji", "昌吉")
	if err != nil {
		t.Fatal(err)
	}
	again, err := join.Ask(dir, "changji", "昌吉")
	if err != nil || again.User != r.User {
		t.Errorf("asked again with other keys: %v", err)
	}
	p, err := join.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	public, _ := json.Marshal(r)
	if bytes.Contains(public, []byte(p.Seed)) || strings.Contains(string(public), "private") {
		t.Error("the request holds a secret")
	}
	a, err := join.Seal(r, grant("changji"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(a.Sealed, grant("changji").Key) {
		t.Error("the answer can be read")
	}
	g, err := p.Open(a)
	if err != nil || p.Accept(dir, g) != nil {
		t.Fatal(err)
	}
	if p, err = join.Load(dir); err != nil || p.Grant == nil || p.Grant.City != "昌吉" {
		t.Errorf("%+v %v", p, err)
	}
	if info, err := os.Stat(filepath.Join(dir, join.File)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if _, err := join.Ask(other, "other", ""); err != nil {
		t.Fatal(err)
	}
	q, _ := join.Load(other)
	if _, err := q.Open(a); err == nil {
		t.Error("another hall opened the answer")
	}
}

func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := join.Ask(dir, "a b", ""); err == nil {
		t.Error("a name with a space")
	}
	r, err := join.Ask(dir, "a", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := join.Ask(dir, "b", ""); err == nil {
		t.Error("asked under another name")
	}
	p, _ := join.Load(dir)
	for name, g := range map[string]*join.Grant{"another hall": grant("b"), "no key": {Hall: "a", Gen: 1, URLs: []string{"x"}}} {
		sealed, err := join.Seal(r, g)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Open(sealed); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	new2 := grant("a")
	new2.Gen = 2
	if err := p.Accept(dir, new2); err != nil {
		t.Fatal(err)
	}
	if err := p.Accept(dir, grant("a")); err == nil {
		t.Error("an older grant was taken")
	}
	if _, err := join.Seal(&join.Request{Hall: "a", User: "x"}, grant("a")); err == nil {
		t.Error("a damaged request")
	}
}
