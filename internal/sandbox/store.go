package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"

	_ "modernc.org/sqlite" // The driver registers itself.
)

// store keeps one operator's objects and tickets in SQLite. The world holds them in memory too, the content of files
// apart, and reads them once, at start.
type store struct {
	db *sql.DB
}

func openStore(ctx context.Context, dir, operator string) (*store, error) {
	// WAL with synchronous=NORMAL loses nothing when the process is killed, only when the machine loses its power.
	dsn := "file:" + filepath.Join(dir, operator+".sqlite") +
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(5000)&_pragma=cache_size(-65536)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("opening the state of %s: %w", operator, err)
	}
	db.SetMaxOpenConns(1)
	for _, statement := range append([]string{
		`CREATE TABLE IF NOT EXISTS objects (id TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID`,
		`CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID`,
	}, deskTables...) {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			_ = db.Close()
			return nil, fmt.Errorf("preparing the state of %s: %w", operator, err)
		}
	}
	return &store{db: db}, nil
}

// load returns all objects in no order, and the last sequence number given.
func (s *store) load(ctx context.Context) (objects []*object, seq int64, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT coalesce(max(value), 0) FROM counters WHERE name = 'seq'`).Scan(&seq)
	if err != nil {
		return nil, 0, fmt.Errorf("reading the counter: %w", err)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT document FROM objects`)
	if err != nil {
		return nil, 0, fmt.Errorf("reading objects: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, 0, fmt.Errorf("reading objects: %w", err)
		}
		o := &object{changed: make(chan struct{})}
		if err := json.Unmarshal(raw, o); err != nil {
			return nil, 0, fmt.Errorf("reading objects: %w", err)
		}
		if err := o.declare(o.Declared); err != nil {
			return nil, 0, err
		}
		objects = append(objects, o)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, fmt.Errorf("reading objects: %w", err)
	}
	return objects, seq, nil
}

// save writes a change of several objects and tickets as one.
func (s *store) save(ctx context.Context, seq int64, changed map[string]*object, removed []string, tickets *deskChanges) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // Does nothing after the commit.
	const upsert = `INSERT INTO objects (id, document) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document`
	put, err := tx.PrepareContext(ctx, upsert)
	if err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	defer func() { _ = put.Close() }()
	for id, o := range changed {
		if _, err := put.ExecContext(ctx, id, mustJSON(o)); err != nil {
			return fmt.Errorf("writing the state: %w", err)
		}
	}
	for _, id := range removed {
		if _, err := tx.ExecContext(ctx, `DELETE FROM objects WHERE id = ?`, id); err != nil {
			return fmt.Errorf("writing the state: %w", err)
		}
	}
	if err := tickets.save(ctx, tx); err != nil {
		return err
	}
	const count = `INSERT INTO counters (name, value) VALUES ('seq', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
	if _, err := tx.ExecContext(ctx, count, seq); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	return nil
}

func (s *store) close() error { return s.db.Close() }
