package api

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"sync"

	"github.com/gofiber/fiber/v2"
)

// pages serves the built pages: each under its fixed path, their scripts and styles under /assets/.
func (a *API) pages() {
	for route, file := range map[string]string{
		"/": "home.html", "/kiosk": "kiosk.html", "/screen/:screen": "screen.html", "/window": "window.html",
		"/department": "department.html", "/delivery": "delivery.html", "/guide": "guide.html", "/rating/:window": "rating.html", "/rating/t/:code": "rating.html",
		"/hall": "hall.html", "/manager": "manager.html", "/admin": "admin.html", "/trust": "trust.html", "/manager/screens": "screens.html", "/t/:code": "ticket.html", "/appointment": "appointment.html", "/appointment/:code": "appointment.html", "/api/docs": "docs.html",
	} {
		a.app.Get(route, a.page(file, "no-cache"))
	}
	if icons, err := fs.Glob(a.Pages, "assets/favicon-*.svg"); err == nil && len(icons) > 0 { // what a browser asks for where no page names it
		a.app.Get("/favicon.ico", a.page(icons[0], "no-cache"))
	}
	a.app.Get("/server-banner.css", a.bannerCSS)
	a.app.Get("/assets/*", a.asset)
}

// asset serves a file whose name holds a hash of what is in it. It is packed once: a thousand screens that start together
// ask for the same.
func (a *API) asset(c *fiber.Ctx) error {
	file := path.Join("assets", path.Clean("/"+c.Params("*")))
	if err := a.page(file, "public, max-age=31536000, immutable")(c); err != nil {
		return err
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	if plain := c.Response().Body(); len(plain) > 0 && c.Request().Header.HasAcceptEncoding("gzip") {
		packed, _ := a.packed.LoadOrStore(file, sync.OnceValue(func() []byte { return zipped(plain) }))
		c.Set(fiber.HeaderContentEncoding, "gzip")
		c.Response().SetBodyRaw(packed.(func() []byte)())
	}
	return nil
}

func zipped(plain []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(plain) // into memory
	_ = w.Close()
	return out.Bytes()
}

func (a *API) page(file, cache string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := a.limit(c, nil, false); err != nil {
			return err
		}
		if a.Lead != nil && c.Context().QueryArgs().Len() == 0 {
			if to := a.Lead(c.Path()); to != "" {
				return c.Redirect(to)
			}
		}
		b, err := fs.ReadFile(a.Pages, file)
		if err != nil {
			return refusal(http.StatusNotFound, "no_page", "没有这个页面。若页面尚未构建，请运行 make run。")
		}
		c.Set(fiber.HeaderContentType, mime.TypeByExtension(path.Ext(file)))
		c.Set(fiber.HeaderCacheControl, cache)
		if path.Ext(file) == ".html" {
			b = a.banner(b)
		}
		return c.Send(b)
	}
}
