// Package db keeps a hall in one SQLite file: the journal with its hash chain, the projections that the same
// transaction updates, the answers given to client keys, and the accounts. It is the only user of go-sqlite3 and owns
// no goroutine. Writes run under context.Background on one connection, so that a client that goes away cannot cut a
// transaction short.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	_ "github.com/mattn/go-sqlite3" // the driver

	"golang.org/x/sys/unix"
)

// File is the name of the hall's file in its folder.
const File = "hall.db"

const readers = 4 // connections for reading

// logPages is how many pages the write-ahead log holds, 16 MB, before a commit copies them into the file; usual are 1,000. A
// page that many commits wrote is copied once, and clerks wait for a copy a fourth as often.
const logPages = 4000

// ErrInUse means that another process works on the same folder.
var ErrInUse = errors.New("db: the folder is in use by another yitang; stop that one first (systemctl stop yitang-hall, or Ctrl-C where it runs)")

// DB is an open hall.
type DB struct {
	write *sql.DB
	read  *sql.DB
	keys  *sql.DB // one connection, for what the loop looks up while a commit is under way
	lock  *os.File
	stmts *statements
	hash  []byte // of the last event
	place uint64 // of the last answer

	looking *preparer // on keys
	answers *statement
	// joined is the transaction of an import, to which Append belongs while it lasts.
	joined *sql.Tx
}

// errFolder advises when the data's folder, and not some other file, cannot be used.
var errFolder = errors.New("choose a folder that you may write to")

// Open opens or makes the hall in a folder, for one process at a time. Errors: ErrInUse; a newer or damaged file; the
// operating system's.
func Open(dir string) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("db: %w; %w", err, errFolder)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	d := &DB{lock: lock}
	if err := d.open(filepath.Join(dir, File)); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *DB) open(path string) error {
	var err error
	if d.write, err = sql.Open("sqlite3", writerDSN(path)); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	d.write.SetMaxOpenConns(1)
	if err := migrate(d.write); err != nil {
		return err
	}
	if err := d.check(); err != nil {
		return err
	}
	if d.read, err = sql.Open("sqlite3", readerDSN(path)); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	d.read.SetMaxOpenConns(readers)
	if d.keys, err = sql.Open("sqlite3", readerDSN(path)); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	d.keys.SetMaxOpenConns(1)
	if d.looking, err = newPreparer(d.keys); err != nil {
		return err
	}
	if d.answers = d.looking.prepare(findAnswer); d.looking.err != nil {
		return d.looking.err
	}
	if d.stmts, err = prepare(d.write); err != nil {
		return err
	}
	if _, err = d.write.Exec("PRAGMA wal_autocheckpoint = " + strconv.Itoa(logPages)); err != nil { // the DSN has no word for it
		return fmt.Errorf("db: %w", err)
	}
	return d.loadHash()
}

// check refuses settings that could lose what was answered.
func (d *DB) check() error {
	var mode string
	var sync int
	if err := d.write.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	if err := d.write.QueryRow("PRAGMA synchronous").Scan(&sync); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	if mode != "wal" || sync != 2 {
		return fmt.Errorf("db: journal mode %s with synchronous %d would lose tickets at a power cut", mode, sync)
	}
	return nil
}

// loadHash reads where the journal ends.
func (d *DB) loadHash() error {
	if err := d.write.QueryRow(`SELECT coalesce(max(place), 0) FROM answers WHERE place > 0`).Scan(&d.place); err != nil {
		return fmt.Errorf("db: last answer: %w", err)
	}
	err := d.write.QueryRow("SELECT hash FROM events ORDER BY seq DESC LIMIT 1").Scan(&d.hash)
	if errors.Is(err, sql.ErrNoRows) {
		d.hash = genesis()
		return nil
	}
	if err != nil {
		return fmt.Errorf("db: last event: %w", err)
	}
	return nil
}

// Close releases the file. The hall may be opened again at once.
func (d *DB) Close() error {
	errs := []error{d.looking.close()}
	if d.stmts != nil {
		errs = append(errs, d.stmts.close())
	}
	for _, pool := range []*sql.DB{d.keys, d.read, d.write} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	if d.lock != nil {
		errs = append(errs, d.lock.Close())
	}
	return errors.Join(errs...)
}

// Reader opens a hall for reading only; another process may be working on it. What would write is not there.
func Reader(ctx context.Context, dir string) (*DB, error) {
	read, err := openReader(ctx, filepath.Join(dir, File))
	if err != nil {
		return nil, err
	}
	d := &DB{read: read}
	if err := d.current(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// current refuses a file of another version: only who may write brings it up to date.
func (d *DB) current(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("db: migrations: %w", err)
	}
	var have int
	if err := d.read.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return fmt.Errorf("db: the file cannot be read as a hall: %w", err)
	}
	if have != len(names) {
		return fmt.Errorf("db: the data have version %d and this Yitang works with %d; start the hall once with the same Yitang", have, len(names))
	}
	return nil
}

// openReader opens a hall that another process may be working on, for reading only.
func openReader(ctx context.Context, path string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("db: no hall here: %w", err)
	}
	r, err := sql.Open("sqlite3", readerDSN(path))
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	r.SetMaxOpenConns(1)
	if err := r.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("db: %w", err), r.Close())
	}
	return r, nil
}

func writerDSN(path string) string {
	return dsn(path, "_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_foreign_keys=on&_txlock=immediate&_secure_delete=on")
}

func readerDSN(path string) string { return dsn(path, "mode=ro&_query_only=true&_busy_timeout=5000") }

func dsn(path, options string) string {
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: options}).String()
}

// lockDir takes the folder for this process. The lock ends with the process, however it ends.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- the hall's own folder
	if err != nil {
		return nil, fmt.Errorf("db: %w; %w", err, errFolder)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w (%s)", ErrInUse, dir), f.Close())
	}
	return f, nil
}
