package escpos_test

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yitang/drivers/escpos"
)

// TestOutsideReaders lets programs that others wrote read a drawn ticket: zbarimg its codes, tesseract its lines, Chinese ones
// drawn by the printer's stand-in and Uyghur ones that our shaper drew. They are Debian's zbar-tools, tesseract-ocr-chi-sim
// and tesseract-ocr-uig, so it runs only on demand.
func TestOutsideReaders(t *testing.T) {
	if os.Getenv("YITANG_OUTSIDE") != "1" {
		t.Skip("needs zbarimg and tesseract: make outside")
	}
	for _, c := range []struct {
		name, language string
		ticket         escpos.Ticket
		lines          []string // of the paper
	}{
		{"Chinese", "chi_sim", sample(), []string{
			"昌吉市政务服务中心", "您的号码", "办理区域 市场监管", "办理事项", "食品经营许可证核发", "个体工商户设立登记", "前面等候人数 7",
			"取号时间 2026-03-02 09:41", "扫码查看排队进度", "过号请到导办台重新激活",
		}},
		{"Uyghur", "uig", uyghurPaper(), []string{
			"سانجى شەھەرلىك", "مۇلازىمەت زالى", "نومۇرىڭىز", "رايون: بازار", "بېجىرىدىغان ئىش", "يېمەك-ئىچمەك ئىجازەتنامىسى",
			"ئالدىڭىزدا ساقلاۋاتقانلار: 7", "ساقلاش ۋاقتى: 10 مىنۇت", "كودنى سىكاننېرلاپ ئۆچىرەتنى كۆرۈڭ",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := drawn(t, c.ticket)
			if codes := strings.Fields(outside(t, "zbarimg", "-q", "--raw", file)); len(codes) != 1 || codes[0] != c.ticket.TrackURL {
				t.Errorf("zbarimg reads %q", codes)
			}
			text := outside(t, "tesseract", file, "-", "-l", c.language, "--psm", "6")
			wrong, backwards := misread(c.lines, text), misread(reversed(c.lines), text)
			t.Logf("tesseract misreads %.0f %% of the characters (%.0f %% of the lines read backwards):\n%s", 100*wrong, 100*backwards, text)
			if wrong > 0.15 || backwards < 0.5 { // letters apart or in the wrong order are read as others altogether
				t.Errorf("tesseract misreads %.0f %%", 100*wrong)
			}
		})
	}
}

// misread is the share of the characters of lines that are not read, each line compared with the one of text nearest to it; spaces
// do not count.
func misread(lines []string, text string) float64 {
	wrong, all := 0, 0
	for _, want := range lines {
		w := []rune(strings.ReplaceAll(want, " ", ""))
		best := len(w)
		for got := range strings.Lines(text) {
			best = min(best, distance(w, []rune(strings.ReplaceAll(strings.TrimSpace(got), " ", ""))))
		}
		wrong, all = wrong+best, all+len(w)
	}
	return float64(wrong) / float64(all)
}

// distance is Levenshtein's.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		before := row[0]
		row[0] = i + 1
		for j, y := range b {
			change := before
			if x != y {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

func reversed(lines []string) []string {
	var out []string
	for _, l := range lines {
		r := []rune(l)
		slices.Reverse(r)
		out = append(out, string(r))
	}
	return out
}

func uyghurPaper() escpos.Ticket {
	return escpos.Ticket{
		Hall: "سانجى شەھەرلىك مۇلازىمەت زالى", Number: "A012", Field: "بازار", Matters: []string{"يېمەك-ئىچمەك ئىجازەتنامىسى"}, Ahead: 7,
		Wait: "10 مىنۇت", IssuedAt: "2026-03-02 09:41", TrackURL: "https://hall.example.gov.cn/t/Ab3dE5gH", Labels: escpos.LabelsFor("ug"),
	}
}

// drawn is a ticket as a picture file, three times as large and with a margin, as a scanner would give it.
func drawn(t *testing.T, ticket escpos.Ticket) string {
	t.Helper()
	p := escpos.ProfileFor(escpos.Generic80)
	b := escpos.NewBuilder(p, shaper(t))
	layout, err := escpos.ParseTemplate(escpos.TicketTemplate)
	if err != nil {
		t.Fatal(err)
	}
	if err := ticket.Build(b, layout); err != nil {
		t.Fatal(err)
	}
	renderer := escpos.NewRenderer()
	defer renderer.Close()
	paper, err := renderer.Render(escpos.Document{Ops: b.Ops()}, p)
	if err != nil {
		t.Fatal(err)
	}
	const scale, margin = 3, 60
	size := paper.Bounds().Size()
	large := image.NewGray(image.Rect(0, 0, size.X*scale+2*margin, size.Y*scale+2*margin))
	for y := range large.Rect.Dy() {
		for x := range large.Rect.Dx() {
			large.SetGray(x, y, color.Gray{Y: 0xFF})
			if at := image.Pt((x-margin)/scale, (y-margin)/scale); x >= margin && y >= margin && at.In(paper.Bounds()) {
				large.SetGray(x, y, paper.GrayAt(at.X, at.Y))
			}
		}
	}
	file := filepath.Join(t.TempDir(), "ticket.png")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := png.Encode(out, large); err != nil {
		t.Fatal(err)
	}
	return file
}

func outside(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v; on Debian: apt-get install zbar-tools tesseract-ocr tesseract-ocr-chi-sim tesseract-ocr-uig", program, err)
	}
	return string(out)
}
