package escpos

import "fmt"

// SampleKind names a page that an installer prints to see whether a printer works.
type SampleKind string

// The samples.
const (
	SampleTicket    SampleKind = "ticket"    // what an applicant gets
	SampleChecklist SampleKind = "checklist" // the list of materials of a matter
	SampleSelfTest  SampleKind = "selftest"  // widths, sizes, letters of every language, codes
)

// checklistTemplate and selfTestTemplate are laid out like TicketTemplate; their data is a sampleData.
const (
	checklistTemplate = `
centre bold 1x2| {{.Title}}
rule
left bold| {{.Matter}}
{{range .Items}}left| □ {{.}}
{{end}}rule
qr centre| {{.URL}}
feed 1
cut
`
	selfTestTemplate = `
centre bold 1x2| Yitang 一趟
rule
row| {{.Model}} | {{.Dots}} × {{.Columns}}
left| {{.Ruler}}
{{range .Lines}}left| {{.}}
{{end}}left 2x2| A012 大字
rule
qr centre| {{.URL}}
barcode centre| A012
feed 1
cut
`
)

// sampleData fills the two templates.
type sampleData struct {
	Title, Matter, URL, Ruler string
	Items, Lines              []string
	Model                     Model
	Dots, Columns             int
}

// Sample lays out a sample on b in one of the hall's languages: zh, ug, kk or en. Errors: an unknown kind or language.
func Sample(b *Builder, kind SampleKind, language string) error {
	words, ok := sampleWords(language)
	if !ok {
		return fmt.Errorf("escpos: sample: no language %q: choose zh, ug, kk or en", language)
	}
	source := ""
	switch kind {
	case SampleTicket:
		layout, err := ParseTemplate(TicketTemplate)
		if err != nil {
			return err
		}
		return words.ticket(language).Build(b, layout)
	case SampleChecklist:
		source = checklistTemplate
	case SampleSelfTest:
		source = selfTestTemplate
	default:
		return fmt.Errorf("escpos: sample: no sample %q: choose ticket, checklist or selftest", kind)
	}
	layout, err := ParseTemplate(source)
	if err != nil {
		return err
	}
	return layout.Render(b, words.data(b.profile))
}

// sampleText is a sample's texts in one language.
type sampleText struct {
	hall, field, matter, checklist string
	items                          []string
}

func sampleWords(language string) (sampleText, bool) {
	switch language {
	case "zh":
		return sampleText{"政务服务大厅", "市场准入", "个体工商户设立登记", "材料清单", []string{"登记申请书", "经营者身份证明", "经营场所使用证明"}}, true
	case "ug":
		return sampleText{"ھۆكۈمەت ئىشلىرى مۇلازىمەت زالى", "بازارغا كىرىش", "يەككە سودا-سانائەتچىلەرنى تىزىملاش", "ماتېرىياللار تىزىملىكى",
			[]string{"ئىلتىماس", "كىملىك", "ئورۇن ئىسپاتى"}}, true
	case "kk":
		return sampleText{"ۇكىمەت قىزمەت كورسەتۋ زالى", "نارىققا كىرۋ", "جەكە ساۋداگەردى تىركەۋ", "ماتەريالدار تىزىمى",
			[]string{"ارىز", "جەكە كۋالىك", "ورىن دالەلى"}}, true
	case "en":
		return sampleText{"Government Service Hall", "Market entry", "Registration of a sole trader", "What to bring",
			[]string{"Application form", "Proof of identity", "Proof of premises"}}, true
	}
	return sampleText{}, false
}

const sampleURL = "http://yitang.invalid/t/SAMPLE"

func (w sampleText) ticket(language string) Ticket {
	return Ticket{Hall: w.hall, Number: "A012", Field: w.field, Matters: []string{w.matter}, Materials: w.items, Ahead: 3,
		IssuedAt: "2025-06-03 10:24", TrackURL: sampleURL, Labels: LabelsFor(language)}
}

func (w sampleText) data(p Profile) sampleData {
	d := sampleData{Title: w.checklist, Matter: w.matter, Items: w.items, URL: sampleURL, Model: p.Model, Dots: p.Dots, Columns: p.Columns}
	for i := range p.Columns {
		d.Ruler += string(rune('0' + (i+1)%10))
	}
	for _, language := range []string{"zh", "ug", "kk", "en"} {
		all, _ := sampleWords(language)
		d.Lines = append(d.Lines, all.matter)
	}
	return d
}
