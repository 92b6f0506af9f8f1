package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"yitang/server/hall"
	rule "yitang/server/route"
	"yitang/server/wire"
)

// maxComing bounds a window's preview: what lies further off will have changed before it comes.
const maxComing = 9

// windowQueue shows a clerk who comes next at her window, in the rule's own order, and why.
func (a *API) windowQueue(c *fiber.Ctx) error {
	id := hall.WindowID(c.Params("window"))
	if err := mayUse(c, string(id)); err != nil {
		return err
	}
	v := a.Hall.View()
	if v.Window(id) == nil {
		return refusal(http.StatusNotFound, string(hall.CodeNotFound), "没有 "+string(id)+" 号窗口。")
	}
	p := a.present(v.Layout)
	out := wire.WindowQueue{Seq: v.Seq, Coming: []wire.Coming{}}
	for _, k := range rule.Line(v, id, hall.Millis(a.Now().UnixMilli()), maxComing) {
		out.Waiting = max(out.Waiting, k.Why.Candidates) // the first one's: all that wait for the window
		why := explain(k.Why, k.Ticket)
		out.Coming = append(out.Coming, wire.Coming{Ticket: p.ticket(k.Ticket, 0), Step: why.Step, Passes: passes(k), Sentence: why.Sentence})
	}
	return c.JSON(out)
}

// passes says whether somebody who came earlier stands behind it in the line: that is what people ask about.
func passes(k rule.Coming) bool {
	for _, h := range k.Why.Heads {
		if h.Ticket != k.Ticket.ID && h.WaitedMS > int64(k.Why.WaitedMS) {
			return true
		}
	}
	return false
}
