package cert_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"yitang/server/cert"
)

// serveTLS answers one request after the other with "ok" under the hosts, from the folder's certificates.
func serveTLS(t *testing.T, dir string, hosts []string, now time.Time) (url string, leaf []byte) {
	t.Helper()
	conf, err := cert.Config(dir, cert.Fixed(hosts...), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }),
		ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(tls.NewListener(ln, conf)) }()
	t.Cleanup(func() { _ = s.Close() })
	return "https://" + ln.Addr().String(), current(t, conf)
}

// current is the certificate that a client would be shown now.
func current(t *testing.T, conf *tls.Config) []byte {
	t.Helper()
	c, err := conf.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Certificate[0]
}

func get(t *testing.T, url string, trust *tls.Config) error {
	t.Helper()
	c := http.Client{Transport: &http.Transport{TLSClientConfig: trust}, Timeout: time.Minute}
	defer c.CloseIdleConnections()
	res, err := c.Get(url)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

func TestWhoTrustsTheAuthorityTrustsTheHall(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	url, first := serveTLS(t, dir, []string{"127.0.0.1"}, now)
	trust, err := cert.Trust(filepath.Join(dir, cert.CAFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := get(t, url, trust); err != nil {
		t.Error(err)
	}
	if err := get(t, url, nil); err == nil {
		t.Error("a client that was told nothing trusts the hall")
	}
	for _, c := range []struct {
		name  string
		hosts []string
		at    time.Time
		same  bool
	}{
		{"a restart", []string{"127.0.0.1"}, now.Add(time.Hour), true},
		{"another address", []string{"127.0.0.1", "hall.example"}, now, false},
		{"near the end", []string{"127.0.0.1"}, now.AddDate(0, 0, 350), false},
	} {
		url, leaf := serveTLS(t, dir, c.hosts, c.at)
		if slices.Equal(leaf, first) != c.same {
			t.Errorf("%s: same certificate is %v, want %v", c.name, !c.same, c.same)
		}
		if err := get(t, url, trust); err != nil && c.at.Before(now.AddDate(0, 0, 1)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestARunningServerRenews is a hall that is not restarted for two years.
func TestARunningServerRenews(t *testing.T) {
	now := time.Now()
	conf, err := cert.Config(t.TempDir(), cert.Fixed("127.0.0.1"), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	first := current(t, conf)
	for range 24 {
		now = now.AddDate(0, 0, 30)
		leaf, err := x509.ParseCertificate(current(t, conf))
		if err != nil {
			t.Fatal(err)
		}
		if now.AddDate(0, 0, 29).After(leaf.NotAfter) {
			t.Errorf("on %s the certificate ends on %s", now.Format(time.DateOnly), leaf.NotAfter.Format(time.DateOnly))
		}
	}
	if slices.Equal(first, current(t, conf)) {
		t.Error("two years with one certificate")
	}
}

// TestANetworkThatComesUpLater is a hall whose second network was plugged in after the start: who comes by its address finds
// the hall under it, and who comes by one that is not the machine's makes no new certificate.
func TestANetworkThatComesUpLater(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	hosts := []string{"127.0.0.1"}
	conf, err := cert.Config(dir, func() ([]string, error) {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(hosts), nil
	}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = s.Serve(tls.NewListener(ln, conf)) }()
	t.Cleanup(func() { _ = s.Close() })
	trust, err := cert.Trust(filepath.Join(dir, cert.CAFile))
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	first := current(t, conf)
	if err := get(t, "https://127.0.0.2:"+port, trust); err == nil {
		t.Error("an address that is not the machine's is in the certificate")
	}
	if !slices.Equal(current(t, conf), first) {
		t.Error("a client that came by another address had a certificate made")
	}
	mu.Lock()
	hosts = append(hosts, "127.0.0.2")
	mu.Unlock()
	for _, host := range []string{"127.0.0.2", "127.0.0.1"} {
		if err := get(t, "https://"+host+":"+port, trust); err != nil {
			t.Errorf("by %s after its network came up: %v", host, err)
		}
	}
	if _, leaf := serveTLS(t, dir, hosts, time.Now()); !slices.Equal(leaf, current(t, conf)) {
		t.Error("a restart makes another certificate")
	}
}

// TestAHalfRenewedCertificate is a power cut after the new key and before its certificate.
func TestAHalfRenewedCertificate(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	if _, err := cert.Config(dir, cert.Fixed("127.0.0.1"), time.Now); err != nil {
		t.Fatal(err)
	}
	authority, err := os.ReadFile(filepath.Join(dir, "tls-ca.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tls-hall.key"), authority, 0o600); err != nil {
		t.Fatal(err)
	}
	url, _ := serveTLS(t, dir, []string{"127.0.0.1"}, now)
	trust, err := cert.Trust(filepath.Join(dir, cert.CAFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := get(t, url, trust); err != nil {
		t.Error(err)
	}
}

func TestKeysAreTheOwners(t *testing.T) {
	dir := t.TempDir()
	if _, err := cert.Config(dir, cert.Fixed("127.0.0.1"), time.Now); err != nil {
		t.Fatal(err)
	}
	keys, err := filepath.Glob(filepath.Join(dir, "*.key"))
	if err != nil || len(keys) != 2 {
		t.Fatalf("%v %v", keys, err)
	}
	for _, k := range keys {
		info, err := os.Stat(k)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", k, info.Mode(), err)
		}
	}
	if err := os.Remove(keys[0]); err != nil { // the authority's: tls-ca.key
		t.Fatal(err)
	}
	if _, err := cert.Config(dir, cert.Fixed("127.0.0.1"), time.Now); err == nil {
		t.Error("an authority whose key is lost was replaced, and every PC would distrust the hall")
	}
}

func TestLoopback(t *testing.T) {
	for listen, want := range map[string]bool{
		"127.0.0.1:80": true, "localhost:80": true, "[::1]:80": true, "0.0.0.0:80": false, ":80": false, "10.1.1.5:80": false, "hall:80": false,
	} {
		if got := cert.Loopback(listen); got != want {
			t.Errorf("%s: %v", listen, got)
		}
	}
}

// TestFingerprint is SHA-256 of nothing (FIPS 180-4) as browsers write it.
func TestFingerprint(t *testing.T) {
	want := "E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55"
	if got := cert.Fingerprint(nil); got != want {
		t.Errorf("%s", got)
	}
}
