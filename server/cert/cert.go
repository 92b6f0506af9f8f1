// Package cert makes the hall's own certificates: an authority that the hall's PCs are told to trust once, and a
// certificate for the server that it signs anew before the old one ends or when the server gets another address, also one of a
// network that comes up while it runs. A hall's network has no internet, so no public authority can do it.
//
// It owns no goroutine.
package cert

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Files in the hall's folder. The keys are readable by their owner only.
const (
	CAFile      = "tls-ca.pem" // what the hall's PCs trust
	caKeyFile   = "tls-ca.key"
	leafFile    = "tls-hall.pem"
	leafKeyFile = "tls-hall.key"
)

const (
	caYears  = 20
	leafDays = 397 // browsers refuse server certificates that live longer than 398 days
	renew    = 60 * 24 * time.Hour
	backdate = 24 * time.Hour // a kiosk's clock may be behind
)

// Config returns how the server speaks TLS, with the certificates of dir, made where needed; the server's is made anew
// before it ends, and for a client that comes by an address it does not name, also while the server runs. Hosts tells the names
// and addresses that clients use, as they are at the moment: Hosts for an address to listen on. Now is the machine's clock.
func Config(dir string, hosts func() ([]string, error), now func() time.Time) (*tls.Config, error) {
	ca, err := authority(dir, now())
	if err != nil {
		return nil, err
	}
	first, err := hosts()
	if err != nil {
		return nil, err
	}
	leaf, err := server(dir, ca, first, now())
	if err != nil {
		return nil, err
	}
	s := &shown{dir: dir, ca: ca, hosts: hosts, now: now, leaf: leaf}
	return &tls.Config{GetCertificate: s.current, MinVersion: tls.VersionTLS12}, nil
}

// shown is the certificate that clients are shown.
type shown struct {
	dir   string
	ca    pair
	hosts func() ([]string, error)
	now   func() time.Time

	mu   sync.Mutex
	leaf tls.Certificate
}

// current is what tls.Config asks at each handshake.
func (s *shown) current(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.mu.Lock()
	leaf, at := s.leaf, s.now()
	s.mu.Unlock()
	if lasts(leaf.Leaf, at) && names(leaf.Leaf, reached(hello)) {
		return &leaf, nil
	}
	hosts, err := s.hosts()
	if err != nil { // what there is will do until the next handshake
		return &leaf, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !serves(s.leaf.Leaf, s.ca.cert, hosts, at) {
		if next, err := server(s.dir, s.ca, hosts, at); err == nil { // a disk that is full now is tried again at the next handshake
			s.leaf = next
		}
	}
	leaf = s.leaf
	return &leaf, nil
}

// reached is the server's address by which a client came; empty where it is not known.
func reached(hello *tls.ClientHelloInfo) string {
	if hello == nil || hello.Conn == nil {
		return ""
	}
	at, ok := hello.Conn.LocalAddr().(*net.TCPAddr)
	if !ok {
		return ""
	}
	return at.IP.String()
}

// Given returns how the server speaks TLS with certificates that the hall's owner brings.
func Given(certFile, keyFile string) (*tls.Config, error) {
	c, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("cert: %s with %s: %w; name a certificate and its key, both as PEM", certFile, keyFile, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{c}, MinVersion: tls.VersionTLS12}, nil
}

// Trust returns how a client speaks TLS that trusts the authority in a file besides the system's own.
func Trust(caFile string) (*tls.Config, error) {
	text, err := os.ReadFile(caFile) // #nosec G304 -- the owner names it on the command line
	if err != nil {
		return nil, fmt.Errorf("cert: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("cert: %s holds no certificate; copy %s from the hall's folder", caFile, CAFile)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

var errNone = errors.New("cert: none yet")

// pair is a certificate with its key.
type pair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func authority(dir string, now time.Time) (pair, error) {
	p, err := load(dir, CAFile, caKeyFile)
	if !errors.Is(err, errNone) {
		return p, err
	}
	return issue(dir, CAFile, caKeyFile, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Yitang hall authority", Organization: []string{"Yitang"}},
		IsCA:    true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage:  x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		NotBefore: now.Add(-backdate), NotAfter: now.AddDate(caYears, 0, 0),
	}, nil)
}

// server is the server's certificate: the one in dir, or a new one where that does not fit, has lost its key or was half
// renewed when the power went; who trusts the authority trusts any of them.
func server(dir string, ca pair, hosts []string, now time.Time) (tls.Certificate, error) {
	p, err := load(dir, leafFile, leafKeyFile)
	if err != nil || !serves(p.cert, ca.cert, hosts, now) {
		template := &x509.Certificate{
			Subject:     pkix.Name{CommonName: hosts[0], Organization: []string{"Yitang"}},
			KeyUsage:    x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
			NotBefore:   now.Add(-backdate), NotAfter: now.AddDate(0, 0, leafDays-1),
		}
		for _, h := range hosts {
			if ip := net.ParseIP(h); ip != nil {
				template.IPAddresses = append(template.IPAddresses, ip)
			} else {
				template.DNSNames = append(template.DNSNames, h)
			}
		}
		if p, err = issue(dir, leafFile, leafKeyFile, template, &ca); err != nil {
			return tls.Certificate{}, err
		}
	}
	return tls.Certificate{Certificate: [][]byte{p.cert.Raw, ca.cert.Raw}, PrivateKey: p.key, Leaf: p.cert}, nil
}

// serves says whether a certificate will do for the hosts for a while.
func serves(c, ca *x509.Certificate, hosts []string, now time.Time) bool {
	return c.CheckSignatureFrom(ca) == nil && now.After(c.NotBefore) && lasts(c, now) &&
		!slices.ContainsFunc(hosts, func(h string) bool { return !names(c, h) })
}

func lasts(c *x509.Certificate, now time.Time) bool { return now.Add(renew).Before(c.NotAfter) }

// names says whether a certificate is for a host; any is for an empty one.
func names(c *x509.Certificate, host string) bool { return host == "" || c.VerifyHostname(host) == nil }

// issue makes a key and a certificate for it, signed by ca or by itself, and keeps both in dir.
func issue(dir, certName, keyName string, template *x509.Certificate, ca *pair) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, fmt.Errorf("cert: %w", err)
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return pair{}, fmt.Errorf("cert: %w", err)
	}
	signer := pair{cert: template, key: key}
	if ca != nil {
		signer = *ca
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer.cert, key.Public(), signer.key)
	if err != nil {
		return pair{}, fmt.Errorf("cert: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return pair{}, fmt.Errorf("cert: %w", err)
	}
	// The key first: a certificate without its key would be an error at the next start.
	err = errors.Join(keep(filepath.Join(dir, keyName), "PRIVATE KEY", secret, 0o600),
		keep(filepath.Join(dir, certName), "CERTIFICATE", der, 0o644))
	if err != nil {
		return pair{}, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return pair{}, fmt.Errorf("cert: %w", err)
	}
	return pair{cert: cert, key: key}, nil
}

// keep writes a file whole or not at all, also when the power goes.
func keep(path, kind string, der []byte, mode os.FileMode) error {
	temp := path + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode) // #nosec G304 -- in the hall's own folder
	if err != nil {
		return fmt.Errorf("cert: %w", err)
	}
	if err := errors.Join(pem.Encode(f, &pem.Block{Type: kind, Bytes: der}), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("cert: %w", err)
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("cert: %w", err)
	}
	return nil
}

// load reads a certificate with its key: errNone when there is none yet. A certificate whose key is lost is an error,
// since a new authority would be trusted by nobody.
func load(dir, certName, keyName string) (pair, error) {
	if _, err := os.Stat(filepath.Join(dir, certName)); errors.Is(err, os.ErrNotExist) {
		return pair{}, errNone
	}
	c, err := tls.LoadX509KeyPair(filepath.Join(dir, certName), filepath.Join(dir, keyName))
	if err != nil {
		return pair{}, fmt.Errorf("cert: %w; bring %s back from a backup, or remove %s and let the PCs trust a new one", err, keyName, certName)
	}
	key, ok := c.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return pair{}, fmt.Errorf("cert: %s: not an ECDSA key", keyName)
	}
	return pair{cert: c.Leaf, key: key}, nil
}

// Fingerprint is what people compare: SHA-256 of a certificate in pairs of digits, as browsers show it.
func Fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(pairs, ":")
}
