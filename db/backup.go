package db

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
)

// copyPages is how many pages (of 4 KiB) are copied between two looks at the context.
const copyPages = 1024

// Snapshot says what a copy of a hall holds.
type Snapshot struct {
	Events uint64 `json:"events"`
	Head   string `json:"head"` // hash of the last event, hex; of nothing in an empty journal
	Bytes  int64  `json:"bytes"`
}

// Copy writes one moment of the hall in dir, which may go on working, into a new folder, and says what it holds. The copy
// is one file without a log beside it, and on disk when Copy returns. Progress is told pages done and in all. An error
// leaves a file that must not be used.
func Copy(ctx context.Context, dir, into string, progress func(done, all int)) (Snapshot, error) {
	src, err := openReader(ctx, filepath.Join(dir, File))
	if err != nil {
		return Snapshot{}, err
	}
	defer src.Close()
	if err := os.MkdirAll(into, 0o700); err != nil {
		return Snapshot{}, fmt.Errorf("db: copy: %w; choose a folder that you may write to", err)
	}
	path := filepath.Join(into, File)
	dst, err := sql.Open("sqlite3", dsn(path, "_journal_mode=OFF&_synchronous=OFF"))
	if err != nil {
		return Snapshot{}, fmt.Errorf("db: copy: %w", err)
	}
	if err := errors.Join(copyAll(ctx, src, dst, progress), dst.Close()); err != nil {
		return Snapshot{}, err
	}
	if err := settle(path, into); err != nil {
		return Snapshot{}, fmt.Errorf("db: copy: %w", err)
	}
	return Inspect(ctx, into)
}

// copyAll runs SQLite's backup under a read transaction of the source: so the copy is of one moment, and the hall's
// writing does not make it begin again.
func copyAll(ctx context.Context, src, dst *sql.DB, progress func(done, all int)) error {
	from, err := src.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: copy: %w", err)
	}
	defer from.Close()
	to, err := dst.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: copy: %w", err)
	}
	defer to.Close()
	tx, err := from.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("db: copy: %w", err)
	}
	defer tx.Rollback()                                                                   //nolint:errcheck // it only read
	if _, err := tx.ExecContext(ctx, "SELECT 1 FROM sqlite_schema LIMIT 1"); err != nil { // the moment
		return fmt.Errorf("db: copy: %w", err)
	}
	err = to.Raw(func(dest any) error {
		return from.Raw(func(source any) error {
			return pages(ctx, dest.(*sqlite3.SQLiteConn), source.(*sqlite3.SQLiteConn), progress)
		})
	})
	if err != nil {
		return fmt.Errorf("db: copy: %w", err)
	}
	// The copied header says WAL; a file that lies on a shelf has no log beside it.
	if _, err := to.ExecContext(ctx, "PRAGMA journal_mode = DELETE"); err != nil {
		return fmt.Errorf("db: copy: %w", err)
	}
	return nil
}

func pages(ctx context.Context, dst, src *sqlite3.SQLiteConn, progress func(done, all int)) error {
	b, err := dst.Backup("main", src, "main")
	if err != nil {
		return err
	}
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return errors.Join(err, b.Finish())
		}
		if done, err = b.Step(copyPages); err != nil {
			return errors.Join(err, b.Finish())
		}
		if progress != nil {
			progress(b.PageCount()-b.Remaining(), b.PageCount())
		}
	}
	return b.Finish()
}

// settle puts a file and its name on disk.
func settle(paths ...string) error {
	for _, p := range paths {
		f, err := os.Open(p) // #nosec G304 -- the copy's own folder
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Inspect checks the pages of the hall in a folder, which nobody must be working on, and says what it holds. It does not
// walk the journal, as Verify does.
func Inspect(ctx context.Context, dir string) (Snapshot, error) {
	r, err := openReader(ctx, filepath.Join(dir, File))
	if err != nil {
		return Snapshot{}, err
	}
	defer r.Close()
	var verdict string
	if err := r.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return Snapshot{}, fmt.Errorf("db: inspect: %w", err)
	}
	if verdict != "ok" {
		return Snapshot{}, fmt.Errorf("db: inspect: the file is damaged: %s", verdict)
	}
	var s Snapshot
	var head []byte
	err = r.QueryRowContext(ctx, "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").Scan(&s.Events, &head)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Snapshot{}, fmt.Errorf("db: inspect: %w", err)
	}
	s.Head = hex.EncodeToString(head)
	info, err := os.Stat(filepath.Join(dir, File))
	if err != nil {
		return Snapshot{}, fmt.Errorf("db: inspect: %w", err)
	}
	s.Bytes = info.Size()
	return s, nil
}
