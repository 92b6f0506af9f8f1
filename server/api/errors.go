package api

import (
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/wire"
)

// refusal is an error of the API itself: wire.Error with its status.
func refusal(status int, code, message string) *wire.Error {
	return &wire.Error{Status: status, Code: code, Message: message}
}

//nolint:gochecknoglobals // constant values; Go has no constant structs
var (
	errNoRoute       = refusal(http.StatusNotFound, "not_found", "没有这个地址。请核对后重试。")
	errNoToken       = refusal(http.StatusUnauthorized, "not_logged_in", "请先登录，或提供设备令牌。")
	errForbidden     = refusal(http.StatusForbidden, "forbidden", "这个账号没有权限进行该操作。")
	errOrigin        = refusal(http.StatusForbidden, "wrong_origin", "请求来自其他网站，已拒绝。")
	errLogin         = refusal(http.StatusUnauthorized, "wrong_password", "用户名或密码不对。请重新输入。")
	errNotUsable     = refusal(http.StatusForbidden, "account_suspended", "这个账号已停用。请找安全保密管理员。")
	errChange        = refusal(http.StatusForbidden, "password_change_required", "密码是别人发放的，请先改成自己的密码。")
	errLast          = refusal(http.StatusConflict, "last_administrator", "这是本大厅唯一的这类管理员。请先任命另一位。")
	errSetUp         = refusal(http.StatusConflict, "already_set_up", "本大厅已经有管理员，请直接登录。")
	errVerifying     = refusal(http.StatusConflict, "verifying", "正在核验日志，请等它结束。")
	errBusy          = refusal(http.StatusServiceUnavailable, "busy", "大厅系统正忙，请稍后重试。")
	errUnsure        = refusal(http.StatusServiceUnavailable, "unsure", "大厅系统正在重新启动，不确定是否已办成。请用同一个 Idempotency-Key 重试。")
	errKeyReused     = refusal(http.StatusUnprocessableEntity, "idempotency_key_reused", "这个 Idempotency-Key 已用于另一个请求。请换一个新的。")
	errKey           = refusal(http.StatusBadRequest, "invalid", "Idempotency-Key：最多 200 个可见的 ASCII 字符。")
	errNoAppointment = refusal(http.StatusNotFound, "not_found", "没有这个预约。请核对预约码，或到导服台查询。")
)

// fail answers an error in the one shape that every error has.
func (a *API) fail(c *fiber.Ctx, err error) error {
	e := a.explain(err)
	if e.Logged {
		a.Log.Error().Err(err).Str("method", c.Method()).Str("route", c.Route().Path).Msg("a request failed")
	}
	if e.RetryAfterS > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(e.RetryAfterS))
	}
	if e.Status == http.StatusNotFound && wantsPage(c) {
		if b, err := fs.ReadFile(a.Pages, "missing.html"); err == nil {
			c.Set(fiber.HeaderCacheControl, "no-cache")
			return c.Status(e.Status).Type("html", "utf-8").Send(a.banner(b))
		}
	}
	return c.Status(e.Status).JSON(wire.ErrorBody{Error: *e})
}

// wantsPage says whether it is a person who has mistyped an address: a browser, and not under what programs ask for.
func wantsPage(c *fiber.Ctx) bool {
	for _, programs := range []string{"/api/", "/ws/", "/assets/"} {
		if strings.HasPrefix(c.Path(), programs) {
			return false
		}
	}
	return (c.Method() == http.MethodGet || c.Method() == http.MethodHead) && c.Accepts(fiber.MIMEApplicationJSON, fiber.MIMETextHTML) == fiber.MIMETextHTML
}

func (a *API) explain(err error) *wire.Error {
	var known *wire.Error
	var rule *hall.Error
	var web *fiber.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &rule):
		return refusal(status(rule.Code), string(rule.Code), rule.Message)
	case errors.Is(err, engine.ErrBusy):
		return errBusy
	case errors.Is(err, engine.ErrStopped):
		return errUnsure
	case errors.Is(err, engine.ErrMoved) && a.Servers != nil && a.Servers.Refusal() != nil:
		return a.Servers.Refusal()
	case errors.Is(err, engine.ErrMoved): // the mark of who took over is just being put on disk
		return errUnsure
	case errors.Is(err, engine.ErrKeyReused):
		return errKeyReused
	case errors.As(err, &web) && web.Code == http.StatusNotFound: // fiber's, when no route matched
		return errNoRoute
	case errors.As(err, &web) && web.Code == http.StatusMethodNotAllowed:
		return refusal(web.Code, "method_not_allowed", "这个地址不接受该方法。")
	case errors.As(err, &web) && web.Code == http.StatusRequestEntityTooLarge:
		return refusal(web.Code, "too_large", "请求太大。请减少内容后重试。")
	case errors.As(err, &web) && web.Code == http.StatusRequestHeaderFieldsTooLarge:
		return refusal(web.Code, "too_large", "请求的地址或标头太长。")
	case errors.As(err, &web) && web.Code < http.StatusInternalServerError:
		return refusal(web.Code, "bad_request", "请求有误："+web.Message)
	}
	if a.Trouble != nil {
		if said := a.Trouble(err); said != "" { // kiosks give out numbers of their own meanwhile, as for a hall that is away
			return &wire.Error{Status: http.StatusServiceUnavailable, Code: "disk", Message: said, Logged: true}
		}
	}
	return &wire.Error{Status: http.StatusInternalServerError, Code: "internal", Message: "大厅系统出错，请联系管理员。", Logged: true}
}

// status is the HTTP status of a rule's refusal: what the client named does not exist, is not allowed as written, is
// not the client's, or cannot be now.
func status(code hall.Code) int {
	switch code {
	case hall.CodeNotFound:
		return http.StatusNotFound
	case hall.CodeInvalid, hall.CodeUnknownMatter:
		return http.StatusUnprocessableEntity
	case hall.CodeNotYourWindow, hall.CodeNotYourCase, hall.CodeOwnRating:
		return http.StatusForbidden
	}
	return http.StatusConflict
}
