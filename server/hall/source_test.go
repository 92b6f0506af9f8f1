package hall_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sources parses the package as it stands on disk, so that a table can be held against what the package declares and
// a new command, state, kind or code cannot come in without its rows.
func sources(t testing.TB) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		t.Fatal("found no source of the package")
	}
	return files
}

// commandTypes are the types with a method decide.
func commandTypes(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, f := range sources(t) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Name.Name != "decide" {
				continue
			}
			recv := fn.Recv.List[0].Type
			if star, ok := recv.(*ast.StarExpr); ok {
				recv = star.X
			}
			out = append(out, recv.(*ast.Ident).Name)
		}
	}
	return sorted(t, "command", out)
}

// constants are the values of the string constants declared with a type.
func constants(t testing.TB, typeName string) []string {
	t.Helper()
	var out []string
	for _, f := range sources(t) {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != typeName {
				return true
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					text, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, text)
				}
			}
			return true
		})
	}
	return sorted(t, typeName, out)
}

func sorted(t testing.TB, what string, list []string) []string {
	t.Helper()
	slices.Sort(list)
	if len(list) == 0 || len(slices.Compact(slices.Clone(list))) != len(list) {
		t.Fatalf("%s: none found, or one twice: %v", what, list)
	}
	return list
}
