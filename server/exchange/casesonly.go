package exchange

import (
	"io/fs"

	"yitang/server/runonce"
)

// ScanCases reads cases.csv alone, for cases that are taken over to be gone on with: each with its line.
func ScanCases(files fs.FS, each func(c *runonce.Case, line int) error) error {
	f := folder{files: files, cases: Index{}}
	f.sink.Case = func(c *runonce.Case) error { return each(c, int(f.lines[len(f.lines)-1])) }
	if err := f.readCases(); err != nil {
		return err
	}
	if len(f.problems) > 0 {
		return f.problems
	}
	return nil
}
