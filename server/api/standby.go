package api

import (
	"bytes"
	"context"
	"html"
	"net/http"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/wire"
)

// Servers knows which of a hall's servers this is, and what the others want of it; see package standby.
type Servers interface {
	Epoch() int
	State(seq uint64) wire.ServerState
	// Followers are the standbys, how far behind the event seq each is.
	Followers(seq uint64) []wire.Follower
	// Forget is what takes one that has gone for good off the list: a change for the journal, on disk with the record of it, and
	// what there is to do after that.
	Forget(address string) (beside any, after func(), err error)
	// Refusal is why this server takes no command; nil on the primary.
	Refusal() *wire.Error
	Journal(ctx context.Context, c wire.Cursor) ([]byte, error)
	Copy(ctx context.Context) (wire.StandbyCopy, error)
	Piece(q wire.StandbyPiece) ([]byte, error)
	Fence(ctx context.Context, f wire.Fence) (wire.Fenced, error)
}

func (a *API) standbyRoutes() []route {
	standby := []account.Role{account.Standby}
	return []route{
		{method: http.MethodGet, path: "/api/v1/standby", summary: "Which of the hall's servers this is: primary, standby, or one that was replaced",
			out: wire.ServerState{}, status: 200, handle: a.serverState},
		{method: http.MethodGet, path: "/api/v1/standby/journal", summary: "What a standby lacks of the journal",
			detail: "?seq= &hash= of its last event, &place= of its last answer, &side= digest of its accounts, &address= of itself, &wait_ms= for news. For servers of the same version only.",
			roles:  standby, kind: "application/json",
			params: asks{may("seq", "of its last event"), may("hash", "of its last event"), may("place", "of its last answer"), may("side", "digest of its accounts"), may("address", "of itself"), may("wait_ms", "how long to wait for news")}, status: 200, empty: "there was nothing new", handle: a.shipJournal},
		{method: http.MethodPost, path: "/api/v1/standby/copy", summary: "Make a copy of the whole hall for a standby that has nothing yet",
			roles: standby, out: wire.StandbyCopy{}, status: 200, handle: a.makeCopy},
		{method: http.MethodGet, path: "/api/v1/standby/copy", summary: "A piece of a file of that copy", detail: "?id= &file= &offset=",
			roles: standby, kind: "application/octet-stream",
			params: asks{may("id", "of the copy"), may("file", "its name"), may("offset", "where the piece begins")}, status: 200, handle: a.copyPiece},
		{method: http.MethodPost, path: "/api/v1/standby/fence", summary: "Another server takes the hall over: take no more commands",
			roles: standby, in: wire.Fence{}, out: wire.Fenced{}, status: 200, handle: a.fence},
	}
}

// epoch says in every answer which primary's it is.
func (a *API) epoch(c *fiber.Ctx) error {
	if a.Servers != nil {
		c.Set(wire.EpochHeader, strconv.Itoa(a.Servers.Epoch()))
	}
	return c.Next()
}

// takesCommands refuses what changes something on a server that is not the primary; the standby's own routes pass.
func (a *API) takesCommands(r route, c *fiber.Ctx) error {
	if a.Servers == nil || c.Method() == http.MethodGet || c.Method() == http.MethodHead || slices.Contains(r.roles, account.Standby) {
		return nil
	}
	if refused := a.Servers.Refusal(); refused != nil {
		return refused
	}
	return nil
}

func (a *API) serverState(c *fiber.Ctx) error {
	return c.JSON(a.Servers.State(a.Hall.View().Seq))
}

func (a *API) shipJournal(c *fiber.Ctx) error {
	q := wire.Cursor{Hash: c.Query("hash"), Side: c.Query("side"), Address: c.Query("address"), WaitMS: c.QueryInt("wait_ms")}
	var err error
	if q.Seq, err = number(c, "seq"); err != nil {
		return err
	}
	if q.Place, err = number(c, "place"); err != nil {
		return err
	}
	data, err := a.Servers.Journal(c.UserContext(), q)
	if err != nil {
		return err
	}
	if data == nil {
		return c.SendStatus(http.StatusNoContent)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	return c.Send(data)
}

func number(c *fiber.Ctx, name string) (uint64, error) {
	n, err := strconv.ParseUint(c.Query(name, "0"), 10, 63)
	if err != nil {
		return 0, refusal(http.StatusUnprocessableEntity, "invalid", name+"：必须是不小于 0 的整数。")
	}
	return n, nil
}

func (a *API) makeCopy(c *fiber.Ctx) error {
	out, err := a.Servers.Copy(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(out)
}

func (a *API) copyPiece(c *fiber.Ctx) error {
	offset, err := number(c, "offset")
	if err != nil {
		return err
	}
	data, err := a.Servers.Piece(wire.StandbyPiece{ID: c.Query("id"), File: c.Query("file"), Offset: int64(offset)}) // #nosec G115 -- number refuses more than 63 bits
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEOctetStream)
	return c.Send(data)
}

func (a *API) fence(c *fiber.Ctx) error {
	var in wire.Fence
	if err := body(c, &in); err != nil {
		return err
	}
	out, err := a.Servers.Fence(c.UserContext(), in)
	if err != nil {
		return err
	}
	return c.JSON(out)
}

// Moved ends the sockets of a server that has been replaced, so that who watched finds the new one.
func (a *API) Moved() { a.sockets.close() }

// bannerStyle has a file of its own, because the pages' policy allows no style in them.
const bannerStyle = `#server-banner{position:fixed;inset-inline:0;top:0;z-index:9999;padding:6px 16px;text-align:center;` +
	`background:#8a1c0d;color:#fff;font:600 18px/1.4 "Noto Sans CJK SC",sans-serif}`

// banner puts over a page that this server only shows the hall.
func (a *API) banner(page []byte) []byte {
	if a.Servers == nil {
		return page
	}
	refused := a.Servers.Refusal()
	if refused == nil {
		return page
	}
	const end = "<body>"
	bar := `<link rel="stylesheet" href="/server-banner.css" /><div id="server-banner" role="status" lang="zh-CN" dir="ltr">` +
		html.EscapeString(refused.Message) + `</div>`
	return bytes.Replace(page, []byte(end), []byte(end+bar), 1)
}

func (a *API) bannerCSS(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
	return c.SendString(bannerStyle)
}
