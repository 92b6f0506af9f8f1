package kiosk

import (
	"bytes"
	"image/png"
	"time"

	"yitang/drivers/escpos"
	"yitang/server/wire"
)

// Of the made-up ticket in a preview.
const (
	previewNumber = "012"
	previewAhead  = 7
	previewURL    = "https://hall.example.gov.cn"
)

// Preview draws, as PNG, how a kiosk would print a made-up ticket of a hall in a language (zh, ug, kk or en) on paper of so many
// columns, with c.Receipt as its template: the printer's bytes, read by our decoder. A mistake in a line of the
// template is an *escpos.LineError. It takes some tens of milliseconds.
func Preview(c wire.Catalogue, language string, columns int, at time.Time) ([]byte, error) {
	profile := profileOf(PrinterConfig{Columns: columns})
	b, err := layOut(receipt(previewTicket(c, at), language, &c, previewURL), c.Receipt, profile, escpos.NewShaper())
	if err != nil {
		return nil, err
	}
	job, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	ops, err := escpos.Decode(job)
	if err != nil {
		return nil, err
	}
	renderer := escpos.NewRenderer()
	defer renderer.Close() //nolint:errcheck // a font that was only read
	paper, err := renderer.Render(escpos.Document{Ops: ops}, profile)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = png.Encode(&out, paper)
	return out.Bytes(), err
}

// previewTicket is for the first field of the hall and two of its matters.
func previewTicket(c wire.Catalogue, at time.Time) wire.Ticket {
	if zone, err := time.LoadLocation(c.Hall.Zone); err == nil {
		at = at.In(zone)
	}
	t := wire.Ticket{Number: "A" + previewNumber, Ahead: previewAhead, Wait: &wire.Wait{P50Min: 10, P80Min: 15, P90Min: 20}, IssuedAt: at, TrackURL: "/t/EXAMPLE"}
	if len(c.Fields) > 0 {
		t.Field = c.Fields[0].ID
		t.Number = t.Field + previewNumber
	}
	for _, m := range c.Matters {
		if m.Field == t.Field && len(t.Matters) < 2 {
			t.Matters = append(t.Matters, m.Code)
		}
	}
	return t
}
