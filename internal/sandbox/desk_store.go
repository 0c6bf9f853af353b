package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// deskTables keep what a service desk has.
var deskTables = []string{
	`CREATE TABLE IF NOT EXISTS tickets (id TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS ticket_events (seq INTEGER PRIMARY KEY, ticket TEXT NOT NULL, document BLOB NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS ticket_files (seq INTEGER PRIMARY KEY, ticket TEXT NOT NULL, document BLOB NOT NULL, content BLOB NOT NULL)`,
}

// deskRecords are all that a service desk has: tickets in no order, the rest oldest first.
type deskRecords struct {
	tickets []*ticket
	events  []*ticketEvent
	files   []*ticketFile
}

func (s *store) loadDesk(ctx context.Context) (all deskRecords, err error) {
	if all.tickets, err = documents[ticket](ctx, s.db, `SELECT document FROM tickets`); err != nil {
		return all, err
	}
	if all.events, err = documents[ticketEvent](ctx, s.db, `SELECT document FROM ticket_events ORDER BY seq`); err != nil {
		return all, err
	}
	all.files, err = documents[ticketFile](ctx, s.db, `SELECT document FROM ticket_files ORDER BY seq`)
	return all, err
}

// documents reads one column of JSON.
func documents[T any](ctx context.Context, db *sql.DB, query string) (all []*T, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("reading tickets: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, fmt.Errorf("reading tickets: %w", err)
		}
		one := new(T)
		if err := json.Unmarshal(raw, one); err != nil {
			return nil, fmt.Errorf("reading tickets: %w", err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading tickets: %w", err)
	}
	return all, nil
}

// save writes changes of a desk down as a part of a transaction.
func (c *deskChanges) save(ctx context.Context, tx *sql.Tx) error {
	exec := func(statement string, args ...any) error {
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return fmt.Errorf("writing tickets: %w", err)
		}
		return nil
	}
	for id, t := range c.tickets {
		const upsert = `INSERT INTO tickets (id, document) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document`
		if err := exec(upsert, id, mustJSON(t)); err != nil {
			return err
		}
	}
	for _, e := range c.events {
		if err := exec(`INSERT INTO ticket_events (seq, ticket, document) VALUES (?, ?, ?)`, e.Seq, e.Ticket, mustJSON(e)); err != nil {
			return err
		}
	}
	for _, f := range c.files {
		const insert = `INSERT INTO ticket_files (seq, ticket, document, content) VALUES (?, ?, ?, ?)`
		if err := exec(insert, f.Seq, f.Ticket, mustJSON(f.ticketFile), f.content); err != nil {
			return err
		}
	}
	for _, id := range c.removed {
		for _, statement := range []string{
			`DELETE FROM tickets WHERE id = ?`, `DELETE FROM ticket_events WHERE ticket = ?`, `DELETE FROM ticket_files WHERE ticket = ?`,
		} {
			if err := exec(statement, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// content is what is in a file of a ticket; there is none of that number if the error is sql.ErrNoRows.
func (s *store) content(ctx context.Context, ticket string, seq int64) (content []byte, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT content FROM ticket_files WHERE ticket = ? AND seq = ?`, ticket, seq).Scan(&content)
	if err != nil {
		return nil, fmt.Errorf("reading a ticket's file: %w", err)
	}
	return content, nil
}
