package report_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"yitang/server/hall"
	"yitang/server/report"
	"yitang/server/runonce"
)

// asked is the words of a hall in English.
func asked(t *testing.T, l *hall.Layout) *report.Words {
	t.Helper()
	w, err := report.In("en", l)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// notWhole are the parts of texts that stand in en.json only as wholes, or are dates; and what the city refuses, which is no report.
var notWhole = map[string]bool{"：": true, "；": true, "按": true, "本期": true, "。": true, "1月2日": true, "1月2–": true, "2日": true, "1月2日–": true,
	"case：请写成 大厅/编号 的样子。": true, "没有这个办件或号；可能已按保存期限清除。": true}

// TestEveryTextIsEnglishToo reads the package's own source: a new text needs its English.
func TestEveryTextIsEnglishToo(t *testing.T) {
	file, err := os.ReadFile("en.json")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	if err := json.Unmarshal(file, &texts); err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, path := range append(sources, "../../city/report.go") {
		if strings.HasSuffix(path, "_test.go") || path == "words.go" {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			lit, is := node.(*ast.BasicLit)
			if !is || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || notWhole[text] {
				return true
			}
			if n++; texts[text] == "" {
				t.Errorf("%s: no English in en.json for %q", path, text)
			}
			return true
		})
	}
	if n < 200 {
		t.Errorf("only %d texts were looked at", n)
	}
	for zh, en := range texts {
		if strings.ContainsFunc(en, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: the English has Chinese in it: %s", zh, en)
		}
	}
}

func TestSayInEnglish(t *testing.T) {
	l := &hall.Layout{Name: hall.Text{"zh": "某大厅", "en": "Some Hall"}, Fields: []hall.Field{{ID: "A", Name: hall.Text{"zh": "市场准入", "en": "Market entry"}}},
		Matters: []hall.Matter{{Code: "SCJG-001", Name: hall.Text{"zh": "企业设立登记"}}}}
	w := asked(t, l)
	for zh, want := range map[string]string{
		"平均等候":            "Mean wait",
		"A 市场准入":          "A Market entry",
		"某大厅":             "Some Hall",
		"SCJG-001 企业设立登记": "SCJG-001 企业设立登记",
		"平常到 10:41":       "Usual by 10:41",
		"3 号窗口":           "Window 3",
		"10月5–11日":        "5–11 Oct",
		"9月28日–10月4日":     "28 Sep – 4 Oct",
		"10月1日":           "1 Oct",
		"C0000001":        "C0000001",
		"不计入的办件 7 件，超过 15%，不比较": "7 cases left out, over 15%, not compared",
		"线索需由人核实，不是结论。没有数据、算不出来的：B5 有证无件（缺已发证照的清单）；D5 办件无人负责（缺部门认领办件的记录）。": "A lead is to be verified by a person and is no verdict. " +
			"Cannot be known for want of data: B5 certificate without a case (missing: the list of certificates issued); D5 a case that nobody owns (missing: records of departments taking cases).",
		"按收件推算：一次办成 63.5%，又来一次 36.2%，还没有定论 0.3%。到报告日，最早收的件也只过了 21 个工作日，不到 30 个：没有定论的以后才见分晓，这个比率会变。": "By filing: 63.5% done in one visit, 36.2% came again, 0.3% not known yet. " +
			"At the report day even the earliest case was only 21 working days old, less than 30: what is not known yet will show later, and this rate will change.",
		"按收件推算：期内收件的办件（含未办结），从首次上门起推算到期内收件的办件中最长承诺期限的 1.5 倍，即 30 个工作日（不足法定的 20 个工作日时按 20 个算），用 Aalen–Johansen 估计，截至报告日。": "By filing: the cases filed in the period (open ones too), " +
			"from the first visit to 1.5 times the longest promised term among the period's cases, that is 30 working days (at least the statutory 20), by the Aalen–Johansen estimate, as of the report day.",
		"平常一天：之前 20 个开门日的平均，次数是每天的平均，时间是所有号的平均。当天还没有过完的，另列平常到同一钟点为止的次数。": "Usual day: the mean of the 20 open days before; counts are a day's mean, times are the mean of all tickets. " +
			"For a day that is not over, what is usual by the same time stands beside it.",
	} {
		if got := w.Say(zh); got != want {
			t.Errorf("%s:\n got %s\nwant %s", zh, got, want)
		}
	}
	if got := (*report.Words)(nil).Say("平均等候"); got != "平均等候" {
		t.Errorf("without a language: %s", got)
	}
}

// TestAReportInEnglish: all of it is English but what the hall named, its figures stay, and each title names a sheet.
func TestAReportInEnglish(t *testing.T) {
	f := floor(t, served("1", 9, 5, 4), served("2", 9.5, 25, 8))
	f.Usual = report.NewUsual("平常一天", floor(t, served("1", 9, 10, 10)), true)
	english := &hall.Layout{Name: hall.Text{"zh": "大厅", "en": "A hall"}, Fields: []hall.Field{{ID: "A", Name: hall.Text{"zh": "市场", "en": "Market"}}}}
	named := func(_ runonce.Grouping, key string) string { return key }
	for name, r := range map[string]report.Report{"traffic": report.Traffic(f), "people": report.People(f), "promised": report.Promised(f, &runonce.Report{}, 3, named),
		"runonce": report.New("大厅", runonce.Query{From: "2025-06-01", To: "2025-06-30", ReportDay: "2025-06-30", By: runonce.ByMatter}, &runonce.Report{}, named)} {
		said := r.In(asked(t, english))
		text, err := json.Marshal(said)
		if err != nil {
			t.Fatal(err)
		}
		if said.Hall != "A hall" {
			t.Errorf("%s: the hall is %q", name, said.Hall)
		}
		for _, word := range strings.FieldsFunc(string(text), func(r rune) bool { return !unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: left in Chinese: %s", name, word)
		}
		titles := map[string]bool{}
		for i, table := range said.Tables {
			if utf8.RuneCountInString(table.Title) > 31 || strings.ContainsAny(table.Title, `:\/?*[]`) || titles[table.Title] {
				t.Errorf("%s: no name for a sheet of its own: %q", name, table.Title)
			}
			titles[table.Title] = true
			if diff := cmp.Diff(figures(r.Tables[i].Rows), figures(table.Rows)); diff != "" {
				t.Errorf("%s %s: figures (-zh +en):\n%s", name, table.ID, diff)
			}
		}
	}
}

func figures(rows [][]any) (list []any) {
	for _, row := range rows {
		for _, v := range row {
			if _, text := v.(string); !text {
				list = append(list, v)
			}
		}
	}
	return list
}
