package intake

import (
	"context"
	"encoding/json"
	"errors"

	"gorm.io/gorm"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Status is where an import stands.
type Status string

// The states of imports.
const (
	StatusRunning   Status = "running"   // storing rows; after a crash the same file goes on from ResumeLine
	StatusDone      Status = "done"      // everything that could go in is in
	StatusRefused   Status = "refused"   // every row was refused: nothing went in
	StatusReverting Status = "reverting" // taking its rows back
	StatusReverted  Status = "reverted"  // its rows are gone, earlier revisions are current again
)

// Import is one import of one file.
type Import struct {
	ID            ids.Import        `gorm:"primaryKey" json:"id"`
	ClientID      ids.Client        `json:"client_id"`
	Kind          Kind              `json:"kind"`
	Source        string            `json:"source"`
	FileName      string            `json:"file_name"`
	FileSHA256    []byte            `gorm:"column:file_sha256" json:"file_sha256"`
	FileID        ids.File          `json:"file_id"`
	MappingID     ids.Mapping       `json:"mapping_id"`
	Status        Status            `json:"status"`
	RowsRead      int64             `json:"rows_read"`
	RowsNew       int64             `json:"rows_new"`
	RowsChanged   int64             `json:"rows_changed"`
	RowsUnchanged int64             `json:"rows_unchanged"`
	RowsRefused   int64             `json:"rows_refused"`
	RowsIgnored   int64             `json:"rows_ignored"`
	RowsTotal     int64             `json:"rows_total"`
	ResumeLine    int64             `json:"resume_line"` // every row up to this line is settled
	Summary       string            `json:"-"`           // the Summary as JSON, without the mapping
	ActorID       ids.User          `json:"actor_id"`
	StartedAt     calendar.Instant  `json:"started_at"`
	FinishedAt    *calendar.Instant `json:"finished_at,omitempty"`
	RevertedAt    *calendar.Instant `json:"reverted_at,omitempty"`
}

// TableName implements gorm's Tabler.
func (Import) TableName() string { return "imports" }

// issueRow is a stored issue.
type issueRow struct {
	ImportID   ids.Import `gorm:"primaryKey"`
	Seq        int64      `gorm:"primaryKey;autoIncrement:false"`
	ClientID   ids.Client
	Line       int64
	Severity   Grade
	Code       string
	ColumnName string
	Value      string
	Message    string
}

func (issueRow) TableName() string { return "import_issues" }

// StoredIssue is one row that did not go in, and why.
type StoredIssue struct {
	Seq      int64  `json:"seq"`
	Line     int64  `json:"line"`
	Grade    Grade  `json:"grade"`
	Code     string `json:"code"`
	Column   string `json:"column,omitempty"`
	Value    string `json:"value,omitempty"`
	Sentence string `json:"sentence"`
}

// counts gives the row's counts.
func (i Import) counts() Counts {
	return Counts{Read: i.RowsRead, New: i.RowsNew, Changed: i.RowsChanged, Unchanged: i.RowsUnchanged, Refused: i.RowsRefused, Ignored: i.RowsIgnored, Total: i.RowsTotal}
}

// startRow saves the mapping and opens the import, or takes up an interrupted one of
// the same file, kind, source and mapping.
func (s *Service) startRow(ctx context.Context, d *job, sum []byte) error {
	saved, err := s.SaveMapping(ctx, scope.Provider(), d.client.ID, d.mapping, d.request.Actor)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		var old Import
		err := tx.Where("client_id = ? AND kind = ? AND source = ? AND file_sha256 = ? AND mapping_id = ? AND status = ?",
			d.client.ID, d.request.Kind, d.mapping.Source, sum, saved.ID, StatusRunning).Order("id DESC").Take(&old).Error
		switch {
		case err == nil:
			return d.takeUp(tx, old)
		case !errors.Is(err, gorm.ErrRecordNotFound):
			return err
		}
		d.row = &Import{ID: ids.New[ids.Import](s.db.IDs()), ClientID: d.client.ID, Kind: d.request.Kind, Source: d.mapping.Source, FileName: d.request.FileName, FileID: d.request.File,
			FileSHA256: sum, MappingID: saved.ID, Status: StatusRunning, Summary: "{}", ActorID: d.request.Actor, StartedAt: s.db.Now()}
		d.summary.ID = d.row.ID
		return tx.Create(d.row).Error
	})
}

// takeUp goes on with an interrupted import: its counts and issues stay.
func (d *job) takeUp(tx *database.Tx, old Import) error {
	var kept Summary
	if err := json.Unmarshal([]byte(old.Summary), &kept); err != nil {
		return err
	}
	if kept.Codes != nil {
		d.summary.Codes = kept.Codes
	}
	d.summary.Skipped, d.summary.Repeated, d.summary.First, d.summary.Last = kept.Skipped, kept.Repeated, kept.First, kept.Last
	d.summary.ID, d.summary.Resumed, d.summary.Counts, d.row = old.ID, true, old.counts(), &old
	var last issueRow
	err := tx.Where("import_id = ?", old.ID).Order("seq DESC").Take(&last).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	d.seq = last.Seq
	return err
}

// advance writes counts and the settled line, in the transaction of the rows. Only the
// process that brought the import to its line may go on: another one that took up the
// same import finds the line moved, and its rows are rolled back.
func (d *job) advance(tx *database.Tx, line int64) error {
	short := d.summary
	short.Mapping.Fields, short.Mapping.Columns, short.Proposals = nil, nil, nil
	text, err := json.Marshal(short)
	if err != nil {
		return err
	}
	c := d.summary.Counts
	r := tx.Model(&Import{}).Where("id = ? AND status = ? AND resume_line = ?", d.row.ID, StatusRunning, d.row.ResumeLine).Updates(map[string]any{
		"rows_read": c.Read, "rows_new": c.New, "rows_changed": c.Changed, "rows_unchanged": c.Unchanged, "rows_refused": c.Refused,
		"rows_ignored": c.Ignored, "rows_total": c.Total, "resume_line": max(line, d.row.ResumeLine), "summary": string(text)})
	if r.Error == nil && r.RowsAffected == 0 {
		return fault.New(fault.Conflict, "import.stopped", "The import was reverted, or taken up by another process, while it ran. Import the file again once that has ended.")
	}
	return r.Error
}

// finishRow closes the import.
func (s *Service) finishRow(ctx context.Context, d *job) error {
	if d.row == nil {
		return nil
	}
	end := StatusDone
	if c := d.summary.Counts; c.Refused > 0 && c.New+c.Changed+c.Unchanged == 0 {
		end = StatusRefused
	}
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		return tx.Model(&Import{}).Where("id = ? AND status = ?", d.row.ID, StatusRunning).
			Updates(map[string]any{"status": end, "finished_at": s.db.Now()}).Error
	})
}

// Imports lists the imports of the scope, latest first; a zero client means all.
func (s *Service) Imports(ctx context.Context, sc scope.Scope, client ids.Client, limit int) ([]Import, error) {
	var out []Import
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		query := tx.Order("id DESC").Limit(limit)
		if !client.IsZero() {
			query = query.Where("client_id = ?", client)
		}
		return query.Find(&out).Error
	})
	return out, err
}

// Import gives one import.
func (s *Service) Import(ctx context.Context, sc scope.Scope, id ids.Import) (Import, error) {
	var out Import
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = database.One[Import](tx.Where("id = ?", id), "import.not_found", "There is no such import.")
		return err
	})
	return out, err
}

// Issues lists an import's issues after the sequence number, in order.
func (s *Service) Issues(ctx context.Context, sc scope.Scope, id ids.Import, after int64, limit int) ([]StoredIssue, error) {
	var rows []issueRow
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("import_id = ? AND seq > ?", id, after).Order("seq").Limit(limit).Find(&rows).Error
	})
	out := make([]StoredIssue, len(rows))
	for i, r := range rows {
		out[i] = StoredIssue{Seq: r.Seq, Line: r.Line, Grade: r.Severity, Code: r.Code, Column: r.ColumnName, Value: r.Value, Sentence: r.Message}
	}
	return out, err
}
