// Package ledger is the city's database: what its halls' letters mean, in PostgreSQL. Nothing else that serves uses pgx.
//
// Take takes letters in: position, tickets, cases and figures change in one transaction, so a letter has its effect exactly
// once, however often the stream delivers it, in whatever order, and whenever the database is restarted. Everything can be
// thrown away and made again from the stream (Clear). It owns no goroutine; several workers may take in at once, each hall's
// row being locked for as long as its letters are taken.
package ledger

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"yitang/server/hall"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Ledger is an open database.
type Ledger struct {
	pool *pgxpool.Pool

	mu      sync.Mutex
	months  map[string]bool // that have their partitions
	layouts map[hall.ID]known
}

// connections to the database at most; a worker needs one, a page one for as long as it reads.
const connections = 24

// Open connects and brings the tables up to date. The database must exist.
func Open(ctx context.Context, url string) (*Ledger, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("ledger: --database: %w", err)
	}
	if !strings.Contains(url, "pool_max_conns") {
		c.MaxConns = connections
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	l := &Ledger{pool: pool, months: map[string]bool{}, layouts: map[hall.ID]known{}}
	if err := l.migrate(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return l, nil
}

// Close lets the connections go.
func (l *Ledger) Close() { l.pool.Close() }

// migrationLock keeps two cities on one database from migrating at once.
const migrationLock = 0x59495431

func (l *Ledger) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	slices.Sort(names)
	return l.tx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, migrationLock); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)`); err != nil {
			return err
		}
		var done int
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM schema_version`).Scan(&done); err != nil {
			return err
		}
		if done > len(names) {
			return fmt.Errorf("the database was made by a newer Yitang (version %d, this one knows %d)", done, len(names))
		}
		for i, name := range names[done:] {
			text, err := migrations.ReadFile(name)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, string(text)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if _, err := tx.Exec(ctx, `INSERT INTO schema_version VALUES ($1)`, done+i+1); err != nil {
				return err
			}
		}
		return nil
	})
}

// tx runs a transaction.
func (l *Ledger) tx(ctx context.Context, do func(tx pgx.Tx) error) error {
	tx, err := l.pool.Begin(ctx)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after a commit it has nothing to do
	if err := do(tx); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("ledger: commit: %w", err)
	}
	return nil
}

// parted lists the tables that have a partition for each month.
func parted() []string { return []string{"tickets", "cases", "referrals"} }

// ensure makes the partitions of the months of some days (YYYY-MM-DD).
func (l *Ledger) ensure(ctx context.Context, days map[string]bool) error {
	for day := range days {
		month := day[:7]
		l.mu.Lock()
		has := l.months[month]
		l.mu.Unlock()
		if has {
			continue
		}
		if err := l.makeMonth(ctx, month); err != nil {
			return err
		}
		l.mu.Lock()
		l.months[month] = true
		l.mu.Unlock()
	}
	return nil
}

func (l *Ledger) makeMonth(ctx context.Context, month string) error {
	first, err := time.Parse("2006-01", month)
	if err != nil {
		return fmt.Errorf("ledger: %q is no month", month)
	}
	next := first.AddDate(0, 1, 0)
	return l.tx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, migrationLock); err != nil {
			return err
		}
		for _, table := range parted() {
			name := table + "_" + strings.ReplaceAll(month, "-", "_")
			_, err := tx.Exec(ctx, fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s PARTITION OF %s FOR VALUES FROM ('%s') TO ('%s')`,
				pgx.Identifier{name}.Sanitize(), table, first.Format(time.DateOnly), next.Format(time.DateOnly)))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Clear throws away everything that was taken in, so that it can be made again from the stream.
func (l *Ledger) Clear(ctx context.Context) error {
	return l.tx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `TRUNCATE halls, early, tickets, cases, referrals, hall_days, windows, devices, judged`)
		return err
	})
}

// Size is how many bytes the database takes.
func (l *Ledger) Size(ctx context.Context) (bytes int64, err error) {
	err = l.pool.QueryRow(ctx, `SELECT pg_database_size(current_database())`).Scan(&bytes)
	return bytes, err
}

// Passing says whether an error may pass by itself: the database is away, restarts, or two transactions met. Anything
// else needs a person.
func Passing(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code[:2] {
		case "08", "40", "53", "57", "58": // connection, transaction rollback, resources, operator, system
			return true
		}
		return false
	}
	return !errors.Is(err, context.Canceled)
}
