package api

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

// Voice makes announcements as sound.
type Voice interface {
	// Ready is nil when calls can be spoken; else its text says what to do.
	Ready() error
	// WAV is one announcement as a WAV file.
	WAV(ctx context.Context, u wire.Utterance) ([]byte, error)
	// Say is any sentence as a WAV file.
	Say(ctx context.Context, language, text string, rate int) ([]byte, error)
}

// maxNoticeMin is a day's and a night's notice.
const maxNoticeMin = 24 * 60

//nolint:gochecknoglobals // constant values; Go has no constant structs
var (
	errNoVoice   = refusal(http.StatusServiceUnavailable, "no_voice", "服务器上不能播报语音：请在服务器上安装 espeak-ng（apt-get install espeak-ng），或在数据文件夹的 clips 里放入录音。屏幕上的文字不受影响。")
	ticketNumber = regexp.MustCompile(`^[A-Z][0-9]{3,5}$`)
)

func (a *API) screenRoutes() []route {
	manager := []account.Role{account.Manager}
	put := func(path, summary string, body any, h fiber.Handler) route {
		return route{method: http.MethodPut, path: path, summary: summary, roles: manager, in: body, out: body, status: 200, handle: h}
	}
	return []route{
		{method: http.MethodGet, path: "/api/v1/screens", summary: "The screens: how they are arranged, who shows them now, what is spoken",
			roles: manager, out: wire.ScreenList{}, status: 200, handle: a.listScreens},
		put("/api/v1/screens/:screen", "Arrange a screen", wire.ScreenPlan{}, a.arrangeScreen),
		{method: http.MethodDelete, path: "/api/v1/screens/:screen", summary: "Let a screen show what its name says again",
			roles: manager, status: 204, handle: a.removeScreen},
		{method: http.MethodPut, path: "/api/v1/screens/:screen/identify", summary: "Let a screen show its name for a moment",
			roles: manager, status: 204, handle: a.identifyScreen},
		{method: http.MethodGet, path: "/api/v1/screens/:screen/voice/:number/:window", summary: "A call as sound, a WAV file",
			detail: "In the languages and with the gong that the hall has set; with ?brief=1 only what is needed to follow it. The token may stand in ?token=, as an audio element needs it.",
			roles:  []account.Role{account.Screen, account.Manager}, kind: "audio/wav",
			params: asks{may("brief", "1: only what is needed to follow it")}, status: 200, query: true, handle: a.speak},
		put("/api/v1/voice", "Say how calls are spoken", wire.VoicePlan{}, a.setVoice),
		put("/api/v1/areas", "Say which windows are far away, and where", wire.Areas{}, a.setAreas),
		{method: http.MethodPost, path: "/api/v1/notices", summary: "Put a notice on the screens",
			roles: manager, in: wire.NoticeRequest{}, out: wire.Notice{}, status: 201, handle: a.postNotice},
		{method: http.MethodDelete, path: "/api/v1/notices/:notice", summary: "Take a notice away",
			roles: manager, status: 204, handle: a.dropNotice},
	}
}

// listScreens lists what was arranged, what is shown somewhere, and the first screen that every hall has.
func (a *API) listScreens(c *fiber.Ctx) error {
	v := a.Hall.View()
	p := a.present(v.Layout)
	clients := a.audience.clients()
	list := wire.ScreenList{At: a.Now().In(p.zone), Zone: v.Layout.Zone, Screens: []wire.ScreenState{}, Areas: p.areas(v.Screens), Voice: voicePlan(&v.Screens.Voice), Notices: p.notices(v.Screens.Notices, "", a.Now()),
		NoVoice: a.whyMute()}
	ids := map[string]bool{"hall-1": true}
	for _, s := range v.Screens.Screens {
		ids[string(s.ID)] = true
	}
	for id := range clients {
		ids[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		plan, known := p.plan(v.Screens, id)
		if !known {
			continue
		}
		list.Screens = append(list.Screens, wire.ScreenState{Plan: screenPlan(&plan), Own: v.Screens.Plan(hall.ScreenID(id)) != nil,
			Clients: append([]wire.ScreenClient{}, clients[id]...)})
	}
	return c.JSON(list)
}

// whyMute says why nothing can be spoken, or nothing.
func (a *API) whyMute() string {
	if a.Voice == nil || a.Voice.Ready() != nil {
		return errNoVoice.Message
	}
	return ""
}

func (a *API) arrangeScreen(c *fiber.Ctx) error {
	var in wire.ScreenPlan
	if err := body(c, &in); err != nil {
		return err
	}
	if id := c.Params("screen"); in.ID == "" {
		in.ID = id
	} else if in.ID != id {
		return refusal(http.StatusUnprocessableEntity, "invalid", "id：和地址里的屏幕编号不一致。")
	}
	plan := hallPlan(&in)
	return a.do(c, command{status: http.StatusOK, cmd: hall.ArrangeScreen{Plan: plan}, answer: func(*hall.State, []hall.Event) any { return screenPlan(&plan) }})
}

func (a *API) removeScreen(c *fiber.Ctx) error {
	return a.do(c, command{cmd: hall.RemoveScreen{Screen: hall.ScreenID(c.Params("screen"))}})
}

func (a *API) identifyScreen(c *fiber.Ctx) error {
	if !a.audience.identify(c.Params("screen")) {
		return refusal(http.StatusNotFound, string(hall.CodeNotFound), "屏幕 "+c.Params("screen")+" 现在没有连接。请检查它的电源和网络。")
	}
	return c.SendStatus(http.StatusNoContent)
}

func (a *API) setVoice(c *fiber.Ctx) error {
	var in wire.VoicePlan
	if err := body(c, &in); err != nil {
		return err
	}
	v := hall.Voice{Off: in.Off, Languages: in.Languages, Gong: in.Gong, Rate: in.Rate, Times: in.Times, EveryS: in.EveryS}
	for _, at := range in.Volumes {
		v.Volumes = append(v.Volumes, hall.VolumeFrom(at))
	}
	return a.do(c, command{status: http.StatusOK, cmd: hall.SetVoice{Voice: v}, answer: func(*hall.State, []hall.Event) any { return voicePlan(&v) }})
}

func (a *API) setAreas(c *fiber.Ctx) error {
	var in wire.Areas
	if err := body(c, &in); err != nil {
		return err
	}
	if in.Areas == nil { // a request that forgot them must not clear them
		return refusal(http.StatusUnprocessableEntity, "invalid", "areas：请给出全部远处区域的清单，没有就写 []。")
	}
	var list []hall.Area
	for _, area := range in.Areas {
		list = append(list, hall.Area{ID: hall.AreaID(area.ID), Name: hall.Text(area.Name), Windows: named[hall.WindowID](area.Windows)})
	}
	return a.do(c, command{status: http.StatusOK, cmd: hall.SetAreas{Areas: list}, answer: func(*hall.State, []hall.Event) any { return in }})
}

func (a *API) postNotice(c *fiber.Ctx) error {
	var in wire.NoticeRequest
	if err := body(c, &in); err != nil {
		return err
	}
	if in.Minutes < 0 || in.Minutes > maxNoticeMin {
		return refusal(http.StatusUnprocessableEntity, "invalid", "minutes：0 到 1440 分钟。")
	}
	n := hall.Notice{ID: hall.NoticeID(strings.ToLower(rand.Text()[:10])), Text: hall.Text(in.Text), Screens: named[hall.ScreenID](in.Screens)}
	if in.Minutes > 0 {
		n.Until = hall.Millis(a.Now().Add(time.Duration(in.Minutes) * time.Minute).UnixMilli())
	}
	return a.do(c, command{status: http.StatusCreated, cmd: hall.PostNotice{Notice: n}, answer: func(s *hall.State, _ []hall.Event) any {
		return a.present(s.Layout()).notice(&n)
	}})
}

func (a *API) dropNotice(c *fiber.Ctx) error {
	return a.do(c, command{cmd: hall.DropNotice{Notice: hall.NoticeID(c.Params("notice"))}})
}

// speak answers with one announcement. What is said is in the address, so a browser may keep it for a while.
func (a *API) speak(c *fiber.Ctx) error {
	v := a.Hall.View()
	number, window := c.Params("number"), c.Params("window")
	if _, known := a.present(v.Layout).plan(v.Screens, c.Params("screen")); !known || !ticketNumber.MatchString(number) || v.Window(hall.WindowID(window)) == nil {
		return refusal(http.StatusNotFound, string(hall.CodeNotFound), "没有这块屏幕、这个号码或这个窗口。")
	}
	if a.whyMute() != "" {
		return errNoVoice
	}
	plan, brief := &v.Screens.Voice, c.QueryBool("brief")
	u := wire.Utterance{Number: number, Window: window, Languages: plan.Languages, Gong: plan.Gong && !brief, Brief: brief, Rate: plan.Rate}
	if brief {
		u.Languages = plan.Languages[:1]
	}
	wav, err := a.Voice.WAV(c.UserContext(), u)
	if err != nil {
		if a.Voice.Ready() != nil || errors.Is(err, context.DeadlineExceeded) {
			return errNoVoice
		}
		return err
	}
	c.Set(fiber.HeaderContentType, "audio/wav")
	c.Set(fiber.HeaderCacheControl, "private, max-age=60")
	return c.Send(wav)
}
