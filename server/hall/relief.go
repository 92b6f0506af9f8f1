package hall

// Relief is a rule for one more window (增开窗口): when at least Waiting people have waited longer than OverMin minutes for
// the field, the hall asks for the window, if it is closed. A window needs a clerk: asking is all that a rule can do.
type Relief struct {
	Field   FieldID  `json:"field"`
	Waiting int      `json:"waiting"`
	OverMin int      `json:"over_min"`
	Window  WindowID `json:"window"`
}

// Bounds of a relief.
const (
	MaxReliefWaiting = 500
	MaxReliefMin     = 480
)

// Asked is a closed window that the hall wants opened.
type Asked struct {
	Field   FieldID
	Waiting int // so many people
	OverMin int // had waited longer than so many minutes
	At      Millis
}

func (l *Layout) checkReliefs(fields map[FieldID]bool) error {
	windows, seen := map[WindowID]*WindowPlan{}, map[WindowID]bool{}
	for i := range l.Windows {
		windows[l.Windows[i].ID] = &l.Windows[i]
	}
	for i, r := range l.Reliefs {
		w := windows[r.Window]
		switch {
		case w == nil:
			return flaw("relief %d: unknown window %q", "加开窗口第 %d 条：没有 %q 号窗口", i+1, r.Window)
		case seen[r.Window]:
			return flaw("relief %d: window %s stands twice", "加开窗口第 %d 条：%s 号窗口出现了两次", i+1, r.Window)
		case !fields[r.Field]:
			return flaw("relief %d: unknown field %q", "加开窗口第 %d 条：没有领域 %q", i+1, r.Field)
		case !w.Serves(r.Field):
			return flaw("relief %d: window %s does not serve field %s", "加开窗口第 %d 条：%s 号窗口不办理领域 %s", i+1, r.Window, r.Field)
		case r.Waiting < 1 || r.Waiting > MaxReliefWaiting:
			return flaw("relief %d: waiting %d must lie between 1 and %d people", "加开窗口第 %d 条：等候人数 %d 要在 1 到 %d 之间", i+1, r.Waiting, MaxReliefWaiting)
		case r.OverMin < 1 || r.OverMin > MaxReliefMin:
			return flaw("relief %d: over_min %d must lie between 1 and %d minutes", "加开窗口第 %d 条：等候分钟 %d 要在 1 到 %d 之间", i+1, r.OverMin, MaxReliefMin)
		}
		seen[r.Window] = true
	}
	return nil
}

// Relieve looks at the layout's reliefs: it asks for closed windows that are needed and takes back what is not needed any
// more. The hall itself gives it, when View.ReliefDue says so.
type Relieve struct{}

func (Relieve) decide(s *State, at call) ([]Body, error) {
	if !s.open {
		return nil, nil
	}
	h := reliefs{layout: s.layout, waiting: s.WaitingFor, window: s.Window}
	return h.due(at.at), nil
}

// ReliefDue says whether Relieve would do something now.
func (v *View) ReliefDue(now Millis) bool {
	if !v.Open {
		return false
	}
	waiting := func(f FieldID) []*Ticket {
		if q := v.Queue(f); q != nil {
			return q.Waiting
		}
		return nil
	}
	h := reliefs{layout: v.Layout, waiting: waiting, window: v.Window}
	return len(h.due(max(now, v.At))) > 0
}

// reliefs is what the rules for more windows look at, of a state or of a view.
type reliefs struct {
	layout  *Layout
	waiting func(f FieldID) []*Ticket
	window  func(id WindowID) *Window
}

func (h reliefs) due(now Millis) []Body {
	var out []Body
	ruled := map[WindowID]bool{}
	for _, r := range h.layout.Reliefs {
		ruled[r.Window] = true
		if b := h.judge(r, now); b != nil {
			out = append(out, b)
		}
	}
	for i := range h.layout.Windows { // a new layout may have dropped the rule that asked
		id := h.layout.Windows[i].ID
		if !ruled[id] && h.window(id).Asked != nil {
			out = append(out, &WindowReleased{Window: id, Reason: ReleasedRule})
		}
	}
	return out
}

// judge is what follows from one rule now, or nil.
func (h reliefs) judge(r Relief, now Millis) Body {
	w, n := h.window(r.Window), 0
	for _, t := range h.waiting(r.Field) {
		if now-t.Since > Millis(r.OverMin)*minute {
			n++
		}
	}
	switch {
	case w.Asked != nil && w.Asked.Field != r.Field:
		return &WindowReleased{Window: r.Window, Reason: ReleasedRule}
	case w.Asked != nil && n == 0:
		return &WindowReleased{Window: r.Window, Reason: ReleasedEased}
	case w.Asked == nil && w.State == Closed && n >= r.Waiting:
		return &WindowAsked{Window: r.Window, Field: r.Field, Waiting: n, OverMin: r.OverMin}
	}
	return nil
}

// Why a window is no longer asked for.
const (
	ReleasedOpened = "opened"     // somebody opened it
	ReleasedEased  = "eased"      // nobody waits that long any more
	ReleasedRule   = "rule"       // the rule is gone
	ReleasedDay    = "day_closed" // so is the day
)

// WindowAsked says that the hall wants a closed window opened: so many people have waited longer than so many minutes.
type WindowAsked struct {
	Window  WindowID `json:"window"`
	Field   FieldID  `json:"field"`
	Waiting int      `json:"waiting"`
	OverMin int      `json:"over_min"`
}

// WindowReleased says that a window is no longer asked for.
type WindowReleased struct {
	Window WindowID `json:"window"`
	Reason string   `json:"reason"`
}

// Kind names the body in the journal.
func (*WindowAsked) Kind() Kind { return KindWindowAsked }

// Kind names the body in the journal.
func (*WindowReleased) Kind() Kind { return KindWindowReleased }

func (b *WindowAsked) apply(s *State, e *Event) {
	s.windows[b.Window].asked = &Asked{Field: b.Field, Waiting: b.Waiting, OverMin: b.OverMin, At: e.At}
}

func (b *WindowReleased) apply(s *State, _ *Event) { s.windows[b.Window].asked = nil }
