package hall

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of an arrangement.
const (
	maxScreens    = 300
	maxAreas      = 50
	maxNotices    = 30
	maxPanels     = 20
	maxVolumes    = 24
	maxNoticeText = 300 // characters
	maxName       = 60
)

// screenName is what may stand in a page's address.
//
//nolint:gochecknoglobals // a constant
var screenName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]{0,39}$`)

func languages() []string { return []string{"zh", "ug", "kk", "en"} }

// check says what is wrong with an arrangement, naming the entry. An area or a screen that is as it was is not judged anew: a layout
// may have taken its window away since, which would bar every other change.
func (n *Screens) check(s *State) error {
	if len(n.Screens) > maxScreens || len(n.Areas) > maxAreas || len(n.Notices) > maxNotices {
		return refuse(CodeInvalid, "最多 %d 块屏幕、%d 个区域、%d 条通知。", maxScreens, maxAreas, maxNotices)
	}
	for i := range n.Areas {
		if err := n.Areas[i].check(s); err != nil && !standsIn(s.screens.Areas, n.Areas[i]) {
			return err
		}
	}
	for i := range n.Screens {
		p := &n.Screens[i]
		if err := p.check(s); err != nil && !standsIn(s.screens.Screens, *p) {
			return err
		}
		if err := n.checkWay(p, p.where()); err != nil {
			return err
		}
	}
	for i := range n.Notices {
		if err := n.Notices[i].check(); err != nil {
			return err
		}
	}
	return n.Voice.check()
}

func standsIn[T any](list []T, one T) bool {
	return slices.ContainsFunc(list, func(o T) bool { return reflect.DeepEqual(o, one) })
}

func (a *Area) check(s *State) error {
	if !screenName.MatchString(string(a.ID)) || a.Name["zh"] == "" {
		return refuse(CodeInvalid, "区域 %q：需要字母或数字组成的编号和中文名称。", a.ID)
	}
	return known(s, a.Windows, "区域 "+string(a.ID))
}

func known(s *State, windows []WindowID, where string) error {
	for _, w := range windows {
		if s.windows[w] == nil {
			return refuse(CodeInvalid, "%s：没有 %s 号窗口。", where, w)
		}
	}
	return nil
}

func (p *ScreenPlan) where() string { return "屏幕 " + string(p.ID) }

func (p *ScreenPlan) check(s *State) error {
	where := p.where()
	switch {
	case !screenName.MatchString(string(p.ID)):
		return refuse(CodeInvalid, "屏幕编号 %q：只能用字母、数字、“-”和“_”，最多 40 个。", p.ID)
	case !slices.Contains([]ScreenKind{HallScreen, AreaScreen, WindowScreen, WaitingScreen}, p.Kind):
		return refuse(CodeInvalid, "%s：kind：%q 不是 hall、area、window 或 waiting。", where, p.Kind)
	case utf8.RuneCountInString(p.Name) > maxName:
		return refuse(CodeInvalid, "%s：name：最多 %d 个字。", where, maxName)
	case !slices.Contains([]string{"dark", "light", "contrast"}, p.Theme):
		return refuse(CodeInvalid, "%s：theme：%q 不是 dark、light 或 contrast。", where, p.Theme)
	case p.Kind == WindowScreen && s.windows[p.Window] == nil:
		return refuse(CodeInvalid, "%s：window：没有 %q 号窗口。", where, p.Window)
	case p.Kind == AreaScreen && len(p.Fields) == 0:
		return refuse(CodeInvalid, "%s：fields：区域屏至少要有一个领域。", where)
	}
	for _, f := range p.Fields {
		if !s.hasField(f) {
			return refuse(CodeInvalid, "%s：fields：没有领域 %q。", where, f)
		}
	}
	if err := known(s, p.Zone, where+"：zone"); err != nil {
		return err
	}
	return p.checkLooks(where)
}

// checkWay wants the areas that a screen names to exist.
func (n *Screens) checkWay(p *ScreenPlan, where string) error {
	exists := func(id AreaID) bool { return slices.ContainsFunc(n.Areas, func(a Area) bool { return a.ID == id }) }
	if p.Area != "" && !exists(p.Area) {
		return refuse(CodeInvalid, "%s：area：没有区域 %q。", where, p.Area)
	}
	directions := []Direction{"left", "right", "ahead", "back", "up", "down", "left_up", "right_up", "left_down", "right_down"}
	for id, d := range p.Arrows {
		if !exists(id) || !slices.Contains(directions, d) {
			return refuse(CodeInvalid, "%s：arrows：区域 %q 或方向 %q 不存在。", where, id, d)
		}
	}
	return nil
}

func (p *ScreenPlan) checkLooks(where string) error {
	if err := checkLanguages(p.Languages, where+"：languages"); err != nil {
		return err
	}
	if err := checkText(p.Ticker, where+"：ticker"); err != nil {
		return err
	}
	if err := checkPanels(p.Landscape, where+"：landscape"); err != nil {
		return err
	}
	return checkPanels(p.Portrait, where+"：portrait")
}

func checkLanguages(list []string, where string) error {
	for i, l := range list {
		if !slices.Contains(languages(), l) || slices.Contains(list[:i], l) {
			return refuse(CodeInvalid, "%s：%q 重复或不是 zh、ug、kk、en。", where, l)
		}
	}
	if !slices.Contains(list, "zh") {
		return refuse(CodeInvalid, "%s：必须包含 zh。", where)
	}
	return nil
}

func checkText(t Text, where string) error {
	for l, words := range t {
		if !slices.Contains(languages(), l) {
			return refuse(CodeInvalid, "%s：%q 不是 zh、ug、kk、en。", where, l)
		}
		if utf8.RuneCountInString(words) > maxNoticeText {
			return refuse(CodeInvalid, "%s：最多 %d 个字。", where, maxNoticeText)
		}
	}
	return nil
}

// checkPanels wants panels within the grid that do not lie on one another.
func checkPanels(list []Panel, where string) error {
	if len(list) == 0 || len(list) > maxPanels {
		return refuse(CodeInvalid, "%s：需要 1 到 %d 个面板。", where, maxPanels)
	}
	kinds := []PanelKind{HeadPanel, NewestPanel, CallsPanel, WaitingPanel, WindowsPanel, PausedPanel, WindowPanel, NoticesPanel, TickerPanel}
	for i, p := range list {
		if !slices.Contains(kinds, p.Kind) {
			return refuse(CodeInvalid, "%s：第 %d 个面板：没有 %q 这种面板。", where, i+1, p.Kind)
		}
		if p.X < 0 || p.Y < 0 || p.W < 1 || p.H < 1 || p.X > GridSize-p.W || p.Y > GridSize-p.H {
			return refuse(CodeInvalid, "%s：第 %d 个面板（%s）超出 %d×%d 的网格。", where, i+1, p.Kind, GridSize, GridSize)
		}
		for k, o := range list[:i] {
			if p.X < o.X+o.W && o.X < p.X+p.W && p.Y < o.Y+o.H && o.Y < p.Y+p.H {
				return refuse(CodeInvalid, "%s：第 %d 个面板（%s）和第 %d 个面板（%s）重叠。", where, k+1, o.Kind, i+1, p.Kind)
			}
		}
	}
	return nil
}

func (o *Notice) check() error {
	if !screenName.MatchString(string(o.ID)) || strings.TrimSpace(o.Text["zh"]) == "" {
		return refuse(CodeInvalid, "通知：请填写中文内容。")
	}
	return checkText(o.Text, "通知")
}

func (v *Voice) check() error {
	if err := checkLanguages(v.Languages, "播报 languages"); err != nil {
		return err
	}
	switch {
	case v.Rate < 80 || v.Rate > 400:
		return refuse(CodeInvalid, "播报 rate：每分钟 80 到 400 个词。")
	case v.Times < 1 || v.Times > 10:
		return refuse(CodeInvalid, "播报 times：1 到 10 次。")
	case v.EveryS < 5 || v.EveryS > 600:
		return refuse(CodeInvalid, "播报 every_s：5 到 600 秒。")
	case len(v.Volumes) > maxVolumes:
		return refuse(CodeInvalid, "播报 volumes：最多 %d 段。", maxVolumes)
	}
	last := -1
	for _, at := range v.Volumes {
		if at.From <= last || at.From >= minutesOfDay || at.Volume < 0 || at.Volume > fullVolume {
			return refuse(CodeInvalid, "播报 volumes：时间要从早到晚，音量 0 到 100。")
		}
		last = at.From
	}
	return nil
}
