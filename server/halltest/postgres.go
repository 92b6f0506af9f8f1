package halltest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"yitang/city/pg"
)

// What a package's tests share, set by Postgres before any of them runs.
//
//nolint:gochecknoglobals // one PostgreSQL for all tests of a package
var (
	postgres  *pg.Server // nil where none is installed
	databases atomic.Int32
)

// Postgres runs a package's tests with a PostgreSQL beside them, and returns what to exit with. Where none is installed the
// tests that ask for a Database are skipped, and it says so.
func Postgres(m *testing.M) int {
	s, stop, err := pg.Temp(context.Background(), true)
	switch {
	case errors.Is(err, pg.ErrNone):
		fmt.Fprintln(os.Stderr, "NOT TESTED: the city's database.", err)
		return m.Run()
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	postgres = s
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Database is the URL of a new, empty database.
func Database(t testing.TB) string {
	t.Helper()
	if postgres == nil {
		t.Skip("NOT TESTED: ", pg.ErrNone)
	}
	url, err := postgres.Database(t.Context(), fmt.Sprintf("t%d", databases.Add(1)))
	if err != nil {
		t.Fatal(err)
	}
	return url
}
