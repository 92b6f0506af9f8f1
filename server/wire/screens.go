package wire

import "time"

// ScreenPlan is how a screen is arranged: what a manager edits.
type ScreenPlan struct {
	ID        string            `json:"id"` // last part of the page's address: /screen/{id}
	Name      string            `json:"name,omitempty"`
	Kind      string            `json:"kind"`             // hall, area, window or waiting
	Fields    []string          `json:"fields,omitempty"` // of an area screen
	Window    string            `json:"window,omitempty"` // of a window screen
	Area      string            `json:"area,omitempty"`   // where it hangs
	Languages []string          `json:"languages"`        // the first stands always, the others take turns beside it
	Theme     string            `json:"theme"`            // dark, light or contrast
	Silent    bool              `json:"silent,omitempty"`
	Zone      []string          `json:"zone,omitempty"`  // windows whose calls it speaks; none = all that it shows
	Clerk     bool              `json:"clerk,omitempty"` // a window screen tells the clerk's name
	Ticker    Text              `json:"ticker,omitempty"`
	Arrows    map[string]string `json:"arrows,omitempty"` // area → left, right, ahead, back, up, down, left_up, right_up, left_down or right_down
	Landscape []Panel           `json:"landscape"`
	Portrait  []Panel           `json:"portrait"`
}

// Panel is a piece of a screen in a grid of 24 columns and 24 rows.
type Panel struct {
	Kind string `json:"kind"` // head, newest, calls, waiting, windows, paused, window, notices or ticker
	X    int    `json:"x"`
	Y    int    `json:"y"`
	W    int    `json:"w"`
	H    int    `json:"h"`
}

// Area is a part of the building. On a board it holds the way from that screen.
type Area struct {
	ID      string   `json:"id"`
	Name    Text     `json:"name"`
	Windows []string `json:"windows"`
	Arrow   string   `json:"arrow,omitempty"` // only on a board
}

// Areas is all areas.
type Areas struct {
	Areas []Area `json:"areas"`
}

// VoicePlan is how calls are spoken.
type VoicePlan struct {
	Off       bool         `json:"off,omitempty"`
	Languages []string     `json:"languages"` // in order; Chinese is always among them
	Gong      bool         `json:"gong"`
	Rate      int          `json:"rate"`    // words a minute
	Times     int          `json:"times"`   // how often a call is spoken while nobody comes
	EveryS    int          `json:"every_s"` // seconds between
	Volumes   []VolumeFrom `json:"volumes"` // by hour
}

// VolumeFrom is a volume in percent from a minute of the day on.
type VolumeFrom struct {
	From   int `json:"from"`
	Volume int `json:"volume"`
}

// BoardVoice is what a screen needs to know to speak.
type BoardVoice struct {
	On     bool     `json:"on"`
	Volume int      `json:"volume"` // percent, now
	Times  int      `json:"times"`
	EveryS int      `json:"every_s"`
	Zone   []string `json:"zone,omitempty"` // windows; none = all
	Note   string   `json:"note,omitempty"` // why nothing can be spoken although it should be
}

// Notice is a sentence on the screens.
type Notice struct {
	ID      string     `json:"id"`
	Text    Text       `json:"text"`
	Screens []string   `json:"screens,omitempty"` // none = all
	Until   *time.Time `json:"until,omitempty"`
}

// NoticeRequest puts a notice on the screens.
type NoticeRequest struct {
	Text    Text     `json:"text"`
	Screens []string `json:"screens,omitempty"` // none = all
	Minutes int      `json:"minutes,omitempty"` // how long; 0 = until it is taken away
}

// ScreenList is the manager's view of the screens.
type ScreenList struct {
	At      time.Time     `json:"at"` // the hall's clock
	Zone    string        `json:"zone"`
	Screens []ScreenState `json:"screens"`
	Areas   []Area        `json:"areas"`
	Voice   VoicePlan     `json:"voice"`
	Notices []Notice      `json:"notices"`
	NoVoice string        `json:"no_voice,omitempty"` // why nothing can be spoken
}

// ScreenState is one screen with who shows it now.
type ScreenState struct {
	Plan    ScreenPlan     `json:"plan"`
	Own     bool           `json:"own"` // it was arranged; else it shows what its name says
	Clients []ScreenClient `json:"clients"`
}

// ScreenClient is a page or a `yitang display` that follows a screen.
type ScreenClient struct {
	Client  string    `json:"client"` // page or display
	Version string    `json:"version,omitempty"`
	Address string    `json:"address"`
	Since   time.Time `json:"since"`
	Heard   time.Time `json:"heard_at"` // last sign of life
	HeardS  float64   `json:"heard_s"`  // real seconds since then: the hall's clock may have been set, and a demo's runs faster
	Width   int       `json:"width,omitempty"`
	Height  int       `json:"height,omitempty"`
	Seq     uint64    `json:"seq,omitempty"`      // of the state that it shows
	Shows   string    `json:"shows,omitempty"`    // its newest call: A012 → 3
	Sound   string    `json:"sound,omitempty"`    // on, off, blocked or failed
	BehindS float64   `json:"behind_s,omitempty"` // seconds from the last spoken call to its announcement
	Note    string    `json:"note,omitempty"`
}

// ScreenReport is what a page or a display says about itself on its socket, at most every few seconds.
type ScreenReport struct {
	Client  string  `json:"client"`
	Version string  `json:"version,omitempty"`
	Width   int     `json:"width,omitempty"`
	Height  int     `json:"height,omitempty"`
	Seq     uint64  `json:"seq,omitempty"`
	Shows   string  `json:"shows,omitempty"`
	Sound   string  `json:"sound,omitempty"`
	BehindS float64 `json:"behind_s,omitempty"`
	Note    string  `json:"note,omitempty"`
}
