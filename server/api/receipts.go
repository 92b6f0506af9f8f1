package api

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"yitang/server/hall"
)

// receiptPreview draws a made-up ticket of this hall.
func (a *API) receiptPreview(c *fiber.Ctx) error {
	language, width := c.Query("language", "zh"), c.Query("columns", "48")
	if !slices.Contains([]string{"zh", "ug", "kk", "en"}, language) {
		return refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "language："+language+" 不是 zh、ug、kk 或 en。")
	}
	columns, err := strconv.Atoi(width)
	if err != nil || !slices.Contains([]int{32, 42, 48}, columns) {
		return refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "columns：“"+width+"”不是 32、42 或 48。")
	}
	if a.Receipts == nil {
		return refusal(http.StatusNotFound, string(hall.CodeNotFound), "这个服务没有号票预览。")
	}
	v := a.Hall.View()
	png, err := a.Receipts.Preview(a.present(v.Layout).catalogue(v, a.Now()), language, columns)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/png")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(png)
}
