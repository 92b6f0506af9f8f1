package escpos_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/drivers/escpos"
)

func render(t *testing.T, source string, data any) (*escpos.Builder, error) {
	t.Helper()
	layout, err := escpos.ParseTemplate(source)
	if err != nil {
		return nil, err
	}
	b := escpos.NewBuilder(escpos.ProfileFor(escpos.Generic58), nil)
	return b, layout.Render(b, data)
}

func TestTemplateLines(t *testing.T) {
	b, err := render(t, `
# a comment
centre bold 2x3| {{.}}
row| 等候 | 7
qr right| https://x
barcode centre| A1
rule
feed 2
left| {{/* nothing */}}
cut`, "A012")
	if err != nil {
		t.Fatal(err)
	}
	want := []escpos.Op{
		escpos.Init{}, escpos.Chinese{On: true},
		escpos.Align{Where: escpos.Centre}, escpos.Size{W: 2, H: 3}, escpos.Bold{On: true}, escpos.Text{S: "A012"}, escpos.NewLine{},
		escpos.Align{Where: escpos.Left}, escpos.Size{W: 1, H: 1}, escpos.Bold{}, escpos.Text{S: "等候" + strings.Repeat(" ", 27) + "7"},
		escpos.NewLine{},
		escpos.Align{Where: escpos.Right}, escpos.QRModel{}, escpos.QRModule{Dots: 5}, escpos.QRLevel{Level: 'M'},
		escpos.QRStore{Data: "https://x"}, escpos.QRPrint{}, escpos.NewLine{},
		escpos.Align{Where: escpos.Centre}, escpos.BarHeight{Dots: 80}, escpos.BarModule{Dots: 2}, escpos.BarText{Where: 2},
		escpos.Code128{Data: "A1"}, escpos.NewLine{},
		escpos.Align{Where: escpos.Left}, escpos.Text{S: strings.Repeat("-", 32)}, escpos.NewLine{},
		escpos.Feed{Lines: 2}, escpos.Feed{Lines: 4}, // no cutter: fed to the tear bar
	}
	if diff := cmp.Diff(want, b.Ops()); diff != "" {
		t.Error(diff)
	}
}

func TestTemplateMistakesAreNamed(t *testing.T) {
	for source, want := range map[string]string{
		"huge| x":      `line 1 "huge| x"`,
		"centre 9x1|x": `style "9x1"`,
		"\nsmile":      "line 2",
		// Behind a range the source's line is named, not the paper's.
		"{{range .Notes}}left| {{.}}\n{{end}}\nsmile": `line 3 "smile"`,
		"feed 99":    `"99"`,
		"cut 1 2":    "unknown command",
		"{{.Nope}}":  "Nope",
		"{{":         "template",
		"left| \x00": "NUL",
	} {
		_, err := render(t, source, escpos.Ticket{Notes: []string{"a", "b", "c"}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", source, err, want)
		}
	}
	if _, err := escpos.ParseTemplate(strings.Repeat("x", 20_000)); !errors.Is(err, escpos.ErrTooLong) {
		t.Errorf("a long template: %v", err)
	}
	if _, err := render(t, `{{range $i := .}}`+strings.Repeat("x", 9000)+`{{end}}`, make([]int, 10)); !errors.Is(err, escpos.ErrTooLong) {
		t.Errorf("long output: %v", err)
	}
}

// TestTemplatesEnd: a hall's own template must not hold up the server or a kiosk, nor eat its memory.
func TestTemplatesEnd(t *testing.T) {
	twice := strings.Repeat("{{$x = print $x $x}}", 60)
	for name, c := range map[string]struct {
		source string
		want   error
	}{
		"counts to nine billion": {"{{range 9000000000}}{{end}}", escpos.ErrEndless},
		"counts by a variable":   {"{{range $i := 9000000000}}{{$x := $i}}{{end}}", escpos.ErrEndless},
		"in an if and a with":    {"{{if true}}{{with 1}}{{range 9000000000}}{{end}}{{end}}{{end}}", escpos.ErrEndless},
		"in an else":             {"{{range 0}}{{else}}{{range 9000000000}}{{end}}{{end}}", escpos.ErrEndless},
		"goes on":                {"{{range 9000000000}}{{continue}}{{end}}", escpos.ErrEndless},
		"within itself":          {strings.Repeat("{{range $}}", 60) + strings.Repeat("{{end}}", 60), escpos.ErrEndless},
		"calls itself":           {`{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`, escpos.ErrEndless},
		"calls itself twice":     {`{{define "a"}}{{template "a"}}{{template "a"}}{{end}}{{template "a"}}`, escpos.ErrEndless},
		"pays itself":            {"{{range 9000000000}}{{$x := step -9000}}{{end}}", escpos.ErrEndless},
		"doubles a text":         {`{{$x := "twice"}}` + twice, escpos.ErrTooLong},
		"a wide format":          {`{{$x := printf "%999999d" 1}}`, escpos.ErrTooLong},
		"a wide precision":       {`{{$x := printf "%.99999f" 1.0}}`, escpos.ErrTooLong},
		"a width of an argument": {`{{$x := printf "%*d" 999999 1}}`, escpos.ErrTooLong},
		"many texts":             {`{{range 9000000000}}{{$x := printf "%99d%99d%99d" 1 2 3}}{{end}}`, escpos.ErrEndless},
	} {
		if _, err := render(t, c.source, make([]int, 3)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	many := escpos.Ticket{Matters: slices.Repeat([]string{"食品经营许可"}, 60), Materials: slices.Repeat([]string{"营业执照副本"}, 300)}
	source := `{{range $i, $m := .Matters}}left| {{printf "%02d %s" $i $m}}
{{range $.Notes}}left| {{.}}{{end}}{{end}}{{range .Materials}}left| □ {{print . "（原件）"}}
{{end}}cut`
	b, err := render(t, source, many)
	if err != nil || len(b.Ops()) < 720 {
		t.Errorf("a long receipt: %v", err)
	}
	layout, err := escpos.ParseTemplate(source)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 { // each rendering has the whole bound
		if err := layout.Render(escpos.NewBuilder(escpos.ProfileFor(escpos.Generic58), nil), many); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTicketTextsCannotWriteTheLayout(t *testing.T) {
	ticket := escpos.Ticket{Hall: "厅\ncut\nqr| http://evil", Number: "A1\x1B@", Notes: []string{"x\r\nbuzz 9"}}
	job, err := ticket.Encode(escpos.ProfileFor(escpos.Generic80))
	if err != nil {
		t.Fatal(err)
	}
	ops, err := escpos.Decode(job)
	if err != nil {
		t.Fatal(err)
	}
	d := escpos.Document{Ops: ops}
	cuts := 0
	for _, op := range ops {
		if _, ok := op.(escpos.Cut); ok {
			cuts++
		}
	}
	if cuts != 1 || len(d.QRCodes()) != 0 || !strings.Contains(d.Text(), "厅 cut qr| http://evil") {
		t.Errorf("%d cuts, QR %q:\n%s", cuts, d.QRCodes(), d.Text())
	}
}
