package wire

import "time"

// Kinds of message on the WebSockets. A snapshot is the first one after a connection; every message carries the whole
// newest state, so a reader never has to merge anything and may miss any number of updates.
const (
	TypeSnapshot = "snapshot"
	TypeUpdate   = "update"
)

// Board is a message of /ws/screens/{screen}.
type Board struct {
	Type    string        `json:"type"`
	Seq     uint64        `json:"seq"`             // number of the last event in it; never falls
	At      time.Time     `json:"at"`              // the hall's clock when it was sent
	Name    int           `json:"name,omitempty"`  // counts up when the screen is asked to show its name
	Build   string        `json:"build,omitempty"` // of the page that the hall serves: another one than the page's own means reload
	Hall    Hall          `json:"hall"`
	Screen  Screen        `json:"screen"`
	Calls   []Call        `json:"calls"` // newest first: all that nobody has followed yet, and recent ones up to 40
	Fields  []FieldLoad   `json:"fields"`
	Windows []BoardWindow `json:"windows"`
	Notices []Notice      `json:"notices"`
	Areas   []Area        `json:"areas"` // elsewhere than where the screen hangs
	Voice   BoardVoice    `json:"voice"`
}

// Screen is one screen of the hall and what it shows. No Fields means all of them.
type Screen struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Kind   string   `json:"kind"`             // hall, area, window or waiting
	Fields []string `json:"fields,omitempty"` // of an area screen
	Window string   `json:"window,omitempty"` // of a window screen

	Languages []string `json:"languages"`
	Theme     string   `json:"theme"`
	Clerk     bool     `json:"clerk,omitempty"`
	Ticker    Text     `json:"ticker,omitempty"`
	Landscape []Panel  `json:"landscape"`
	Portrait  []Panel  `json:"portrait"`
}

// Call is a ticket called to a window.
type Call struct {
	Seq      uint64    `json:"seq"` // number of the call's event: a recall has a new one
	Number   string    `json:"number"`
	Window   string    `json:"window"`
	Field    string    `json:"field"`
	Calls    int       `json:"calls"` // 1, then 2 after the first recall
	State    string    `json:"state"` // called or serving; done and no_show while it is still among the recent ones
	CalledAt time.Time `json:"called_at"`
}

// FieldLoad is how busy a field is.
type FieldLoad struct {
	ID          string     `json:"id"`
	Name        Text       `json:"name"`
	Icon        string     `json:"icon"`
	Waiting     int        `json:"waiting"`
	Windows     int        `json:"windows"`                  // open windows that may serve it
	HeadIssued  *time.Time `json:"head_issued_at,omitempty"` // issue time of the ticket that waits longest
	ServedToday int        `json:"served_today"`
	Wait        *Wait      `json:"wait"`
}

// BoardWindow is what the public may know about a window.
type BoardWindow struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	State  string   `json:"state"` // open, paused or closed
	Number string   `json:"number,omitempty"`
	Fields []string `json:"fields"`

	Ticket string     `json:"ticket,omitempty"` // state of the number: called or serving
	Until  *time.Time `json:"until,omitempty"`  // of a pause, as the clerk said
	Clerk  string     `json:"clerk,omitempty"`  // name, on window screens that tell it
}

// Window is a window (窗口) as staff see it.
type Window struct {
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	Kind   string     `json:"kind"` // general, field, dedicated or delivery
	Fields []string   `json:"fields"`
	State  string     `json:"state"` // open, paused or closed
	Reason string     `json:"reason,omitempty"`
	Clerk  string     `json:"clerk,omitempty"`
	Since  time.Time  `json:"since"`
	Until  *time.Time `json:"until,omitempty"` // of a pause, as the clerk said
	Ticket *Ticket    `json:"ticket"`
	Served int        `json:"served"` // tickets finished here today

	May        []string   `json:"may"`                    // acts that its clerk may do now, by their names in the paths
	RecallFrom *time.Time `json:"recall_from,omitempty"`  // recall is among them, but not before
	NoShowFrom *time.Time `json:"no_show_from,omitempty"` // the same for no-show

	Asked *Asked `json:"asked,omitempty"` // the hall wants this closed window opened
}

// Asked is why the hall wants a window opened: at that moment so many people had waited longer than so many minutes.
type Asked struct {
	Field   Text      `json:"field"`
	Waiting int       `json:"waiting"`
	OverMin int       `json:"over_min"`
	At      time.Time `json:"at"`
}

// Totals counts the day's tickets by state.
type Totals struct {
	Issued    int `json:"issued"`
	Waiting   int `json:"waiting"`
	Called    int `json:"called"`
	Serving   int `json:"serving"`
	Held      int `json:"held"`
	Done      int `json:"done"`
	NoShow    int `json:"no_show"`
	Abandoned int `json:"abandoned"`
	Cancelled int `json:"cancelled"`
}

// HallState is a message of /ws/hall, for clerks, guides and managers.
type HallState struct {
	Type      string        `json:"type"`
	Seq       uint64        `json:"seq"`
	At        time.Time     `json:"at"`
	Hall      Hall          `json:"hall"`
	Totals    Totals        `json:"totals"`
	Fields    []FieldLoad   `json:"fields"`
	Windows   []Window      `json:"windows"`
	Waiting   []Ticket      `json:"waiting"` // in the order of arrival, at most 300
	Held      []Ticket      `json:"held"`
	Missed    []Ticket      `json:"missed"` // no-shows that can still be reactivated
	Devices   []DeviceState `json:"devices"`
	Unprinted []Ticket      `json:"unprinted"` // waiting tickets whose receipt failed or is uncertain
	DayMay    string        `json:"day_may"`   // what can be done with the business day now: close, reopen, or nothing ("")

	IssueUntil *time.Time `json:"issue_until,omitempty"` // no ticket of the day is issued from then on
	Disk       *Disk      `json:"disk,omitempty"`        // where the disk will soon be full
}
