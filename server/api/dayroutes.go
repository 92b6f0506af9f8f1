package api

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"yitang/server/cert"
	"yitang/server/hall"
	"yitang/server/wire"
)

func (a *API) openDay(c *fiber.Ctx) error {
	layout := a.Hall.View().Layout
	day := hall.BusinessDay(a.present(layout).zone, a.Now())
	given, err := a.Tickets.Given(c.UserContext(), day)
	if err != nil {
		return err
	}
	return a.day(c, hall.OpenDay{Day: day, Given: given})
}

func (a *API) closeDay(c *fiber.Ctx) error { return a.day(c, hall.CloseDay{}) }

// reopenDay takes the end of the day back; the clock must still show the same day.
func (a *API) reopenDay(c *fiber.Ctx) error {
	return a.day(c, hall.ReopenDay{Day: hall.BusinessDay(a.present(a.Hall.View().Layout).zone, a.Now())})
}

func (a *API) day(c *fiber.Ctx, cmd hall.Command) error {
	return a.do(c, command{status: http.StatusOK, cmd: cmd, answer: func(s *hall.State, _ []hall.Event) any {
		v := s.View()
		return a.present(v.Layout).hall(v, a.Now())
	}})
}

func (a *API) reportDevice(c *fiber.Ctx) error {
	var in wire.DeviceReport
	if err := body(c, &in); err != nil {
		return err
	}
	device, part := c.Params("device"), c.Params("part")
	if err := errors.Join(text("device", device), text("part", part), text("reason", in.Reason), text("note", in.Note)); err != nil {
		return err
	}
	return a.do(c, command{cmd: hall.ReportDevice{Device: device, Part: part, State: in.State, Reason: in.Reason, Note: in.Note}})
}

func (a *API) healthy(c *fiber.Ctx) error { return c.SendString("ok\n") }

// ready is true when the hall has a catalogue and room on its disk; a hall that cannot commit has no process to ask.
func (a *API) ready(c *fiber.Ctx) error {
	if a.Servers != nil {
		if refused := a.Servers.Refusal(); refused != nil {
			return refused
		}
	}
	if len(a.Hall.View().Layout.Matters) == 0 {
		return refusal(http.StatusServiceUnavailable, string(hall.CodeNoCatalogue), "还没有事项目录。请先用 yitang import 导入。")
	}
	if err := a.roomy(); err != nil {
		return err
	}
	return c.SendString("ready\n")
}

// authority hands out what the hall's PCs are told to trust; it is no secret.
func (a *API) authority(c *fiber.Ctx) error {
	if a.CA == nil {
		return errNoAuthority
	}
	c.Set(fiber.HeaderContentType, "application/x-x509-ca-cert")
	return c.Send(a.CA)
}

//nolint:gochecknoglobals // a constant value
var errNoAuthority = refusal(http.StatusNotFound, "no_authority", "这个大厅没有自己的证书颁发机构：服务器没有启用 TLS，或使用了单位提供的证书。")

// authorityFile is the same as a file to keep, under the name that Windows opens with a double click.
func (a *API) authorityFile(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="yitang-ca.crt"`)
	return a.authority(c)
}

// trust says by what to recognise the authority: whoever installs it compares the fingerprint with the server's console.
func (a *API) trust(c *fiber.Ctx) error {
	block, _ := pem.Decode(a.CA)
	if block == nil {
		return errNoAuthority
	}
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	return c.JSON(wire.Authority{Name: ca.Subject.CommonName, SHA256: cert.Fingerprint(block.Bytes), Until: ca.NotAfter})
}
