package report

import (
	_ "embed" // the texts
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// A report is written in Chinese and read in another language through one list of its texts, so that page, workbook and CSV file
// stay one. A text with figures in it stands there as the code formats it (%d, %g, %.1f, %s).
//
//go:embed en.json
var englishTexts []byte

// Words turn the texts of reports into another language. The nil Words leave them.
type Words struct {
	exact     map[string]string
	sentences []string // of these, what may be followed by another in one note; the longest first
	formed    []formed
	given     map[string]string // what the hall calls its own things
	said      map[string]string // before: a list of cases says the same a thousand times
}

// formed is a text with figures in it.
type formed struct {
	whole *regexp.Regexp
	begin *regexp.Regexp // where another sentence may follow
	say   string
}

var readEnglish = sync.OnceValues(func() (*Words, error) {
	w := &Words{exact: map[string]string{}}
	var texts map[string]string
	if err := json.Unmarshal(englishTexts, &texts); err != nil {
		return nil, fmt.Errorf("report: en.json: %w", err)
	}
	for _, zh := range slices.SortedFunc(maps.Keys(texts), func(a, b string) int { return len(b) - len(a) }) {
		if verb.MatchString(zh) {
			w.formed = append(w.formed, form(zh, texts[zh]))
			continue
		}
		w.exact[zh] = texts[zh]
		if strings.HasSuffix(zh, "。") {
			w.sentences = append(w.sentences, zh)
		}
	}
	for _, id := range runonce.SignalIDs() { // what a signal looks for also stands without its kind
		_, zh, _ := strings.Cut(SignalText(id), "：")
		_, en, _ := strings.Cut(texts[SignalText(id)], ": ")
		w.exact[zh] = en
	}
	return w, nil
})

var verb = regexp.MustCompile(`%(?:d|g|\.1f|s|%)`)

func form(zh, say string) formed {
	f := formed{whole: regexp.MustCompile("^" + pattern(zh) + "$"), say: say}
	if strings.HasSuffix(zh, "。") {
		f.begin = regexp.MustCompile("^" + pattern(zh))
	}
	return f
}

// pattern matches what a format makes.
func pattern(format string) string {
	of := map[string]string{"%d": `(-?\d+)`, "%g": `(-?[\d.]+(?:e[+-]\d+)?)`, "%.1f": `(-?[\d.]+)`, "%s": `(.+?)`, "%%": "%"}
	var b strings.Builder
	for {
		at := verb.FindStringIndex(format)
		if at == nil {
			return b.String() + regexp.QuoteMeta(format)
		}
		b.WriteString(regexp.QuoteMeta(format[:at[0]]) + of[format[at[0]:at[1]]])
		format = format[at[1]:]
	}
}

// In gives the words of a language for a hall's reports, or for a city's of the halls so named; nil for Chinese and for languages in
// which there are none.
func In(lang string, l *hall.Layout, halls ...hall.Text) (*Words, error) {
	if lang != "en" {
		return nil, nil //nolint:nilnil // nil leaves a text as it is
	}
	all, err := readEnglish()
	if err != nil {
		return nil, err
	}
	w := *all
	w.said, w.given = map[string]string{}, map[string]string{}
	give := func(before string, name hall.Text) {
		if own := name[lang]; own != "" {
			w.given[before+name["zh"]], w.given[name["zh"]] = before+own, own
		}
	}
	for _, name := range append(halls, l.Name) {
		give("", name)
	}
	for i := range l.Fields {
		give(string(l.Fields[i].ID)+" ", l.Fields[i].Name)
	}
	for i := range l.Matters {
		give(string(l.Matters[i].Code)+" ", l.Matters[i].Name)
	}
	return &w, nil
}

// Say is a text in the language; what nobody has written there, as names that a hall gives in Chinese, stays.
func (w *Words) Say(zh string) string {
	if w == nil || !slices.ContainsFunc([]rune(zh), func(r rune) bool { return r > 0x2e7f }) {
		return zh
	}
	said, known := w.said[zh]
	if !known {
		said = w.say(zh)
		w.said[zh] = said
	}
	return said
}

func (w *Words) say(zh string) string {
	if own, is := w.given[zh]; is {
		return own
	}
	if one, is := w.exact[zh]; is {
		return strings.TrimSpace(one)
	}
	if span, is := weekIn(zh); is {
		return span
	}
	if list := strings.Split(zh, "、"); !slices.ContainsFunc(list, func(name string) bool { return w.given[name] == "" }) {
		return strings.Join(w.all(list), ", ")
	}
	if words, is := w.form(zh); is {
		return strings.TrimSpace(words)
	}
	var b strings.Builder
	for rest := zh; rest != ""; { // sentences one after the other
		words, left := w.first(rest)
		if left == rest {
			return zh
		}
		b.WriteString(strings.TrimSpace(words) + " ")
		rest = left
	}
	return strings.TrimSpace(b.String())
}

// form says a text with figures that zh is.
func (w *Words) form(zh string) (string, bool) {
	for i := range w.formed {
		if at := w.formed[i].whole.FindStringSubmatch(zh); at != nil {
			return w.fill(&w.formed[i], at[1:]), true
		}
	}
	return "", false
}

func (w *Words) fill(f *formed, figures []string) string {
	parts := make([]any, len(figures))
	for i, zh := range figures {
		list := strings.Split(zh, "；")
		for k := range list {
			list[k] = w.Say(list[k])
		}
		parts[i] = strings.Join(list, "; ")
	}
	return fmt.Sprintf(f.say, parts...)
}

// first says the sentences that begin zh, and what follows them; nothing and zh where nobody has written them.
func (w *Words) first(zh string) (words, rest string) {
	for _, s := range w.sentences {
		if left, is := strings.CutPrefix(zh, s); is {
			return w.exact[s], left
		}
	}
	for i := range w.formed {
		f := &w.formed[i]
		if f.begin == nil {
			continue
		}
		if at := f.begin.FindStringSubmatch(zh); at != nil {
			return w.fill(f, at[1:]), zh[len(at[0]):]
		}
	}
	return "", zh
}

// weekIn says the days of a week: 10月5–11日.
func weekIn(zh string) (string, bool) {
	at := week.FindStringSubmatch(zh)
	if at == nil {
		return "", false
	}
	day := func(month, day string) string {
		t, err := time.Parse("1", month)
		if err != nil {
			return day
		}
		return day + " " + t.Format("Jan")
	}
	switch {
	case at[4] == "":
		return day(at[1], at[2]), true
	case at[3] == "":
		return at[2] + "–" + day(at[1], at[4]), true
	}
	return day(at[1], at[2]) + " – " + day(at[3], at[4]), true
}

var week = regexp.MustCompile(`^(\d+)月(\d+)日?(?:–(?:(\d+)月)?(\d+)日)?$`)

// In is the report in another language, with the words that its file needs besides.
func (r *Report) In(w *Words) *Report {
	if w == nil {
		return r
	}
	said := *r
	said.words, said.Hall, said.Title, said.Empty, said.Definitions = w, w.Say(r.Hall), w.Say(r.Title), w.Say(r.Empty), w.all(r.Definitions)
	said.Tables = make([]Table, len(r.Tables))
	for i := range r.Tables {
		said.Tables[i] = r.Tables[i].in(w)
	}
	return &said
}

func (w *Words) all(list []string) []string {
	said := make([]string, len(list))
	for i, zh := range list {
		said[i] = w.Say(zh)
	}
	return said
}

func (t Table) in(w *Words) Table {
	t.Title, t.Note = w.Say(t.Title), w.Say(t.Note)
	t.Columns, t.Rows = slices.Clone(t.Columns), slices.Clone(t.Rows)
	for i := range t.Columns {
		t.Columns[i].Name = capital(w.Say(t.Columns[i].Name))
	}
	for i, row := range t.Rows {
		t.Rows[i] = slices.Clone(row)
		for k, v := range row {
			if zh, is := v.(string); is {
				t.Rows[i][k] = w.Say(zh)
			}
		}
	}
	return t
}

func capital(words string) string {
	first, n := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[n:]
}
