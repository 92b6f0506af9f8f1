package escpos

import (
	"strings"
	"unicode"
)

// Ticket is what an applicant takes from the kiosk (取号凭条). Empty fields are left out.
type Ticket struct {
	Hall      string
	Number    string   // A012
	Field     string   // the window area, such as 市场监管
	Matters   []string // names
	Materials []string // what to have at hand
	Ahead     int      // people in front
	Offline   bool     // given out while the hall was away: nobody knows how many are in front
	Wait      string   // in words, such as 约 10–20 分钟
	Most      string   // in words, within how long most are called
	Slot      string   // of its appointment, such as 11:30
	IssuedAt  string
	TrackURL  string   // the status page
	Notes     []string // printed at the end
	Labels    Labels   // the zero value stands for Chinese
}

// Labels are the fixed words of a ticket, in the applicant's language.
type Labels struct {
	YourNumber, Field, Matters, Materials, Ahead, Wait, Slot, IssuedAt, Scan string
}

// ChineseLabels are the words of a Chinese ticket.
func ChineseLabels() Labels {
	return Labels{
		YourNumber: "您的号码", Field: "办理区域", Matters: "办理事项", Materials: "请备好材料", Ahead: "前面等候人数", Wait: "预计等待",
		Slot: "预约时间", IssuedAt: "取号时间", Scan: "扫码查看排队进度",
	}
}

// LabelsFor are the words in one of the hall's languages: zh, ug (Uyghur) and kk (Kazakh), both in the Arabic script, or
// en; Chinese for any other.
func LabelsFor(language string) Labels {
	switch language {
	case "ug":
		return Labels{
			YourNumber: "نومۇرىڭىز", Field: "رايون", Matters: "بېجىرىدىغان ئىش", Materials: "تەييارلايدىغان ماتېرىياللار",
			Ahead: "ئالدىڭىزدا ساقلاۋاتقانلار", Wait: "ساقلاش ۋاقتى", Slot: "زاكاز ۋاقتى", IssuedAt: "نومۇر ئالغان ۋاقىت",
			Scan: "كودنى سىكاننېرلاپ ئۆچىرەتنى كۆرۈڭ",
		}
	case "kk":
		return Labels{
			YourNumber: "ٴنومىرىڭىز", Field: "سالا", Matters: "بىتىرەتىن ىس", Materials: "دايىندايتىن ماتەريالدار",
			Ahead: "الدىڭىزدا كۇتىپ تۇرعاندار", Wait: "كۇتۋ ۋاقىتى", Slot: "جازىلعان ۋاقىت", IssuedAt: "ٴنومىر العان ۋاقىت",
			Scan: "كودتى سكانەرلەپ كەزەكتى كورىڭىز",
		}
	case "en":
		return Labels{
			YourNumber: "Your number", Field: "Area", Matters: "Matters", Materials: "Please have ready",
			Ahead: "People ahead of you", Wait: "Expected wait", Slot: "Appointment", IssuedAt: "Issued at", Scan: "Scan to follow the queue",
		}
	}
	return ChineseLabels()
}

// TicketTemplate is the layout used unless the hall has its own. Its data is a Ticket.
const TicketTemplate = `
centre bold 1x2| {{.Hall}}
rule
centre| {{.Labels.YourNumber}}
centre bold 4x4| {{.Number}}
rule
{{if .Field}}row| {{.Labels.Field}} | {{.Field}}{{end}}
{{if .Matters}}left| {{.Labels.Matters}}{{end}}
{{range .Matters}}left bold| {{.}}
{{end}}
{{if .Slot}}row bold| {{.Labels.Slot}} | {{.Slot}}{{end}}
{{if not .Offline}}row| {{.Labels.Ahead}} | {{.Ahead}}{{end}}
{{if .Wait}}row| {{.Labels.Wait}} | {{.Wait}}{{end}}
{{if .Most}}right| {{.Most}}{{end}}
row| {{.Labels.IssuedAt}} | {{.IssuedAt}}
{{if .Materials}}rule
left| {{.Labels.Materials}}{{end}}
{{range .Materials}}left| □ {{.}}
{{end}}
{{if .TrackURL}}rule
qr centre| {{.TrackURL}}
centre| {{.Labels.Scan}}{{end}}
{{range .Notes}}centre| {{.}}
{{end}}
feed 1
cut
`

// Encode lays the ticket out with TicketTemplate and without a drawer.
func (t Ticket) Encode(p Profile) ([]byte, error) {
	layout, err := ParseTemplate(TicketTemplate)
	if err != nil {
		return nil, err
	}
	b := NewBuilder(p, nil)
	if err := t.Build(b, layout); err != nil {
		return nil, err
	}
	return b.Bytes()
}

// Build lays the ticket out on b. Its texts may hold anything: line breaks and control characters become spaces.
func (t Ticket) Build(b *Builder, layout *Template) error {
	if t.Labels == (Labels{}) {
		t.Labels = ChineseLabels()
	}
	for _, field := range []*string{&t.Hall, &t.Number, &t.Field, &t.Wait, &t.Most, &t.Slot, &t.IssuedAt, &t.TrackURL} {
		*field = oneLine(*field)
	}
	t.Matters, t.Materials, t.Notes = oneLines(t.Matters), oneLines(t.Materials), oneLines(t.Notes)
	return layout.Render(b, t)
}

// oneLine keeps a text from becoming lines of the template.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s))
}

func oneLines(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = oneLine(s)
	}
	return out
}
