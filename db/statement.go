package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/mattn/go-sqlite3"

	"yitang/server/hall"
)

// statement is one of the driver's own, kept on the only writing connection: database/sql would look for the connection, bind
// the statement to the transaction and make the list of its values anew at each of a command's dozen calls. Whoever executes
// it holds the connection, by a transaction.
type statement struct {
	driver *sqlite3.SQLiteStmt
	values []driver.NamedValue // of the last call; the list is used again
}

// exec does what the statement says.
func (s *statement) exec(values ...any) error {
	if err := s.bind(values); err != nil {
		return err
	}
	_, err := s.driver.ExecContext(context.Background(), s.values)
	return err
}

// row reads the first row of what a query finds; false without any.
func (s *statement) row(row []driver.Value, values ...any) (found bool, err error) {
	if err := s.bind(values); err != nil {
		return false, err
	}
	rows, err := s.driver.QueryContext(context.Background(), s.values)
	if err != nil {
		return false, err
	}
	err = rows.Next(row)
	if errors.Is(err, io.EOF) {
		return false, rows.Close()
	}
	return err == nil, errors.Join(err, rows.Close())
}

func (s *statement) bind(values []any) error {
	if len(values) != len(s.values) {
		return fmt.Errorf("db: a statement of %d values was given %d", len(s.values), len(values))
	}
	for i, v := range values {
		plain, err := plainValue(v)
		if err != nil {
			return fmt.Errorf("db: value %d of a statement: %w", i+1, err)
		}
		s.values[i].Value = plain
	}
	return nil
}

// plainValue is a value as the driver knows it. What is not frequent is left to the standard library, which looks at its kind.
func plainValue(v any) (driver.Value, error) {
	switch v := v.(type) {
	case string, []byte, int64:
		return v, nil
	case int:
		return int64(v), nil
	case hall.Millis:
		return int64(v), nil
	}
	return driver.DefaultParameterConverter.ConvertValue(v)
}

// preparer prepares statements on a connection until one fails.
type preparer struct {
	conn *sqlite3.SQLiteConn
	made []*statement
	err  error
}

// newPreparer prepares on the connection of a pool that has one only.
func newPreparer(w *sql.DB) (*preparer, error) {
	conn, err := w.Conn(context.Background())
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	defer conn.Close()
	p := &preparer{}
	err = conn.Raw(func(c any) (err error) {
		p.conn, err = as[*sqlite3.SQLiteConn](c)
		return err
	})
	return p, err
}

func (p *preparer) prepare(text string) *statement {
	if p.err != nil {
		return nil
	}
	made, err := p.conn.Prepare(text)
	s := &statement{}
	if err == nil {
		s.driver, err = as[*sqlite3.SQLiteStmt](made)
	}
	if err != nil {
		p.err = fmt.Errorf("db: prepare %q: %w", text, err)
		return nil
	}
	s.values = make([]driver.NamedValue, made.NumInput())
	for i := range s.values {
		s.values[i].Ordinal = i + 1
	}
	p.made = append(p.made, s)
	return s
}

// as is a thing of the driver as what it is there.
func as[T any](v any) (T, error) {
	t, ok := v.(T)
	if !ok {
		return t, fmt.Errorf("db: the driver gives %T for %T", v, t)
	}
	return t, nil
}

// close lets go of all statements; without that the file stays open when its connection is closed.
func (p *preparer) close() error {
	if p == nil {
		return nil
	}
	var errs []error
	for _, s := range p.made {
		errs = append(errs, s.driver.Close())
	}
	p.made = nil
	return errors.Join(errs...)
}
