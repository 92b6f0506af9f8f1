package escpos_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"yitang/drivers/escpos"
)

// shaper skips the test where the system has no font for Uyghur.
func shaper(t *testing.T) *escpos.Shaper {
	t.Helper()
	s := escpos.NewShaper()
	if _, err := s.Draw("نومۇر", escpos.Style{}, 576); errors.Is(err, escpos.ErrNoFont) {
		t.Skip("no font for the Arabic script")
	}
	return s
}

func uyghur() escpos.Ticket {
	t := sample()
	t.Hall = "سانجى شەھەرلىك مەمۇرىي مۇلازىمەت مەركىزى"
	t.Field, t.Matters, t.Materials = "بازار نازارىتى", []string{"يېمەك-ئىچمەك تىجارەت ئىجازەتنامىسى"}, nil
	t.Wait, t.Notes = "تەخمىنەن 10–20 مىنۇت", []string{"نومۇرىڭىز ئۆتۈپ كەتسە يېتەكلەش ئۈستىلىگە بېرىڭ"}
	t.Labels = escpos.LabelsFor("ug")
	return t
}

func TestUyghurTicketIsDrawnInSmallBands(t *testing.T) {
	p := escpos.ProfileFor(escpos.Generic80)
	layout, err := escpos.ParseTemplate(escpos.TicketTemplate)
	if err != nil {
		t.Fatal(err)
	}
	b := escpos.NewBuilder(p, shaper(t))
	if err := uyghur().Build(b, layout); err != nil {
		t.Fatal(err)
	}
	if w := b.Warnings(); len(w) != 0 {
		t.Errorf("warnings %q", w)
	}
	job, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	ops, err := escpos.Decode(job)
	if err != nil {
		t.Fatal(err)
	}
	d := escpos.Document{Ops: ops}
	if n := len(d.Rasters()); n < 10 {
		t.Errorf("%d rasters", n)
	}
	for _, r := range d.Rasters() {
		if len(r.Data) > 80*24 || int(r.WidthBytes)*8 > p.Dots {
			t.Errorf("a raster of %d x %d", r.WidthBytes, r.Rows)
		}
	}
	if strings.Contains(d.Text(), "?") || !strings.Contains(d.Text(), "A012") {
		t.Errorf("text %q", d.Text())
	}
	draw(t, job, p)
}

func TestEveryLanguageHasEveryLabelAndAFont(t *testing.T) {
	layout, err := escpos.ParseTemplate(escpos.TicketTemplate)
	if err != nil {
		t.Fatal(err)
	}
	fonts := shaper(t)
	for _, language := range []string{"zh", "ug", "kk", "en"} {
		t.Run(language, func(t *testing.T) {
			ticket := sample()
			ticket.Labels = escpos.LabelsFor(language)
			for i := range reflect.ValueOf(ticket.Labels).NumField() {
				if reflect.ValueOf(ticket.Labels).Field(i).String() == "" {
					t.Errorf("%s is empty", reflect.TypeOf(ticket.Labels).Field(i).Name)
				}
			}
			p := escpos.ProfileFor(escpos.Generic80)
			b := escpos.NewBuilder(p, fonts)
			if err := ticket.Build(b, layout); err != nil || len(b.Warnings()) != 0 {
				t.Fatal(err, b.Warnings())
			}
			job, err := b.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			draw(t, job, p)
		})
	}
}

// Joined letters are narrower than the same letters apart: the sign that shaping took place.
func TestLettersJoin(t *testing.T) {
	s := shaper(t)
	width := func(text string) int {
		p, err := s.Draw(text, escpos.Style{}, 576)
		if err != nil {
			t.Fatal(err)
		}
		return p.WidthBytes
	}
	joined, apart := width("بببببببب"), width("ب\u200Cب\u200Cب\u200Cب\u200Cب\u200Cب\u200Cب\u200Cب")
	if joined >= apart {
		t.Errorf("%d bytes wide joined, %d apart", joined, apart)
	}
}

func TestRareChineseCharactersAreDrawn(t *testing.T) {
	p := escpos.ProfileFor(escpos.Generic80)
	b := escpos.NewBuilder(p, shaper(t))
	b.Line("申请人：𠮷田", escpos.Style{})
	if len(b.Warnings()) != 0 {
		t.Skip("no font with 𠮷: ", b.Warnings())
	}
	if d := (escpos.Document{Ops: b.Ops()}); len(d.Rasters()) == 0 || d.Text() != "" {
		t.Errorf("%d rasters, text %q", len(d.Rasters()), d.Text())
	}
}

func TestWithoutAFontTheLineWarns(t *testing.T) {
	for name, drawer := range map[string]escpos.Drawer{"no drawer": nil, "no font": &escpos.Shaper{}} {
		b := escpos.NewBuilder(escpos.ProfileFor(escpos.Generic80), drawer)
		b.Line("نومۇر A012", escpos.Style{})
		if _, err := b.Bytes(); err != nil || len(b.Warnings()) != 1 {
			t.Errorf("%s: %v, warnings %q", name, err, b.Warnings())
		}
		if d := (escpos.Document{Ops: b.Ops()}); d.Text() != "????? A012\n" {
			t.Errorf("%s: %q", name, d.Text())
		}
	}
}

func TestNoRealTimeCommandHidesInAPicture(t *testing.T) {
	b := escpos.NewBuilder(escpos.ProfileFor(escpos.Generic80), nil)
	b.Picture(escpos.Picture{WidthBytes: 3, Rows: [][]byte{{0x10, 0x04, 0x01}, {0x10, 0x14, 0x10}, {0x05, 0x02, 0x00}}})
	for _, r := range (escpos.Document{Ops: b.Ops()}).Rasters() {
		for i := 1; i < len(r.Data); i++ {
			if c := r.Data[i]; r.Data[i-1] == 0x10 && (c == 0x04 || c == 0x05 || c == 0x14) {
				t.Errorf("% X", r.Data)
			}
		}
	}
}

// One font for Uyghur has a 4 and a hyphen that come out twice, one beside the other: digits and signs are another font's.
func TestDigitsAreDrawnOnce(t *testing.T) {
	s := shaper(t)
	rows := func(text string) (inked []string) {
		p, err := s.Draw(text, escpos.Style{}, 576)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			if bits := strings.Trim(fmt.Sprintf("%08b", r), "[0 ]"); bits != "" {
				inked = append(inked, strings.ReplaceAll(bits, " ", ""))
			}
		}
		return inked
	}
	if four := rows("4"); strings.Contains(four[0], "0") {
		t.Errorf("a 4 has two tips: %q", four)
	}
	hyphen := rows("-")
	for _, r := range hyphen {
		if r != hyphen[0] {
			t.Errorf("a hyphen is no bar: %q", hyphen)
			break
		}
	}
}

// TestATextWithoutInk is drawn as nothing, wherever it stands: characters that only steer the direction have no ink.
func TestATextWithoutInk(t *testing.T) {
	s := shaper(t)
	for _, align := range []escpos.Alignment{escpos.Left, escpos.Centre, escpos.Right} {
		p, err := s.Draw("\u2067\u2069", escpos.Style{Align: align}, 576)
		if err != nil || p.WidthBytes < 1 {
			t.Errorf("alignment %d: %d bytes wide, %v", align, p.WidthBytes, err)
		}
	}
}
