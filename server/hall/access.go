package hall

import "slices"

// Access is what somebody did about accounts: it belongs into the journal, whose chain nobody can mend afterwards, but
// moves nothing in the hall.
type Access string

// The acts.
const (
	LoggedIn        Access = "logged_in"
	LoginFailed     Access = "login_failed"
	LoginLocked     Access = "login_locked" // too many failures
	LoggedOut       Access = "logged_out"
	PasswordChanged Access = "password_changed"
	AccountMade     Access = "account_made"
	AccountChanged  Access = "account_changed"
	AccountBlocked  Access = "account_blocked"
	SessionsEnded   Access = "sessions_ended"
	DeviceEnrolled  Access = "device_enrolled"

	SetUp           Access = "set_up"           // the first administrator, by the code on the console
	AccountApproved Access = "account_approved" // security gave an opened account its rights
	AccountRestored Access = "account_restored" // suspended no more
	AccountClosed   Access = "account_closed"   // for good
	AccountUnlocked Access = "account_unlocked" // after too many failures
	PasswordGiven   Access = "password_given"   // by security, to be changed at once
	DeviceRefused   Access = "device_refused"
	DeviceRevoked   Access = "device_revoked"   // its token is worth nothing
	JournalVerified Access = "journal_verified" // asked for by the auditor
	HookPut         Access = "webhook_put"      // another system is told from now on, or at another address; User is its name, Note the address
	HookDropped     Access = "webhook_dropped"
	StandbyDropped  Access = "standby_dropped"  // it has gone for good; Note is its address
	PersonDisclosed Access = "person_disclosed" // what is kept about a person was given out; User is the pseudonym, Note the proof
)

func accesses() []Access {
	return []Access{LoggedIn, LoginFailed, LoginLocked, LoggedOut, PasswordChanged, AccountMade, AccountChanged, AccountBlocked,
		SessionsEnded, DeviceEnrolled, SetUp, AccountApproved, AccountRestored, AccountClosed, AccountUnlocked, PasswordGiven,
		DeviceRefused, DeviceRevoked, JournalVerified, HookPut, HookDropped, StandbyDropped, PersonDisclosed}
}

// RecordAccess writes an act about an account into the journal. User is whom it is about, Source where it came from.
type RecordAccess struct {
	What   Access
	User   string
	Source string
	Note   string // for example the role that was given; never a secret
}

func (c RecordAccess) decide(*State, call) ([]Body, error) {
	if !slices.Contains(accesses(), c.What) {
		return nil, refuse(CodeInvalid, "what：没有 %q 这一类。", c.What)
	}
	return []Body{&AccessRecorded{What: c.What, User: c.User, Source: c.Source, Note: c.Note}}, nil
}

// AccessRecorded is an act about an account. It changes nothing in the hall.
type AccessRecorded struct {
	What   Access `json:"what"`
	User   string `json:"user"`
	Source string `json:"source,omitempty"`
	Note   string `json:"note,omitempty"`
}

// Kind implements Body.
func (*AccessRecorded) Kind() Kind { return KindAccessRecorded }

func (*AccessRecorded) apply(*State, *Event) {}
