package report

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// headRows is how many rows stand above a table's own header: its title and its note.
const headRows = 2

// workbook is a report becoming an Excel file.
type workbook struct {
	file        *excelize.File
	title, head int // styles
	of          map[Kind]int
	header      string // of each printed sheet
	err         error
}

// Workbook writes a report as an Excel file: real numbers, frozen headers, a picture of the trend and of the reasons.
func (r *Report) Workbook(to io.Writer) error {
	w := &workbook{file: excelize.NewFile()}
	defer w.file.Close() //nolint:errcheck // it is written already
	w.header = "&L" + strings.ReplaceAll(r.Hall, "&", "&&") + "&R" + r.Title + " " + string(r.From) + " – " + string(r.To)
	w.styles(r.words)
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

func (w *workbook) styles(words *Words) {
	percent, minutes, hours := "0.00%", words.Say(`0.0" 分钟"`), words.Say(`0.0" 小时"`)
	var percentStyle, minutesStyle, hoursStyle, n, text int
	for _, s := range []struct {
		into  *int
		style excelize.Style
	}{
		{&w.title, excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}}},
		{&w.head, excelize.Style{Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F4E79"}},
			Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}}},
		{&percentStyle, excelize.Style{CustomNumFmt: &percent}}, {&minutesStyle, excelize.Style{CustomNumFmt: &minutes}},
		{&hoursStyle, excelize.Style{CustomNumFmt: &hours}}, {&n, excelize.Style{NumFmt: 1}}, {&text, excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top", Indent: 1}}},
	} {
		var err error
		*s.into, err = w.file.NewStyle(&s.style)
		w.do(err)
	}
	w.of = map[Kind]int{Percent: percentStyle, Lower: percentStyle, Upper: percentStyle, Minutes: minutesStyle, Hours: hoursStyle, Count: n, Text: text}
}

// cover says what the sheets are about.
func (w *workbook) cover(r *Report) {
	sheet := r.words.Say("说明")
	w.do(w.file.SetSheetName("Sheet1", sheet))
	lines := []string{r.Hall, r.Title + " · " + r.words.Say(fmt.Sprintf("%s 至 %s · 报告日 %s", r.From, r.To, r.ReportDay))}
	for i, line := range append(lines, r.Definitions...) {
		w.do(w.file.SetCellStr(sheet, cell(1, i+1), line))
	}
	w.do(w.file.SetColWidth(sheet, "A", "A", 110))
	w.do(w.file.SetCellStyle(sheet, "A1", "A2", w.title))
	wrap, err := w.file.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	w.do(err)
	w.do(w.file.SetCellStyle(sheet, "A3", cell(1, len(lines)+len(r.Definitions)), wrap))
	w.page(sheet, 0, 0)
}

// onePage is how many rows with their pictures a sheet may have to be printed on one page.
const onePage = 75

// page prints a sheet one page wide; one with pictures upright, and on one page where that can be read, since a page break
// would go through a picture.
func (w *workbook) page(sheet string, rows, charts int) {
	fit, wide, high, turned, a4 := true, 1, 0, "landscape", 9
	if charts > 0 {
		turned = "portrait"
		if rows+charts*chartRows <= onePage {
			high = 1
		}
	}
	w.do(w.file.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddHeader: w.header, OddFooter: "&C&P / &N"}))
	w.do(w.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
	w.do(w.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &turned, Size: &a4, FitToWidth: &wide, FitToHeight: &high}))
}

func (w *workbook) table(t *Table) {
	_, err := w.file.NewSheet(t.Title)
	w.do(err)
	w.do(w.file.SetCellStr(t.Title, "A1", t.Title))
	w.do(w.file.SetCellStyle(t.Title, "A1", "A1", w.title))
	wide := 0.0
	for i, c := range t.Columns {
		w.do(w.file.SetCellStr(t.Title, cell(i+1, headRows+1), c.Name))
		letter, _ := excelize.ColumnNumberToName(i + 1)
		width := 14.0
		if c.Kind == Text {
			width = 30
		}
		wide += width
		w.do(w.file.SetColWidth(t.Title, letter, letter, width))
		if n := len(t.Rows); n > 0 {
			w.do(w.file.SetCellStyle(t.Title, cell(i+1, headRows+2), cell(i+1, headRows+1+n), w.of[c.Kind]))
		}
	}
	w.note(t, wide)
	for i := range t.Rows {
		w.do(w.file.SetSheetRow(t.Title, cell(1, headRows+2+i), &t.Rows[i]))
	}
	w.do(w.file.SetCellStyle(t.Title, cell(1, headRows+1), cell(len(t.Columns), headRows+1), w.head))
	w.do(w.file.SetPanes(t.Title, &excelize.Panes{Freeze: true, YSplit: headRows + 1, TopLeftCell: cell(1, headRows+2), ActivePane: "bottomLeft"}))
	charts := 0
	if len(t.Rows) > 1 {
		charts = len(t.Charts)
	}
	w.page(t.Title, len(t.Rows), charts)
}

// Heights of a note in points: it stands above the frozen rows and must leave them room.
const (
	lineHeight = 15.0
	noteHeight = 10 * lineHeight
)

// note writes what is to be known of a table over its columns, which are so many digits wide; a Chinese character takes two. In one
// cell it would make the printed sheet as wide as itself.
func (w *workbook) note(t *Table, wide float64) {
	w.do(w.file.SetCellStr(t.Title, "A2", t.Note))
	w.do(w.file.MergeCell(t.Title, "A2", cell(len(t.Columns), 2)))
	w.do(w.file.SetCellStyle(t.Title, "A2", "A2", w.of[Text]))
	lines := math.Ceil(2 * float64(utf8.RuneCountInString(t.Note)) / wide)
	w.do(w.file.SetRowHeight(t.Title, 2, min(max(1, lines)*lineHeight, noteHeight)))
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
	for _, column := range c.Columns {
		letter, _ := excelize.ColumnNumberToName(column + 1)
		series = append(series, excelize.ChartSeries{Name: fmt.Sprintf("'%s'!$%s$%d", t.Title, letter, headRows+1), Categories: span(0), Values: span(column)})
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
		YAxis:     excelize.ChartAxis{Font: axis, NumFmt: excelize.ChartNumFmt{CustomNumFmt: format}},
		Dimension: excelize.ChartDimension{Width: 640, Height: 360},
	}))
}

func cell(col, row int) string {
	name, _ := excelize.CoordinatesToCellName(col, row) // both are positive
	return name
}
