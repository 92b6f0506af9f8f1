package db

import (
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the file to this program's version, one numbered step in one transaction each. A file of a newer
// program is refused.
func migrate(w *sql.DB) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("db: migrations: %w", err)
	}
	var have int
	if err := w.QueryRow("PRAGMA user_version").Scan(&have); err != nil {
		return fmt.Errorf("db: the file cannot be read as a hall: %w", err)
	}
	if have > len(names) {
		return fmt.Errorf("db: the data were written by a newer Yitang (version %d, this one knows %d); install the newer one", have, len(names))
	}
	for i := have; i < len(names); i++ {
		if err := step(w, names[i], i+1); err != nil {
			return err
		}
	}
	return nil
}

func step(w *sql.DB, name string, version int) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return fmt.Errorf("db: %w", err)
	}
	tx, err := w.Begin()
	if err != nil {
		return fmt.Errorf("db: %s: %w", name, err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	if _, err := tx.Exec(string(text)); err != nil {
		return fmt.Errorf("db: %s: %w", name, err)
	}
	// PRAGMA takes no parameters; the version is a number of ours.
	if _, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return fmt.Errorf("db: %s: %w", name, err)
	}
	return tx.Commit()
}
