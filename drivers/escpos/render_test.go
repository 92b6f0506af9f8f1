package escpos_test

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"yitang/drivers/escpos"
)

func draw(t *testing.T, job []byte, p escpos.Profile) *image.Gray {
	t.Helper()
	ops, err := escpos.Decode(job)
	if err != nil {
		t.Fatal(err)
	}
	r := escpos.NewRenderer()
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	img, err := r.Render(escpos.Document{Ops: ops}, p)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, img)
	return img
}

func keep(t *testing.T, img image.Image) {
	t.Helper()
	dir := os.Getenv("YITANG_PREVIEWS") // a folder, for a person to look
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, filepath.Base(t.Name())+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

func scan(t *testing.T, img image.Image, reader gozxing.Reader) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	got, err := reader.Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Fatal(err)
	}
	return got.GetText()
}

func TestTheTicketsQRCodeCanBeScanned(t *testing.T) {
	for _, m := range []escpos.Model{escpos.Generic80, escpos.Generic58, escpos.EpsonT88} {
		t.Run(string(m), func(t *testing.T) {
			p := escpos.ProfileFor(m)
			img := draw(t, ticket(t, p), p)
			if got := scan(t, img, qrcode.NewQRCodeReader()); got != sample().TrackURL {
				t.Errorf("scanned %q", got)
			}
			if img.Bounds().Dx() != p.Dots {
				t.Errorf("%v wide", img.Bounds())
			}
		})
	}
}

func TestABarcodeCanBeScanned(t *testing.T) {
	p := escpos.ProfileFor(escpos.Generic80)
	b := escpos.NewBuilder(p, nil)
	b.Barcode("YT-A012/7", escpos.Style{Align: escpos.Centre})
	job, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if got := scan(t, draw(t, job, p), oned.NewCode128Reader()); got != "YT-A012/7" {
		t.Errorf("scanned %q", got)
	}
}

// A raster of a frame must come out dot for dot.
func TestARasterIsDrawnDotForDot(t *testing.T) {
	p := escpos.ProfileFor(escpos.Generic80)
	b := escpos.NewBuilder(p, nil)
	rows := [][]byte{{0xFF, 0xFF}, {0x80, 0x01}, {0xFF, 0xFF}}
	b.Picture(escpos.Picture{WidthBytes: 2, Rows: rows})
	job, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	img := draw(t, job, p)
	const top = 16
	for y, row := range rows {
		for x := range 16 {
			want := row[x/8]>>(7-x%8)&1 == 1
			if got := img.GrayAt(x, top+y).Y == 0; got != want {
				t.Errorf("dot %d,%d is %v", x, y, got)
			}
		}
	}
}
