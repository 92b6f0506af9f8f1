package wire

import "time"

// Setup says whether the hall waits for its first administrator.
type Setup struct {
	Needed bool `json:"needed"`
}

// SetupRequest makes the first administrator, by the code that the server's console shows.
type SetupRequest struct {
	Code     string `json:"code"`
	User     string `json:"user"`
	Name     string `json:"name"`
	Password string `json:"password"`
}

// Account is a person's or a device's account as administrators see it.
type Account struct {
	User        string     `json:"user"`
	Name        string     `json:"name"`
	Role        string     `json:"role"`
	Window      string     `json:"window,omitempty"`
	Department  string     `json:"department,omitempty"`
	State       string     `json:"state"`                  // pending, active, suspended or closed
	MustChange  bool       `json:"must_change,omitempty"`  // has a password that somebody else gave out
	LockedUntil *time.Time `json:"locked_until,omitempty"` // after too many failures
	Acts        []string   `json:"acts"`                   // what who asks may do with it now
}

// Accounts are all of them, and what a new one may be.
type Accounts struct {
	Accounts    []Account `json:"accounts"`
	Roles       []string  `json:"roles"` // of persons
	Windows     []string  `json:"windows"`
	Departments []string  `json:"departments"`
	Missing     []string  `json:"missing"` // administrators that the hall has none of yet
}

// AccountRequest opens an account: the role, window and department are what is asked for, and security decides.
type AccountRequest struct {
	User       string `json:"user"`
	Name       string `json:"name"`
	Role       string `json:"role"`
	Window     string `json:"window,omitempty"`
	Department string `json:"department,omitempty"`
}

// AccountRights are what security gives; an empty role leaves what was asked for.
type AccountRights struct {
	Role       string `json:"role,omitempty"`
	Window     string `json:"window,omitempty"`
	Department string `json:"department,omitempty"`
}

// AccountAnswer is an account after an act. Password is set where one was drawn, and is told this once.
type AccountAnswer struct {
	Account  Account `json:"account"`
	Password string  `json:"password,omitempty"`
}

// AccountSession is a login that has not ended, or a device's token.
type AccountSession struct {
	ID     string     `json:"id"`
	User   string     `json:"user"`
	Role   string     `json:"role"`
	Source string     `json:"source,omitempty"`
	Made   *time.Time `json:"made,omitempty"`
	Seen   *time.Time `json:"seen,omitempty"`
	Own    bool       `json:"own,omitempty"` // of who asks
}

// AccountSessions are all sessions of people, the newest act first.
type AccountSessions struct {
	Sessions []AccountSession `json:"sessions"`
}

// AuditLine is one event of the journal as the auditor reads it.
type AuditLine struct {
	Seq     uint64    `json:"seq"`
	At      time.Time `json:"at"`
	Actor   string    `json:"actor"` // role:user, or system
	Kind    string    `json:"kind"`
	Subject string    `json:"subject,omitempty"`
	What    string    `json:"what,omitempty"` // of an act about an account
	User    string    `json:"user,omitempty"` // whom it is about
	Source  string    `json:"source,omitempty"`
	Note    string    `json:"note,omitempty"`
}

// AuditLines are lines, the newest first. Next is the number to go on from; 0 = there are no more.
type AuditLines struct {
	Lines []AuditLine `json:"lines"`
	Next  uint64      `json:"next,omitempty"`
}

// AuditVerdict says how the last verification of the journal went.
type AuditVerdict struct {
	Running bool       `json:"running"`
	Began   *time.Time `json:"began,omitempty"`
	Ended   *time.Time `json:"ended,omitempty"`
	Events  uint64     `json:"events"`
	Fault   string     `json:"fault,omitempty"`   // names the first event that does not fit
	Problem string     `json:"problem,omitempty"` // why it could not be done
}
