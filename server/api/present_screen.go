package api

import (
	"slices"
	"strings"
	"time"

	"yitang/server/hall"
	"yitang/server/wire"
)

// plan is how a screen is arranged; without an arrangement its id says what it shows: hall-N, waiting-N, area-LETTERS or
// window-N.
func (p presenter) plan(n *hall.Screens, id string) (hall.ScreenPlan, bool) {
	if own := n.Plan(hall.ScreenID(id)); own != nil {
		return *own, true
	}
	kind, rest, _ := strings.Cut(id, "-")
	plan := hall.DefaultPlan(hall.ScreenID(id), hall.ScreenKind(kind))
	switch plan.Kind {
	case hall.HallScreen, hall.WaitingScreen:
		plan.Name = "大厅" + rest
		return plan, rest != ""
	case hall.AreaScreen:
		for _, f := range p.layout.Fields {
			if strings.Contains(rest, string(f.ID)) {
				plan.Fields = append(plan.Fields, f.ID)
			}
		}
		plan.Name = strings.Join(words(plan.Fields), "、") + " 区"
		return plan, len(plan.Fields) == len(rest) && rest != ""
	case hall.WindowScreen:
		plan.Name, plan.Window = rest+" 号窗口", hall.WindowID(rest)
		return plan, slices.ContainsFunc(p.layout.Windows, func(w hall.WindowPlan) bool { return string(w.ID) == rest })
	}
	return plan, false
}

// screen is what a screen's page is told about itself.
func screen(s *hall.ScreenPlan) wire.Screen {
	return wire.Screen{ID: string(s.ID), Name: s.Name, Kind: string(s.Kind), Fields: names(s.Fields), Window: string(s.Window),
		Languages: s.Languages, Theme: s.Theme, Clerk: s.Clerk, Ticker: wire.Text(s.Ticker), Landscape: panels(s.Landscape), Portrait: panels(s.Portrait)}
}

func panels(list []hall.Panel) []wire.Panel {
	out := make([]wire.Panel, len(list))
	for i, p := range list {
		out[i] = wire.Panel{Kind: string(p.Kind), X: p.X, Y: p.Y, W: p.W, H: p.H}
	}
	return out
}

// names turns identities into strings; nil for none.
func names[T ~string](list []T) []string {
	var out []string
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

// named is the way back.
func named[T ~string](list []string) []T {
	var out []T
	for _, v := range list {
		out = append(out, T(v))
	}
	return out
}

func screenPlan(s *hall.ScreenPlan) wire.ScreenPlan {
	w := wire.ScreenPlan{ID: string(s.ID), Name: s.Name, Kind: string(s.Kind), Fields: names(s.Fields), Window: string(s.Window), Area: string(s.Area),
		Languages: s.Languages, Theme: s.Theme, Silent: s.Silent, Zone: names(s.Zone), Clerk: s.Clerk, Ticker: wire.Text(s.Ticker),
		Landscape: panels(s.Landscape), Portrait: panels(s.Portrait)}
	for area, d := range s.Arrows {
		if w.Arrows == nil {
			w.Arrows = map[string]string{}
		}
		w.Arrows[string(area)] = string(d)
	}
	return w
}

func hallPlan(w *wire.ScreenPlan) hall.ScreenPlan {
	s := hall.ScreenPlan{ID: hall.ScreenID(w.ID), Name: w.Name, Kind: hall.ScreenKind(w.Kind), Fields: named[hall.FieldID](w.Fields),
		Window: hall.WindowID(w.Window), Area: hall.AreaID(w.Area), Languages: w.Languages, Theme: w.Theme, Silent: w.Silent,
		Zone: named[hall.WindowID](w.Zone), Clerk: w.Clerk, Ticker: hall.Text(w.Ticker)}
	for area, d := range w.Arrows {
		if s.Arrows == nil {
			s.Arrows = map[hall.AreaID]hall.Direction{}
		}
		s.Arrows[hall.AreaID(area)] = hall.Direction(d)
	}
	for _, list := range []struct {
		from []wire.Panel
		to   *[]hall.Panel
	}{{w.Landscape, &s.Landscape}, {w.Portrait, &s.Portrait}} {
		for _, p := range list.from {
			*list.to = append(*list.to, hall.Panel{Kind: hall.PanelKind(p.Kind), X: p.X, Y: p.Y, W: p.W, H: p.H})
		}
	}
	return s
}

func voicePlan(v *hall.Voice) wire.VoicePlan {
	w := wire.VoicePlan{Off: v.Off, Languages: v.Languages, Gong: v.Gong, Rate: v.Rate, Times: v.Times, EveryS: v.EveryS, Volumes: []wire.VolumeFrom{}}
	for _, at := range v.Volumes {
		w.Volumes = append(w.Volumes, wire.VolumeFrom(at))
	}
	return w
}

func (p presenter) areas(n *hall.Screens) []wire.Area {
	out := []wire.Area{}
	for _, area := range n.Areas {
		out = append(out, wire.Area{ID: string(area.ID), Name: wire.Text(area.Name), Windows: append([]string{}, names(area.Windows)...)})
	}
	return out
}

// elsewhere lists the areas that people at a screen have to walk to, each with the way.
func (p presenter) elsewhere(n *hall.Screens, s *hall.ScreenPlan) []wire.Area {
	out := []wire.Area{}
	for _, area := range p.areas(n) {
		if area.ID != string(s.Area) {
			area.Arrow = string(s.Arrows[hall.AreaID(area.ID)])
			out = append(out, area)
		}
	}
	return out
}

func (p presenter) notice(n *hall.Notice) wire.Notice {
	return wire.Notice{ID: string(n.ID), Text: wire.Text(n.Text), Screens: names(n.Screens), Until: p.maybe(n.Until)}
}

// notices lists those that hold now: of one screen, or all of them without a name.
func (p presenter) notices(list []hall.Notice, screen hall.ScreenID, now time.Time) []wire.Notice {
	out := []wire.Notice{}
	for i := range list {
		n := &list[i]
		over := n.Until != 0 && n.Until <= hall.Millis(now.UnixMilli())
		if !over && (screen == "" || len(n.Screens) == 0 || slices.Contains(n.Screens, screen)) {
			out = append(out, p.notice(n))
		}
	}
	return out
}

// voice is what a screen needs to know to speak.
func (p presenter) voice(v *hall.Voice, s *hall.ScreenPlan, now time.Time) wire.BoardVoice {
	at := now.In(p.zone)
	return wire.BoardVoice{On: !v.Off && !s.Silent, Volume: v.VolumeAt(at.Hour()*60 + at.Minute()), Times: v.Times, EveryS: v.EveryS, Zone: names(s.Zone)}
}
