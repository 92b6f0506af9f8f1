package main_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// row is a line of the import table of ARCHITECTURE.md. A pattern names a package, or with /... also all below it;
// "any" allows everything of ours.
type row struct {
	packages string
	may      string
}

func table() []row {
	return []row{
		{"yitang/server/workday", ""},
		{"yitang/server/hall", "yitang/server/workday"},
		{"yitang/server/wire", ""},
		{"yitang/server/account", ""},
		{"yitang/server/person", ""},
		{"yitang/server/mistake", ""},
		{"yitang/server/catalogue", "yitang/server/hall yitang/server/mistake yitang/server/workday"},
		{"yitang/server/route", "yitang/server/hall"},
		{"yitang/server/runonce", "yitang/server/hall yitang/server/workday"},
		{"yitang/server/exchange", "yitang/server/hall yitang/server/mistake yitang/server/runonce yitang/server/workday"},
		{"yitang/server/report", "yitang/server/hall yitang/server/runonce yitang/server/workday"},
		{"yitang/server/archive", "yitang/server/hall yitang/server/mistake yitang/server/exchange yitang/server/runonce yitang/server/workday"},
		{"yitang/server/forecast", "yitang/server/hall yitang/server/route"},
		{"yitang/server/whatif", "yitang/server/hall yitang/server/route"},
		{"yitang/server/engine", "yitang/server/hall yitang/server/route"},
		{"yitang/server/feed", "yitang/server/hall"},
		{"yitang/server/webhook", "yitang/server/hall"}, // it declares the Store that db implements
		{"yitang/server/cert", ""},
		{"yitang/server/metrics", "yitang/server/hall yitang/server/engine"},
		{"yitang/server/openapi", ""},
		{"yitang/server/api", "yitang/server/..."},
		{"yitang/server/backup", "yitang/db"},
		{"yitang/server/heads", "yitang/server/hall yitang/server/person"},
		{"yitang/server/standby", "yitang/db yitang/server/backup yitang/server/engine yitang/server/hall yitang/server/wire"},
		{"yitang/server/halltest/...", "any"}, // boots a hall for the tests; only tests may import it
		{"yitang/server", "any"},
		{"yitang/db", "yitang/server/hall yitang/server/account yitang/server/workday yitang/server/webhook"},
		{"yitang/kiosk/...", "yitang/kiosk/... yitang/server/wire yitang/drivers/..."},
		{"yitang/display/...", "yitang/display/... yitang/server/wire yitang/drivers/..."},
		{"yitang/drivers/sim", "yitang/drivers/..."}, // speaks the protocols from the other end of the cable
		{"yitang/drivers/led", "yitang/drivers/port yitang/drivers/rs485"},
		{"yitang/drivers/keypad", "yitang/drivers/port yitang/drivers/rs485"},
		{"yitang/drivers/rater", "yitang/drivers/port yitang/drivers/rs485"},
		{"yitang/drivers/...", "yitang/drivers/port"},
		{"yitang/city/letter", "yitang/server/hall yitang/server/person"},
		{"yitang/city/join", "yitang/city/letter yitang/server/hall yitang/server/person"},
		{"yitang/city/line", "yitang/server/hall"},
		{"yitang/city/outbox", "yitang/city/letter yitang/city/join yitang/city/line yitang/server/hall yitang/server/person"},
		{"yitang/city/pg", ""},
		{"yitang/city/play", "yitang/server/hall yitang/server/route"},
		{"yitang/city/ledger", "yitang/city/letter yitang/server/hall yitang/server/runonce yitang/server/exchange yitang/server/archive yitang/server/workday yitang/server/account"},
		{"yitang/city/register", "yitang/city/letter yitang/city/join yitang/server/hall"},
		{"yitang/city/intake", "yitang/city/letter yitang/city/line yitang/city/ledger yitang/server/hall"},
		{"yitang/city", "yitang/city/... yitang/server/..."},
		{"yitang/demo/...", "any"},
		{"yitang/docs/...", "any"},
		{"yitang/bench", ""}, // knows a hall only from outside
		{"yitang/enrol", "yitang/server/wire"},
		{"yitang/web", ""},
		{"yitang", "any"},
	}
}

// onePlace lists what stands in one place only, so that it can be replaced in one place.
func onePlace() map[string]string {
	return map[string]string{
		"github.com/prometheus/":          "yitang/server/metrics",
		"github.com/gofiber/":             "yitang/server/api",
		"github.com/mattn/go-sqlite3":     "yitang/db",
		"github.com/tarm/serial":          "yitang/drivers/port",
		"github.com/fasthttp/websocket":   "yitang/server/wire", // the client's; the server's comes with fiber
		"github.com/valyala/fasthttp":     "yitang/server/api",
		"yitang/server/halltest":          "",
		"yitang/server/halltest/casebook": "",
		"testing":                         "yitang/server/halltest",
		"github.com/google/go-cmp/":       "",
		"pgregory.net/rapid":              "",
		"github.com/swaggest/":            "yitang/server/openapi",
	}
}

// pure lists what may read no clock, no random source and no file; and the packages that would let it.
func pure() (packages, forbidden []string) {
	return []string{"yitang/server/workday", "yitang/server/hall", "yitang/server/route", "yitang/server/forecast", "yitang/server/whatif", "yitang/server/runonce"},
		[]string{"os", "io/fs", "net", "net/http", "math/rand", "math/rand/v2", "crypto/rand", "database/sql", "syscall", "unsafe"}
}

func TestImports(t *testing.T) {
	rows, pkgs := table(), packages(t)
	if len(pkgs) < 15 {
		t.Fatalf("go list found only %d packages", len(pkgs))
	}
	for pkg, imports := range pkgs {
		i := slices.IndexFunc(rows, func(r row) bool { return matches(r.packages, pkg) })
		if i < 0 {
			t.Errorf("%s has no row in the import table: add one to ARCHITECTURE.md and here", pkg)
			continue
		}
		for _, imp := range imports {
			if ours(imp) && !allowed(rows[i].may, imp) {
				t.Errorf("%s imports %s; it may import only: %s", pkg, imp, rows[i].may)
			}
			for what, where := range onePlace() {
				if (imp == what || strings.HasSuffix(what, "/") && strings.HasPrefix(imp, what)) && pkg != where {
					t.Errorf("%s imports %s, which only %q may", pkg, imp, where)
				}
			}
		}
	}
}

func TestPurePackages(t *testing.T) {
	list, forbidden := pure()
	for pkg, imports := range packages(t) {
		if !slices.Contains(list, pkg) {
			continue
		}
		for _, imp := range imports {
			if slices.Contains(forbidden, imp) {
				t.Errorf("%s is pure and must not import %s", pkg, imp)
			}
		}
	}
}

// TestImportTableCatches holds the table itself to a few imports that it exists to refuse.
func TestImportTableCatches(t *testing.T) {
	may := map[string]string{}
	for _, r := range table() {
		may[r.packages] = r.may
	}
	for _, c := range []struct{ row, imp string }{
		{"yitang/server/hall", "yitang/server/wire"}, {"yitang/server/api", "yitang/db"},
		{"yitang/kiosk/...", "yitang/server/hall"}, {"yitang/display/...", "yitang/server/engine"},
		{"yitang/drivers/...", "yitang/server/wire"}, {"yitang/db", "yitang/server/engine"},
	} {
		if allowed(may[c.row], c.imp) {
			t.Errorf("the table lets %s import %s", c.row, c.imp)
		}
	}
}

// packages lists our packages with what each imports directly, tests left out.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	list := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		list[words[0]] = words[1:]
	}
	return list
}

func ours(pkg string) bool { return pkg == "yitang" || strings.HasPrefix(pkg, "yitang/") }

func allowed(may, pkg string) bool {
	return may == "any" || slices.ContainsFunc(strings.Fields(may), func(p string) bool { return matches(p, pkg) })
}

func matches(pattern, pkg string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == base || strings.HasPrefix(pkg, base+"/")
	}
	return pkg == pattern
}
