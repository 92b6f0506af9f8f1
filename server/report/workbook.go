package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// headRows is how many rows stand above a table's own header: its title and its note.
const headRows = 2

// workbook is a report becoming an Excel file.
type workbook struct {
	file        *excelize.File
	words       *Words
	title, wrap int    // styles
	heads       [2]int // of words, of figures
	of          map[Kind]int
	header      string // of each printed sheet
	err         error
}

// Workbook writes a report as an Excel file: real numbers, frozen headers, a picture of the trend and of the reasons.
func (r *Report) Workbook(to io.Writer) error {
	w := &workbook{file: excelize.NewFile(), words: r.words}
	defer w.file.Close() //nolint:errcheck // it is written already
	w.header = "&L" + strings.ReplaceAll(r.Hall, "&", "&&") + "&R" + r.Title + " " + string(r.From) + " – " + string(r.To)
	w.styles()
	w.cover(r)
	for i := range r.Tables {
		w.table(&r.Tables[i])
	}
	w.pictures(r)
	if w.err != nil {
		return fmt.Errorf("report: workbook: %w", w.err)
	}
	if err := w.file.Write(to); err != nil {
		return fmt.Errorf("report: workbook: %w", err)
	}
	return nil
}

// do remembers the first error.
func (w *workbook) do(err error) {
	if w.err == nil {
		w.err = err
	}
}

// The colours of a workbook: those of the pages.
const (
	blue = "1F4E79"
	grey = "A6A6A6"
	line = "D9D9D9"
)

func (w *workbook) styles() {
	family, err := w.file.GetDefaultFont()
	w.do(err)
	figure := func(format string) int {
		return w.style(&excelize.Style{CustomNumFmt: &format, Alignment: &excelize.Alignment{Vertical: "top"}, Border: under()})
	}
	for i, side := range []string{"left", "right"} { // of words, of figures
		w.heads[i] = w.style(&excelize.Style{Font: &excelize.Font{Bold: true, Color: "FFFFFF", Family: family, Size: 11}, Fill: filled(blue),
			Alignment: &excelize.Alignment{WrapText: true, Vertical: "center", Horizontal: side, Indent: 1 - i}})
	}
	w.title = w.style(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 14, Family: family}})
	w.wrap = w.style(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	text := w.style(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top", Horizontal: "left", Indent: 1}, Border: under()})
	percent := figure("0.00%")
	w.of = map[Kind]int{Percent: percent, Lower: percent, Upper: percent, Minutes: figure(w.words.Say(`0.0" 分钟"`)), Hours: figure(w.words.Say(`0.0" 小时"`)),
		Count: figure("0"), Text: text}
}

func (w *workbook) style(s *excelize.Style) int {
	id, err := w.file.NewStyle(s)
	w.do(err)
	return id
}

func under() []excelize.Border { return []excelize.Border{{Type: "bottom", Color: line, Style: 1}} }

func filled(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}

// coverWidth is that of an upright sheet.
const coverWidth = 80

// cover says what the sheets are about.
func (w *workbook) cover(r *Report) {
	sheet := r.words.Say("说明")
	w.do(w.file.SetSheetName("Sheet1", sheet))
	about := []string{r.Hall, r.Title + " · " + r.words.Say(fmt.Sprintf("%s 至 %s · 报告日 %s", r.From, r.To, r.ReportDay))}
	said := r.Definitions
	if r.Empty != "" {
		said = append([]string{r.Empty}, said...)
	}
	for i, words := range append(about, said...) {
		w.do(w.file.SetCellStr(sheet, cell(1, i+1), words))
		if i >= len(about) {
			w.do(w.file.SetRowHeight(sheet, i+1, lineHeight*float64(lines(words, coverWidth))+lineHeight/2))
		}
	}
	w.width(sheet, 1, coverWidth)
	w.do(w.file.SetCellStyle(sheet, "A1", "A2", w.title))
	w.do(w.file.SetCellStyle(sheet, "A3", cell(1, len(about)+len(said)), w.wrap))
	w.page(sheet, coverWidth, 0, 0)
}

// onePage is how many lines with their pictures a sheet may have to be printed on one page.
const onePage = 75

// page prints a sheet one page wide; one with pictures upright, and on one page where that can be read, since a page break
// would go through a picture.
func (w *workbook) page(sheet string, wide float64, lines, charts int) {
	fit, across, down, turned, a4 := true, 1, 0, "landscape", 9
	if charts > 0 || wide <= upright {
		turned = "portrait"
	}
	if charts > 0 && lines+charts*chartRows <= onePage {
		down = 1
	}
	w.do(w.file.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddHeader: w.header, OddFooter: "&C&P / &N"}))
	w.do(w.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
	w.do(w.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &turned, Size: &a4, FitToWidth: &across, FitToHeight: &down}))
}

func (w *workbook) table(t *Table) {
	_, err := w.file.NewSheet(t.Title)
	w.do(err)
	w.do(w.file.SetCellStr(t.Title, "A1", t.Title))
	w.do(w.file.SetCellStyle(t.Title, "A1", "A1", w.title))
	widths := t.widths()
	for i, c := range t.Columns {
		w.do(w.file.SetCellStr(t.Title, cell(i+1, headRows+1), c.Name))
		w.width(t.Title, i+1, widths[i])
		if n := len(t.Rows); n > 0 {
			w.do(w.file.SetCellStyle(t.Title, cell(i+1, headRows+2), cell(i+1, headRows+1+n), w.of[c.Kind]))
		}
	}
	w.head(t, widths)
	wide := w.note(t, widths)
	all := 0
	for i := range t.Rows {
		w.do(w.file.SetSheetRow(t.Title, cell(1, headRows+2+i), &t.Rows[i]))
		n := tall(t.Rows[i], widths)
		if all += n; n > 1 {
			w.do(w.file.SetRowHeight(t.Title, headRows+2+i, float64(n)*lineHeight))
		}
	}
	w.do(w.file.SetPanes(t.Title, &excelize.Panes{Freeze: true, YSplit: headRows + 1, TopLeftCell: cell(1, headRows+2), ActivePane: "bottomLeft"}))
	charts := 0
	if len(t.Rows) > 1 {
		charts = len(t.Charts)
	}
	w.page(t.Title, wide, all, charts)
}

func (w *workbook) width(sheet string, column int, width float64) {
	letter, _ := excelize.ColumnNumberToName(column)
	w.do(w.file.SetColWidth(sheet, letter, letter, width))
}

// head dresses the names of the columns, which stand again on each printed sheet.
func (w *workbook) head(t *Table, widths []float64) {
	n := 1
	for i, c := range t.Columns {
		at, style := cell(i+1, headRows+1), w.heads[0]
		if c.Kind != Text {
			style = w.heads[1]
		}
		w.do(w.file.SetCellStyle(t.Title, at, at, style))
		n = max(n, lines(c.Name, widths[i]/bold))
	}
	w.do(w.file.SetRowHeight(t.Title, headRows+1, float64(n)*lineHeight+lineHeight/3))
	w.name(t.Title, "_xlnm.Print_Titles", fmt.Sprintf("$%d:$%[1]d", headRows+1))
}

func (w *workbook) name(sheet, name, refers string) {
	w.do(w.file.SetDefinedName(&excelize.DefinedName{Name: name, RefersTo: "'" + sheet + "'!" + refers, Scope: sheet}))
}

// Of a list longer than longList a printer gets the first rows: the whole would be two hundred sheets that nobody reads.
const (
	longList  = 400
	firstRows = 40
)

// note writes what is to be known of a table over its columns, and says how wide both are. In one cell it would make the printed
// sheet as wide as itself.
func (w *workbook) note(t *Table, widths []float64) (wide float64) {
	for _, one := range widths {
		wide += one
	}
	note, columns := t.Note, len(widths)
	if n := len(t.Rows); n > longList {
		note += w.words.Say(fmt.Sprintf("打印时只印前 %d 行，共 %d 行；要印全部，请在“页面布局”里取消打印区域。", firstRows, n))
		w.name(t.Title, "_xlnm.Print_Area", "$A$1:"+cellAt(columns, headRows+1+firstRows))
	}
	if note == "" {
		return wide
	}
	if wide < minNote {
		columns++
		w.width(t.Title, columns, minNote-wide)
		wide = minNote
	}
	w.do(w.file.SetCellStr(t.Title, "A2", note))
	w.do(w.file.MergeCell(t.Title, "A2", cell(columns, 2)))
	w.do(w.file.SetCellStyle(t.Title, "A2", "A2", w.wrap))
	n := min(lines(note, wide-2*wideChar), maxLines) // no line begins with a mark or half a character: each may end early
	w.do(w.file.SetRowHeight(t.Title, 2, lineHeight*float64(n)+lineHeight/2))
	return wide
}

// pictures draw what a table says of itself from the sheet's own cells.
func (w *workbook) pictures(r *Report) {
	for i := range r.Tables {
		if t := &r.Tables[i]; len(t.Rows) > 1 {
			for k := range t.Charts {
				w.chart(t, k)
			}
		}
	}
}

// chartRows is how many rows a picture covers.
const chartRows = 20

// chart draws columns of a table by its first one, below it, the k-th picture below the one before.
func (w *workbook) chart(t *Table, k int) {
	c := &t.Charts[k]
	last := headRows + 1 + len(t.Rows)
	span := func(col int) string {
		letter, _ := excelize.ColumnNumberToName(col + 1)
		return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", t.Title, letter, headRows+2, letter, last)
	}
	kind := excelize.Col
	if c.Kind == "line" {
		kind = excelize.Line
	}
	var series []excelize.ChartSeries
	for i, column := range c.Columns {
		colour := []string{blue, grey}[min(i, 1)]
		letter, _ := excelize.ColumnNumberToName(column + 1)
		series = append(series, excelize.ChartSeries{Name: fmt.Sprintf("'%s'!$%s$%d", t.Title, letter, headRows+1), Categories: span(0), Values: span(column),
			Fill: filled(colour), Line: excelize.LineOptions{Fill: filled(colour)}})
	}
	legend := "none"
	if len(series) > 1 {
		legend = "bottom"
	}
	axis := excelize.Font{Color: "404040", Size: 9}
	format := map[Kind]string{Percent: "0.0%", Count: "0"}[t.Columns[c.Columns[0]].Kind]
	w.do(w.file.AddChart(t.Title, cell(1, last+2+k*chartRows), &excelize.Chart{Type: kind, Series: series, VaryColors: new(bool),
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: t.Title + " · " + t.Columns[c.Columns[0]].Name}}},
		Legend:    excelize.ChartLegend{Position: legend},
		PlotArea:  excelize.ChartPlotArea{ShowVal: len(series) == 1, NumFmt: excelize.ChartNumFmt{CustomNumFmt: format}},
		XAxis:     excelize.ChartAxis{Font: axis},
		YAxis:     excelize.ChartAxis{Font: axis, Minimum: new(float64), NumFmt: excelize.ChartNumFmt{CustomNumFmt: format}},
		Dimension: excelize.ChartDimension{Width: 640, Height: 360},
	}))
}

func cell(col, row int) string {
	name, _ := excelize.CoordinatesToCellName(col, row) // both are positive
	return name
}

// cellAt is a cell that stays when a formula moves: $A$1.
func cellAt(col, row int) string {
	name, _ := excelize.CoordinatesToCellName(col, row, true)
	return name
}
