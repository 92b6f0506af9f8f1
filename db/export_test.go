package db

import (
	"database/sql"
	"io/fs"
)

// Writer is the writing connection.
func (d *DB) Writer() *sql.DB { return d.write }

// Readers are the reading connections.
func (d *DB) Readers() *sql.DB { return d.read }

// Migrations are the numbered steps.
func Migrations() fs.FS { return migrations }

// CasesOfQuery is how the cases of a person are found.
const CasesOfQuery = casesOf

// ReplayDay is how a start finds its events.
const ReplayDay = replayDay
