package server_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// The manager sees how a ticket looks before anybody prints it, in each language and width; the hall's own template goes to the
// kiosks, and one with a mistake does not.
func TestReceiptsOfAHall(t *testing.T) {
	h := halltest.New(t, 1)
	manager, kiosk := h.Tokens[account.Manager], h.Tokens[account.Kiosk]
	const path = "/api/v1/receipts/preview.png"
	pictures := map[string]bool{}
	for _, query := range []string{"", "?language=ug", "?language=kk", "?language=en", "?columns=32"} {
		a := h.Get(200, manager, path+query)
		picture, err := png.Decode(bytes.NewReader(a.Body))
		if err != nil || a.Header.Get("Content-Type") != "image/png" {
			t.Fatalf("%q: %v, %s", query, err, a.Header.Get("Content-Type"))
		}
		if want := map[bool]int{true: 384, false: 576}[strings.Contains(query, "32")]; picture.Bounds().Dx() != want {
			t.Errorf("%q is %v, want %d dots", query, picture.Bounds(), want)
		}
		bits, err := gozxing.NewBinaryBitmapFromImage(picture)
		if err != nil {
			t.Fatal(err)
		}
		if code, err := qrcode.NewQRCodeReader().Decode(bits, nil); err != nil || code.GetText() != "https://hall.example.gov.cn/t/EXAMPLE" {
			t.Errorf("%q: the code reads %v, %v", query, code, err)
		}
		pictures[string(a.Body)] = true
	}
	if len(pictures) != 5 {
		t.Errorf("%d different pictures of 5", len(pictures))
	}
	for _, query := range []string{"?language=fr", "?columns=7"} {
		h.Get(422, manager, path+query)
	}
	own := filepath.Join(h.Dir, "receipt.txt")
	write := func(s string) {
		if err := os.WriteFile(own, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	given := func() string {
		return halltest.Into[wire.Catalogue](h, h.Get(200, kiosk, "/api/v1/catalogue")).Receipt
	}
	if got := given(); got != "" {
		t.Errorf("a hall without a template gives %q", got)
	}
	const mine = "centre bold 4x4| {{.Number}}\nleft| 祝您办事顺利\ncut\n"
	write(mine)
	if got := given(); got != mine {
		t.Errorf("the kiosks get %q", got)
	}
	if a := h.Get(200, manager, path); pictures[string(a.Body)] {
		t.Error("the preview does not know the hall's own template")
	}
	write(mine + "{{range .Matters}}left| {{.}}\n{{end}}\nbuz 2\n")
	a := h.Get(422, manager, path)
	if !strings.Contains(string(a.Body), "第 6 行") || !strings.Contains(string(a.Body), "buz 2") {
		t.Errorf("a mistake is told as %s", a.Body)
	}
	if got := given(); got != "" {
		t.Errorf("the kiosks get a broken template: %q", got)
	}
}
