package wire

import "time"

// EpochHeader stands in every answer of a hall: the epoch of its primary. Epochs only rise; who has seen a higher one must
// not believe a server of a lower one.
const EpochHeader = "Yitang-Epoch"

// Codes of a server that takes no commands.
const (
	CodeStandby = "standby" // it follows a primary
	CodeMoved   = "moved"   // another server has taken the hall over
)

// Roles of a server.
const (
	RolePrimary = "primary"
	RoleStandby = "standby"
	RoleFenced  = "fenced" // was the primary; another one has taken over
)

// ServerState says which of a hall's servers this is.
type ServerState struct {
	Role    string    `json:"role"`
	Epoch   int       `json:"epoch"`
	Seq     uint64    `json:"seq"`                // its newest event
	Primary string    `json:"primary,omitempty"`  // where the primary is, unless it is this server
	Head    uint64    `json:"head,omitempty"`     // of a standby: the primary's newest event that it has heard of
	Heard   time.Time `json:"heard,omitzero"`     // of a standby: when it heard from the primary last
	Note    string    `json:"note,omitempty"`     // of a standby: what keeps it from following
	Fork    uint64    `json:"fork,omitempty"`     // place of the last answer that was taken over when the epoch began
	Standby []string  `json:"standbys,omitempty"` // of a primary: who follows it
}

// Servers are the hall's, as its administrators see them from the one that they ask.
type Servers struct {
	Server    ServerState `json:"server"`
	Followers []Follower  `json:"followers"`      // of a primary
	Heads     int         `json:"heads"`          // signed so far
	Head      *LastHead   `json:"head,omitempty"` // the last one
	Disk      *Disk       `json:"disk,omitempty"` // of the server that is asked; none where it cannot tell
}

// CodeDiskLow is why a hall that works is not ready.
const CodeDiskLow = "disk_low"

// Disk is how much room a server's data folder has.
type Disk struct {
	FreeBytes  uint64 `json:"free_bytes"`
	LeastBytes uint64 `json:"least_bytes"`    // with less it is not ready
	Note       string `json:"note,omitempty"` // what to do, with less
}

// Follower is a standby as its primary sees it.
type Follower struct {
	Address string    `json:"address"`
	Seq     uint64    `json:"seq"`            // its newest event; 0 before it has asked since the primary's start
	Behind  uint64    `json:"behind"`         // events that it lacks
	BehindS float64   `json:"behind_s"`       // since when it has lacked something, seconds
	Heard   time.Time `json:"heard,omitzero"` // when it asked last; none: not since the primary's start
	Follows bool      `json:"follows"`        // it asks as often as it should
}

// StandbyAddress names a standby.
type StandbyAddress struct {
	Address string `json:"address"`
}

// LastHead is the last signed head of the journal.
type LastHead struct {
	Day string    `json:"day"`
	Seq uint64    `json:"seq"` // event up to which it goes
	At  time.Time `json:"at"`  // of the signature
}

// Cursor says how far a standby has come; see the journal's route.
type Cursor struct {
	Seq     uint64 `json:"seq"`
	Hash    string `json:"hash"`
	Place   uint64 `json:"place"`
	Side    string `json:"side"`
	Address string `json:"address"` // under which the standby can be asked
	WaitMS  int    `json:"wait_ms"` // how long an answer may wait for news
}

// Fence tells a primary that another server takes the hall over.
type Fence struct {
	Epoch int    `json:"epoch"` // of the new primary
	URL   string `json:"url"`   // its address
}

// Fenced is what the old primary says after its last commit.
type Fenced struct {
	Seq   uint64 `json:"seq"`
	Place uint64 `json:"place"`
}

// StandbyCopy lists what a new standby has to fetch.
type StandbyCopy struct {
	ID    string            `json:"id"`
	Files map[string]string `json:"files"` // SHA-256, hex, by path
	Sizes map[string]int64  `json:"sizes"`
}

// StandbyPiece asks for a piece of a file of a copy.
type StandbyPiece struct {
	ID     string `json:"id"`
	File   string `json:"file"`
	Offset int64  `json:"offset"`
}
