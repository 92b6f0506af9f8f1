package hall

import "slices"

// Screens is how the hall's screens are laid out, what is spoken, and the notices on them: arranged as a whole by one
// event, never changed in place.
type Screens struct {
	Screens []ScreenPlan `json:"screens"`
	Areas   []Area       `json:"areas"`
	Voice   Voice        `json:"voice"`
	Notices []Notice     `json:"notices"`
}

// ScreenID names a screen: the last part of its page's address.
type ScreenID string

// ScreenKind is what a screen is about.
type ScreenKind string

// The kinds of screen.
const (
	HallScreen    ScreenKind = "hall"    // everything
	AreaScreen    ScreenKind = "area"    // some fields
	WindowScreen  ScreenKind = "window"  // one window
	WaitingScreen ScreenKind = "waiting" // everything, with room for notices
)

// ScreenPlan is one screen of the hall.
type ScreenPlan struct {
	ID        ScreenID             `json:"id"`
	Name      string               `json:"name,omitempty"`
	Kind      ScreenKind           `json:"kind"`
	Fields    []FieldID            `json:"fields,omitempty"` // of an area screen
	Window    WindowID             `json:"window,omitempty"` // of a window screen
	Area      AreaID               `json:"area,omitempty"`   // where it hangs
	Languages []string             `json:"languages"`        // the first stands always, the others take turns beside it
	Theme     string               `json:"theme"`            // dark, light or contrast
	Silent    bool                 `json:"silent,omitempty"`
	Zone      []WindowID           `json:"zone,omitempty"`   // windows whose calls it speaks; none = all that it shows
	Clerk     bool                 `json:"clerk,omitempty"`  // a window screen tells the clerk's name
	Ticker    Text                 `json:"ticker,omitempty"` // words that stand while there is no notice
	Arrows    map[AreaID]Direction `json:"arrows,omitempty"` // from this screen to the areas
	Landscape []Panel              `json:"landscape"`
	Portrait  []Panel              `json:"portrait"`
}

// AreaID names an area.
type AreaID string

// Area is a part of the building with windows that are far from elsewhere.
type Area struct {
	ID      AreaID     `json:"id"`
	Name    Text       `json:"name"`
	Windows []WindowID `json:"windows"`
}

// Direction is where to go from a screen: left, right, ahead, back, up or down, as somebody who looks at the screen sees
// it, or left_up and the like for slanting ways.
type Direction string

// Panel is a piece of a screen: what it shows and where, in a grid of GridSize columns and rows.
type Panel struct {
	Kind PanelKind `json:"kind"`
	X    int       `json:"x"`
	Y    int       `json:"y"`
	W    int       `json:"w"`
	H    int       `json:"h"`
}

// PanelKind is what a panel shows.
type PanelKind string

// The kinds of panel.
const (
	HeadPanel    PanelKind = "head"    // the hall's name, date and time
	NewestPanel  PanelKind = "newest"  // the newest call, as large as it goes
	CallsPanel   PanelKind = "calls"   // the other calls: who has not come yet first
	WaitingPanel PanelKind = "waiting" // waiting people and expected wait by field
	WindowsPanel PanelKind = "windows" // every window: its number, paused, closed
	PausedPanel  PanelKind = "paused"  // the windows that pause
	WindowPanel  PanelKind = "window"  // one window
	NoticesPanel PanelKind = "notices" // notices, one after the other
	TickerPanel  PanelKind = "ticker"  // what is being spoken; else notices as one line
)

// Voice is how calls are spoken.
type Voice struct {
	Off       bool         `json:"off,omitempty"`
	Languages []string     `json:"languages"` // in order
	Gong      bool         `json:"gong"`
	Rate      int          `json:"rate"`    // words a minute
	Times     int          `json:"times"`   // how often a call is spoken while nobody comes
	EveryS    int          `json:"every_s"` // seconds between
	Volumes   []VolumeFrom `json:"volumes"` // by hour; in order
}

// VolumeFrom is a volume in percent from a minute of the day on.
type VolumeFrom struct {
	From   int `json:"from"`
	Volume int `json:"volume"`
}

// NoticeID names a notice.
type NoticeID string

// Notice is a sentence of the manager's on the screens.
type Notice struct {
	ID      NoticeID   `json:"id"`
	Text    Text       `json:"text"`
	Screens []ScreenID `json:"screens,omitempty"` // none = all
	Until   Millis     `json:"until"`             // 0 = until it is taken away
}

// GridSize is how many columns and rows a screen is divided into.
const GridSize = 24

// ScreensArranged puts an arrangement of the screens in force.
type ScreensArranged struct {
	Screens Screens `json:"screens"`
}

// Kind names the body in the journal.
func (*ScreensArranged) Kind() Kind { return KindScreensArranged }

func (b *ScreensArranged) apply(s *State, _ *Event) { s.screens = &b.Screens }

// ArrangeScreen adds a screen or replaces the one of its name.
type ArrangeScreen struct{ Plan ScreenPlan }

// RemoveScreen lets a screen be what its name says again.
type RemoveScreen struct{ Screen ScreenID }

// SetVoice says how calls are spoken.
type SetVoice struct{ Voice Voice }

// SetAreas divides the building.
type SetAreas struct{ Areas []Area }

// PostNotice puts a notice on the screens, or replaces the one of its name.
type PostNotice struct{ Notice Notice }

// DropNotice takes a notice away.
type DropNotice struct{ Notice NoticeID }

func (c ArrangeScreen) decide(s *State, at call) ([]Body, error) {
	return s.arrange(at, func(n *Screens) error {
		i := slices.IndexFunc(n.Screens, func(p ScreenPlan) bool { return p.ID == c.Plan.ID })
		if i < 0 {
			n.Screens = append(n.Screens, c.Plan)
			return nil
		}
		n.Screens[i] = c.Plan
		return nil
	})
}

func (c RemoveScreen) decide(s *State, at call) ([]Body, error) {
	return s.arrange(at, func(n *Screens) error {
		before := len(n.Screens)
		n.Screens = slices.DeleteFunc(n.Screens, func(p ScreenPlan) bool { return p.ID == c.Screen })
		if len(n.Screens) == before {
			return refuse(CodeNotFound, "屏幕 %s 没有自己的版式。", c.Screen)
		}
		return nil
	})
}

func (c SetVoice) decide(s *State, at call) ([]Body, error) {
	return s.arrange(at, func(n *Screens) error {
		n.Voice = c.Voice
		return nil
	})
}

func (c SetAreas) decide(s *State, at call) ([]Body, error) {
	return s.arrange(at, func(n *Screens) error {
		n.Areas = c.Areas
		return nil
	})
}

func (c PostNotice) decide(s *State, at call) ([]Body, error) {
	return s.arrange(at, func(n *Screens) error {
		n.Notices = slices.DeleteFunc(n.Notices, func(o Notice) bool { return o.ID == c.Notice.ID })
		n.Notices = append(n.Notices, c.Notice)
		return nil
	})
}

func (c DropNotice) decide(s *State, at call) ([]Body, error) {
	return s.arrange(at, func(n *Screens) error {
		before := len(n.Notices)
		n.Notices = slices.DeleteFunc(n.Notices, func(o Notice) bool { return o.ID == c.Notice })
		if len(n.Notices) == before {
			return refuse(CodeNotFound, "没有通知 %s，可能已经撤下。", c.Notice)
		}
		return nil
	})
}

// arrange changes a copy of the arrangement and checks it. Notices whose time has passed are left behind.
func (s *State) arrange(at call, change func(n *Screens) error) ([]Body, error) {
	n := *s.screens
	n.Screens, n.Areas = slices.Clone(n.Screens), slices.Clone(n.Areas)
	n.Notices = slices.DeleteFunc(slices.Clone(n.Notices), func(o Notice) bool { return o.Until != 0 && o.Until <= at.at })
	if err := change(&n); err != nil {
		return nil, err
	}
	if err := n.check(s); err != nil {
		return nil, err
	}
	return []Body{&ScreensArranged{Screens: n}}, nil
}

// Plan returns the plan of a screen, or nil.
func (n *Screens) Plan(id ScreenID) *ScreenPlan {
	for i := range n.Screens {
		if n.Screens[i].ID == id {
			return &n.Screens[i]
		}
	}
	return nil
}

// VolumeAt is the volume at a minute of the day, in percent.
func (v *Voice) VolumeAt(minute int) int {
	if len(v.Volumes) == 0 {
		return fullVolume
	}
	now := v.Volumes[len(v.Volumes)-1].Volume // the last one holds over midnight
	for _, at := range v.Volumes {
		if at.From <= minute {
			now = at.Volume
		}
	}
	return now
}

const fullVolume = 100
