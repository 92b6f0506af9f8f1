package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
	"github.com/xuri/excelize/v2"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/report"
	"yitang/web"
)

// soon is a case that was decided in the minute of its acceptance and has not been collected: a lead (B2), which changes
// none of the example's rates of closed cases.
const (
	soon       = "Z1,M2,p90,person,2025-06-16T10:05:00+08:00,2025-06-16T10:20:00+08:00,2025-06-16T10:20:00+08:00,,open,yes,,,审批局,审批局,\n"
	soonTicket = "20250616-Z001,Z1,M2,p90,self,A,kiosk,W3,wang,,2025-06-16T09:55:00+08:00,2025-06-16T10:04:00+08:00,2025-06-16T10:05:00+08:00,2025-06-16T10:25:00+08:00,done\n"
)

// exampleHall is a hall of 1 July 2025 that has imported the worked example and one case more, with the pages.
func exampleHall(t *testing.T) *halltest.Hall {
	t.Helper()
	h, files := halltest.Make(t, 2), t.TempDir()
	for name, more := range map[string]string{"cases.csv": soon, "tickets.csv": soonTicket, "notices.csv": "", "referrals.csv": ""} {
		text, err := os.ReadFile("server/exchange/testdata/example/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(files, name), append(text, more...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if said, err := exec.Command(buildYitang(t), "import", "--dir", h.Dir, files).CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%s", err, said)
	}
	h.Pages = web.Pages()
	h.Now = func() time.Time { return time.Date(2025, 7, 1, 2, 0, 0, 0, time.UTC) }
	h.Start()
	return h
}

// TestTheManagersReports walks the pages of a hall that has only a past: they open on the newest period that has figures; a
// case opens on its time line; a lead is given to somebody and dismissed with a reason, and a limit is changed; what the
// month's report shows is what its workbook holds.
func TestTheManagersReports(t *testing.T) {
	t.Parallel()
	h := exampleHall(t)
	p := open(t, startBrowser(t), h.URL+"/manager#/runonce", 1366, 768)
	login(t, p, "manager", halltest.Password)
	t.Run("run once", func(t *testing.T) { runoncePage(t, p) })
	t.Run("leads", func(t *testing.T) { leadsPage(t, h, p) })
	t.Run("period", func(t *testing.T) { periodPage(t, h, p) })
	t.Run("no such page", func(t *testing.T) {
		p.MustNavigate(h.URL + "/manager#/nothing")
		waitText(t, p, "no-view", "没有这个页面")
	})
}

func runoncePage(t *testing.T, p *rod.Page) {
	waitText(t, p, "rates", "57.1%")
	waitText(t, p, "rates", "69.2%")
	at(p, "table-cases").MustElementR("button", "C4").MustClick()
	waitText(t, p, "line", "办件 C4")
	for _, words := range []string{"告知", "书面：章程；验资报告", "开始", "决定"} {
		waitText(t, p, "line", words)
	}
}

// dismissed are the acts of the lead that the page has followed, as the report tells them.
func dismissed(t *testing.T, h *halltest.Hall) []any {
	t.Helper()
	r := halltest.Into[report.Report](h, h.Get(200, h.Tokens[account.Manager], "/api/v1/reports/leads?from=2025-06-01&to=2025-06-30"))
	for _, row := range r.Table("leads").Rows {
		if row[8] == "系统切换造成" {
			return row
		}
	}
	return nil
}

func leadsPage(t *testing.T, h *halltest.Hall, p *rod.Page) {
	p.MustNavigate(h.URL + "/manager#/leads")
	lead := p.Timeout(pageTime).MustElement(`[data-testid^="signal-"] li button`)
	p.MustEval(`() => document.querySelectorAll('details').forEach((one) => (one.open = true))`)
	lead.MustClick()
	at(p, "row").MustClick()
	waitText(t, p, "line", "取号")
	p.Keyboard.MustType(keyOf("Esc"))
	at(p, "lead-to").MustSelect("guide")
	at(p, "lead-assign").MustWaitEnabled().MustClick()
	waitText(t, p, "lead", "已交办")
	at(p, "lead-text").MustInput("系统切换造成")
	at(p, "lead-dismiss").MustWaitEnabled().MustClick()
	waitText(t, p, "lead", "已排除")
	if row := dismissed(t, h); row == nil || row[6] != report.StateText("dismissed") || row[7] != "guide" {
		t.Errorf("the report says %v", row)
	}
	at(p, "limits").MustClick()
	at(p, "limit-b6_days").MustSelectAllText().MustInput("7")
	at(p, "limits-save").MustWaitEnabled().MustClick()
	p.Timeout(pageTime).MustElementR(".said", "标准已修改")
	var limits struct {
		Limits []struct {
			Name  string
			Value float64
		}
	}
	if err := json.Unmarshal(h.Get(200, h.Tokens[account.Manager], "/api/v1/leads/limits").Body, &limits); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(fmt.Sprint(limits), "{b6_days 7}") {
		t.Errorf("%v", limits)
	}
}

// shownRows are the cells of a table as the page shows them.
func shownRows(t *testing.T, p *rod.Page, id string) [][]string {
	t.Helper()
	var rows [][]string
	text := at(p, id).MustEval(`function () { return JSON.stringify([...this.querySelectorAll('tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))) }`).Str()
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// periodPage takes the workbook by the page's own link and session.
func periodPage(t *testing.T, h *halltest.Hall, p *rod.Page) {
	p.MustNavigate(h.URL + "/manager#/period")
	waitText(t, p, "table-rates", "全部办结")
	link := p.Timeout(pageTime).MustElement(`a[href^="/api/v1/reports/period.xlsx"]`).MustAttribute("href")
	book := download(t, p, h.URL+*link)
	for table, title := range map[string]string{"table-rates": "三个口径", "table-left_out": "不计入的办件", "table-visits": "来了几次"} {
		cells, err := book.GetRows(title, excelize.Options{RawCellValue: false})
		if err != nil {
			t.Fatal(err)
		}
		rows := shownRows(t, p, table)
		if len(rows) == 0 || len(cells) != len(rows)+3 {
			t.Fatalf("%s: %d rows on the page, %d in the sheet", title, len(rows), len(cells)-3)
		}
		for i, row := range rows {
			for k, on := range row {
				if !sameFigure(on, cells[3+i], k) {
					t.Errorf("%s: the page says %v, the sheet %v", title, row, cells[3+i])
				}
			}
		}
	}
}

// sameFigure compares what people read: a share has one digit behind the point on the page and two in the sheet.
func sameFigure(page string, sheet []string, k int) bool {
	cell := ""
	if k < len(sheet) {
		cell = sheet[k]
	}
	if page == "—" {
		return cell == ""
	}
	var a, b float64
	if n, _ := fmt.Sscanf(page, "%f%%", &a); n == 1 && strings.HasSuffix(page, "%") {
		_, _ = fmt.Sscanf(cell, "%f%%", &b)
		return cell != "" && a-b <= 0.051 && b-a <= 0.051
	}
	return page == cell
}

func download(t *testing.T, p *rod.Page, url string) *excelize.File {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	cookies, err := proto.NetworkGetCookies{}.Call(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cookies.Cookies {
		req.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, res.Status, err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return book
}
