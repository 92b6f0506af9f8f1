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

// EnrolmentRequest asks for a device to be let in.
type EnrolmentRequest struct {
	Role   string `json:"role"`             // kiosk, screen or counter
	Name   string `json:"name"`             // what it would be called; the administrator decides
	Window string `json:"window,omitempty"` // of a counter
}

// Enrolment is a device that waits: it shows the code and keeps the secret to itself.
type Enrolment struct {
	Code      string    `json:"code"`
	Secret    string    `json:"secret"`
	ExpiresAt time.Time `json:"expires_at"`
}

// EnrolmentClaim asks what has become of an enrolment.
type EnrolmentClaim struct {
	Secret string `json:"secret"`
}

// Enrolled says what has become of it. The token is the device's own and is told only here.
type Enrolled struct {
	State  string `json:"state"` // waiting or approved
	Device string `json:"device,omitempty"`
	Role   string `json:"role,omitempty"`
	Window string `json:"window,omitempty"`
	Token  string `json:"token,omitempty"`
}

// Devices are the hall's devices and those that wait to be let in.
type Devices struct {
	Devices []Device        `json:"devices"`
	Waiting []WaitingDevice `json:"waiting"`
	Windows []string        `json:"windows"`
}

// Device is one with a token of its own.
type Device struct {
	Device string     `json:"device"`
	Role   string     `json:"role"`
	Window string     `json:"window,omitempty"`
	State  string     `json:"state"` // active or suspended: its token was revoked
	Source string     `json:"source,omitempty"`
	Made   *time.Time `json:"made,omitempty"` // its token
	Seen   *time.Time `json:"seen,omitempty"` // to a quarter of an hour
}

// WaitingDevice shows the same code on its screen.
type WaitingDevice struct {
	Code    string    `json:"code"`
	Role    string    `json:"role"`
	Name    string    `json:"name"`
	Window  string    `json:"window,omitempty"`
	Source  string    `json:"source"`
	AskedAt time.Time `json:"asked_at"`
}

// DeviceApproval lets a device in under a name; an empty one is the name that it asked for.
type DeviceApproval struct {
	Name   string `json:"name,omitempty"`
	Window string `json:"window,omitempty"`
}

// Settings are the hall's, as the system administrator keeps them. Windows and the calling rule are the manager's.
type Settings struct {
	Base  string         `json:"base"` // version that a change was made from, which must still be in force
	Name  Text           `json:"name"`
	Zone  string         `json:"zone"` // of time; cannot be changed once there are tickets
	Hours SettingsHours  `json:"hours"`
	Desk  SettingsDesk   `json:"desk"`
	Limit SettingsLimits `json:"limits"`
}

// SettingsHours are the opening hours in minutes after midnight; always means around the clock.
type SettingsHours struct {
	Always bool   `json:"always"`
	Spans  []Span `json:"spans"`
}

// SettingsDesk is how the windows call and how long things may take. 0 calls = no limit.
type SettingsDesk struct {
	Calls         int  `json:"calls"`
	RecallEveryS  int  `json:"recall_every_s"`
	LastCallFirst bool `json:"last_call_first"`
	RatingDays    int  `json:"rating_days"`
	YellowDays    int  `json:"yellow_days"`
	RedDays       int  `json:"red_days"`
}

// SettingsLimits bound what one person may take; 0 = unbounded.
type SettingsLimits struct {
	OpenPerMatter int `json:"open_per_matter"`
	PerDay        int `json:"per_day"`
}

// Clock is how the server's clock stands to the journal.
type Clock struct {
	State      string     `json:"state"` // right; ahead: not believed until the administrator's word; behind
	Now        time.Time  `json:"now"`
	Day        string     `json:"day"`            // business day that it shows
	Last       *time.Time `json:"last,omitempty"` // time of the last event
	LastDay    string     `json:"last_day"`       // newest business day
	Open       bool       `json:"open"`           // that day has not ended
	Unfinished int        `json:"unfinished"`     // its tickets that have not ended
}

// ClockWord is the administrator's that the clock is right.
type ClockWord struct {
	Day   string `json:"day"`             // business day that the clock shows
	Close bool   `json:"close,omitempty"` // end the day that is open
}

// Authority is the hall's own, which PCs and phones are told to trust once.
type Authority struct {
	Name   string    `json:"name"`
	SHA256 string    `json:"sha256"` // of the certificate, as browsers show it
	Until  time.Time `json:"until"`
}
