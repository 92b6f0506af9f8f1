// Package account says who may use the hall: roles, passwords and tokens. It is pure but for the system's source of
// random bytes.
package account

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
)

// Role is what an account is for.
type Role string

// The roles. Kiosk, Screen and Counter are devices; Counter is the keypad and the evaluator at one window.
const (
	Clerk   Role = "clerk"
	Guide   Role = "guide"
	Manager Role = "manager"
	Kiosk   Role = "kiosk"
	Screen  Role = "screen"
	Counter Role = "counter"

	Department Role = "department" // decides cases inside the hall
	Platform   Role = "platform"   // an approval system's program
	Standby    Role = "standby"    // another server of the hall, which gets everything: see package standby

	System   Role = "system"   // 系统管理员: opens accounts, looks after devices and settings
	Security Role = "security" // 安全保密管理员: gives rights and passwords, watches sessions
	Audit    Role = "audit"    // 安全审计员: reads what all others did
)

// Roles lists all of them.
func Roles() []Role { return append(append(Working(), Administrators()...), Standby) }

// Working lists whose work is the hall's business.
func Working() []Role {
	return []Role{Clerk, Guide, Manager, Kiosk, Screen, Counter, Department, Platform}
}

// Administrators are three separate people (三员分立): none may do another's work, nor the hall's.
func Administrators() []Role { return []Role{System, Security, Audit} }

// People lists the roles of persons, who log in with a password.
func People() []Role {
	return append([]Role{Clerk, Guide, Department, Manager}, Administrators()...)
}

// Devices lists the roles of what has a token of its own and no password.
func Devices() []Role { return []Role{Kiosk, Screen, Counter, Platform, Standby} }

// State is whether an account may be used.
type State string

// The states. The zero value stands for Active.
const (
	Pending   State = "pending" // opened by the system administrator, without rights until security gives them
	Active    State = "active"
	Suspended State = "suspended" // by security, until it says otherwise
	Closed    State = "closed"    // for good: the journal knows its name, so nobody gets it again
)

// Account is a person or a device.
type Account struct {
	User       string
	Name       string
	Role       Role
	Department string // of a department's account
	Window     string // a clerk's own window, empty = any; the window of a Counter
	Password   string // as HashPassword wrote it; empty = cannot log in
	State      State  // empty = Active
	MustChange bool   // the password was given out by somebody else: nothing works until it is changed
}

// Usable says whether its owner may log in and act.
func (a Account) Usable() bool { return a.State == "" || a.State == Active }

// Session is a login that has not ended, or a device's token.
type Session struct {
	ID     string // of the token; says nothing about it
	User   string
	Role   Role
	Source string
	Made   time.Time // zero where it is older than the record of it
	Seen   time.Time // last act, to a minute
}

// Token is what is kept of a token.
type Token struct {
	Digest []byte
	User   string
	Source string // address where it was asked for
	Made   time.Time
	Lives  time.Duration // 0 = for ever
	Idle   time.Duration // longest time without an act; 0 = any
}

// Parameters of argon2id (RFC 9106, second recommended option scaled to a hall's small machine).
const (
	argonTime    = 2
	argonKiB     = 19 * 1024
	argonThreads = 1
	argonKey     = 32
	argonSalt    = 16
)

// HashPassword makes what is kept of a password.
func HashPassword(password string) string {
	salt := make([]byte, argonSalt)
	rand.Read(salt) //nolint:errcheck // crypto/rand.Read never fails since Go 1.24
	key := argon2.IDKey([]byte(password), salt, argonTime, argonKiB, argonThreads, argonKey)
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonKiB, argonTime, argonThreads, enc(salt), enc(key))
}

// CheckPassword says whether a password fits what was kept, in the same time for every wrong one.
func CheckPassword(kept, password string) bool {
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var kib, time uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &kib, &time, &threads); err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) != argonKey || time == 0 || threads == 0 { // IDKey panics on these
		return false
	}
	got := argon2.IDKey([]byte(password), salt, time, kib, threads, uint32(len(want))) // #nosec G115 -- argonKey, tested above
	return subtle.ConstantTimeCompare(got, want) == 1
}

// NewToken draws a token of 256 bits. Only its digest is kept.
func NewToken() string { return rand.Text() + rand.Text() }

// Digest is what is kept of a token.
func Digest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// NewPassword draws a password of 100 bits with all four classes of characters.
func NewPassword() string { return rand.Text()[:20] + "-a1" }

// SessionID names a session by its token's digest, without giving the token away.
func SessionID(digest []byte) string { return hex.EncodeToString(digest[:sessionBytes]) }

const sessionBytes = 8 // as db.Sessions cuts it
