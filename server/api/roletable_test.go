package api_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"yitang/server/account"
)

const (
	roleFile = "testdata/roles.txt"
	roleDoc  = "../../docs/roles.md"
	nobody   = "none"
	may      = "x"
	mayNot   = "."
)

//nolint:gochecknoglobals // flags of go test are
var update = flag.Bool("update", false, "write docs/roles.md from testdata/roles.txt")

// columns are who is asked about: nobody, then each role.
func columns() []string {
	list := []string{nobody}
	for _, r := range account.Roles() {
		list = append(list, string(r))
	}
	return list
}

// roleTable reads the table: a line a route, a column each of columns, x may and . may not.
func roleTable(t *testing.T) map[string]map[string]bool {
	t.Helper()
	text, err := os.ReadFile(roleFile)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]map[string]bool{}
	head := false
	for n, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
			continue
		case !head:
			if head = slices.Equal(words[2:], columns()); !head {
				t.Fatalf("%s:%d: the columns are %v, want %v", roleFile, n+1, words[2:], columns())
			}
			continue
		case len(words) != 2+len(columns()):
			t.Fatalf("%s:%d: %d columns, want %d", roleFile, n+1, len(words), 2+len(columns()))
		}
		name, row := words[0]+" "+words[1], map[string]bool{}
		for i, who := range columns() {
			if m := words[2+i]; m != may && m != mayNot {
				t.Fatalf("%s:%d: %s is neither x nor .", roleFile, n+1, m)
			}
			row[who] = words[2+i] == may
		}
		if rows[name] != nil {
			t.Fatalf("%s:%d: %s stands twice", roleFile, n+1, name)
		}
		rows[name] = row
	}
	return rows
}

// rolesOf lists the roles of a row in the order of account.Roles; nil when it is open to everybody.
func rolesOf(row map[string]bool) []account.Role {
	list := []account.Role{}
	if row[nobody] {
		return list
	}
	for _, r := range account.Roles() {
		if row[string(r)] {
			list = append(list, r)
		}
	}
	return list
}

// publish holds docs/roles.md to the table, or writes it.
func publish(t *testing.T, ops []operation) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# Who may do what\n\nMade from server/api/%s by `go test ./server/api -run 'TestRoles$' -update`; the test sends a real request of each\n"+
		"column to each route: ✓ is let in, an empty cell is refused (none: 401, a role: 403). Rules of the hall may still refuse what\n"+
		"is let in, for example another clerk's window. Who must change a given-out password may only do that.\n\n", roleFile)
	fmt.Fprintf(&b, "| route | what | %s |\n|---|---|%s\n", strings.Join(columns(), " | "), strings.Repeat(":-:|", len(columns())))
	rows := roleTable(t)
	slices.SortFunc(ops, func(x, y operation) int { return strings.Compare(x.path+" "+x.method, y.path+" "+y.method) })
	for _, o := range ops {
		fmt.Fprintf(&b, "| `%s` | %s |", o, o.Summary)
		for _, who := range columns() {
			mark := ""
			if rows[o.String()][who] || rows[o.String()][nobody] {
				mark = "✓"
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		b.WriteString("\n")
	}
	if *update {
		if err := os.WriteFile(roleDoc, []byte(b.String()), 0o644); err != nil { //nolint:gosec // a public document
			t.Fatal(err)
		}
		return
	}
	if have, err := os.ReadFile(roleDoc); err != nil || string(have) != b.String() {
		t.Errorf("docs/roles.md is not the table (%v): go test ./server/api -run 'TestRoles$' -update", err)
	}
}
