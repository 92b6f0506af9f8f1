package whatif

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"yitang/server/hall"
)

// Scenario is a hall with drawn customers. WaitingRoom 0 is no bound, PatienceMean 0 never leaves, Bonuses false is the
// pure policy. Customers counts all arrivals; figures start after the first Warmup of them.
type Scenario struct {
	Policy      string          `json:"policy"`
	Seed        uint64          `json:"seed"`
	Customers   int             `json:"customers"`
	Warmup      int             `json:"warmup"`
	WaitingRoom int             `json:"waiting_room"`
	Classes     []ScenarioClass `json:"classes"`
	Types       []ScenarioType  `json:"types"`
	Windows     []ScenarioPost  `json:"windows"`
	Bonuses     bool            `json:"bonuses"`
}

// ScenarioClass is a class of people with a target wait.
type ScenarioClass struct {
	Name   string  `json:"name"`
	Target float64 `json:"target_min"`
}

// ScenarioType is a kind of people who come as a Poisson stream. Without Matters the type is its own one matter.
type ScenarioType struct {
	Name     string   `json:"name"`
	Class    string   `json:"class"`
	Matters  []string `json:"matters,omitempty"`
	Rate     float64  `json:"rate_per_min"`
	Service  Service  `json:"service"`
	Patience float64  `json:"patience_mean_min"` // exponential
}

// Service is the distribution of a service time. CV2 is the squared coefficient of variation of a log-normal one.
type Service struct {
	Dist string  `json:"dist"` // exp, lognormal or det
	Mean float64 `json:"mean_min"`
	CV2  float64 `json:"cv2"`
}

// ScenarioPost is a window.
type ScenarioPost struct {
	Name    string   `json:"name"`
	Skills  []string `json:"skills"`
	Primary string   `json:"primary"`
}

// Bounds of a scenario.
const (
	maxCustomers = 100_000_000
	maxScenario  = 1000 // classes, types or windows
	maxMatters   = hall.MaxTicketMatters
	maxMinutes   = 1e6
	maxText      = 16 << 20 // bytes
)

// ReadScenario reads and checks a scenario. An error names the line or the field and says what it must be.
func ReadScenario(r io.Reader) (*Scenario, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	if len(text) > maxText {
		return nil, fmt.Errorf("scenario: longer than %d MB", maxText>>20)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var s Scenario
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("scenario: %s: %w", place(text, d, err), plain(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("scenario: %s: more after the end of the object", line(text, d.InputOffset()))
	}
	return &s, s.check()
}

// place is the line of a mistake.
func place(text []byte, d *json.Decoder, err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return line(text, syntax.Offset)
	case errors.As(err, &kind):
		return line(text, kind.Offset)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return line(text, int64(len(text)))
	}
	if _, name, unknown := strings.Cut(err.Error(), "unknown field "); unknown { // the decoder tells no offset of it
		return line(text, int64(key(text, name)))
	}
	return line(text, d.InputOffset())
}

// key is where a name in quotation marks stands as a field's name, not as a value.
func key(text []byte, name string) int {
	for from := 0; ; {
		at := bytes.Index(text[from:], []byte(name))
		if at < 0 {
			return from
		}
		from += at + len(name)
		if rest := bytes.TrimLeft(text[from:], " \t\r\n"); len(rest) > 0 && rest[0] == ':' {
			return from
		}
	}
}

// plain says a mistake without the names of the program's types.
func plain(err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.Offset == 1:
		return errors.New("this is no JSON: a scenario begins with {")
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the text ends here, before the object does: the file was cut off")
	case !errors.As(err, &kind):
		return err
	}
	wanted := map[reflect.Kind]string{reflect.Float64: "a number", reflect.Int: "a whole number", reflect.Uint64: "a whole number from 0 on",
		reflect.String: "text", reflect.Bool: "true or false", reflect.Slice: "a list"}[kind.Type.Kind()]
	return fmt.Errorf("%s: %s stands where %s belongs", cmp.Or(kind.Field, "the whole"), kind.Value, cmp.Or(wanted, "an object"))
}

func line(text []byte, offset int64) string {
	return fmt.Sprintf("line %d", 1+bytes.Count(text[:min(int(offset), len(text))], []byte("\n")))
}

func (s *Scenario) check() error {
	switch {
	case !slices.Contains(hall.Policies(), s.Policy):
		return fmt.Errorf("scenario: policy: %q is none of %s", s.Policy, strings.Join(hall.Policies(), ", "))
	case s.Customers < 1 || s.Customers > maxCustomers:
		return fmt.Errorf("scenario: customers: %d must lie between 1 and %d", s.Customers, maxCustomers)
	case s.Warmup < 0 || s.Warmup >= s.Customers:
		return fmt.Errorf("scenario: warmup: %d must lie between 0 and customers - 1", s.Warmup)
	case s.WaitingRoom < 0:
		return fmt.Errorf("scenario: waiting_room: %d must not be negative; 0 is no bound", s.WaitingRoom)
	case len(s.Classes) == 0 || len(s.Types) == 0 || len(s.Windows) == 0:
		return errors.New("scenario: classes, types and windows need at least one entry each")
	case len(s.Classes) > maxScenario || len(s.Types) > maxScenario || len(s.Windows) > maxScenario:
		return fmt.Errorf("scenario: more than %d classes, types or windows", maxScenario)
	}
	if err := s.checkClasses(); err != nil {
		return err
	}
	if err := s.checkTypes(); err != nil {
		return err
	}
	return s.checkWindows()
}

func (s *Scenario) checkClasses() error {
	for i, c := range s.Classes {
		if c.Name == "" || slices.ContainsFunc(s.Classes[:i], func(o ScenarioClass) bool { return o.Name == c.Name }) {
			return fmt.Errorf("scenario: classes[%d].name: %q is empty or stands twice", i, c.Name)
		}
		if !(c.Target > 0 && c.Target <= maxMinutes) {
			return fmt.Errorf("scenario: classes[%d].target_min: %v must be positive", i, c.Target)
		}
	}
	return nil
}

func (s *Scenario) checkTypes() error {
	for i, t := range s.Types {
		at := fmt.Sprintf("scenario: types[%d]", i)
		switch {
		case t.Name == "" || slices.ContainsFunc(s.Types[:i], func(o ScenarioType) bool { return o.Name == t.Name }):
			return fmt.Errorf("%s.name: %q is empty or stands twice", at, t.Name)
		case !slices.ContainsFunc(s.Classes, func(c ScenarioClass) bool { return c.Name == t.Class }):
			return fmt.Errorf("%s.class: no class is named %q", at, t.Class)
		case !(t.Rate > 0 && t.Rate <= maxMinutes):
			return fmt.Errorf("%s.rate_per_min: %v must be positive", at, t.Rate)
		case t.Service.Dist != "exp" && t.Service.Dist != "lognormal" && t.Service.Dist != "det":
			return fmt.Errorf("%s.service.dist: %q is none of exp, lognormal, det", at, t.Service.Dist)
		case !(t.Service.Mean > 0 && t.Service.Mean <= maxMinutes):
			return fmt.Errorf("%s.service.mean_min: %v must be positive", at, t.Service.Mean)
		case t.Service.Dist == "lognormal" && !(t.Service.CV2 > 0 && t.Service.CV2 <= 1000):
			return fmt.Errorf("%s.service.cv2: %v must be positive for a log-normal time", at, t.Service.CV2)
		case !(t.Patience >= 0 && t.Patience <= maxMinutes):
			return fmt.Errorf("%s.patience_mean_min: %v must not be negative; 0 never leaves", at, t.Patience)
		case len(t.Matters) > maxMatters:
			return fmt.Errorf("%s.matters: more than %d", at, maxMatters)
		}
		for j, m := range t.matters() {
			if !slices.ContainsFunc(s.Windows, func(w ScenarioPost) bool { return slices.Contains(w.Skills, m) }) {
				return fmt.Errorf("%s.matters[%d]: no window has the skill %q", at, j, m)
			}
		}
	}
	return nil
}

func (s *Scenario) checkWindows() error {
	for i, w := range s.Windows {
		if len(w.Skills) == 0 {
			return fmt.Errorf("scenario: windows[%d].skills: the window serves nobody", i)
		}
		if w.Primary != "" && !slices.Contains(w.Skills, w.Primary) {
			return fmt.Errorf("scenario: windows[%d].primary: %q is none of its skills", i, w.Primary)
		}
	}
	return nil
}

func (t *ScenarioType) matters() []string {
	if len(t.Matters) == 0 {
		return []string{t.Name}
	}
	return t.Matters
}

// ticks in a minute of a simulation: a microsecond each, so that rounding shows in no figure.
const ticks = 60e6

// floor makes the scenario's floor with all windows open and free, and the skills of each type.
func (s *Scenario) floor() (*hall.Floor, [][]hall.SkillNo) {
	numbers := map[string]hall.SkillNo{}
	number := func(name string) hall.SkillNo {
		k, known := numbers[name]
		if !known {
			k = hall.SkillNo(len(numbers))
			numbers[name] = k
		}
		return k
	}
	skills := make([][]hall.SkillNo, len(s.Types))
	for i, t := range s.Types {
		for _, m := range t.matters() {
			skills[i] = append(skills[i], number(m))
		}
		slices.Sort(skills[i])
	}
	posts := make([]hall.Post, len(s.Windows))
	for i, w := range s.Windows {
		for _, name := range w.Skills {
			if k := number(name); !slices.Contains(posts[i].Skills, k) {
				posts[i].Skills = append(posts[i].Skills, k)
			}
		}
		if w.Primary != "" {
			posts[i].Primary = []hall.SkillNo{number(w.Primary)}
		}
	}
	terms := hall.Terms{Policy: s.Policy, Bonuses: s.Bonuses, Quota: 3}
	for _, c := range s.Classes {
		terms.Targets = append(terms.Targets, hall.Millis(c.Target*ticks))
	}
	f := hall.NewFloor(terms, len(numbers), posts)
	for i := range posts {
		f.Set(hall.PostNo(i), hall.PostFree, 0)
	}
	return f, skills
}
