package intake

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

// Service runs imports. It is safe for concurrent use.
type Service struct {
	db       *database.DB
	contract *contract.Service
	people   *people.Service
}

// NewService makes the service.
func NewService(db *database.DB, c *contract.Service, p *people.Service) *Service {
	return &Service{db: db, contract: c, people: p}
}

// Request asks for one import. The caller has checked the right to import for the client.
type Request struct {
	Kind      Kind
	Client    string                        // slug
	Source    string                        // empty: the mapping's
	Open      func() (io.ReadCloser, error) // opens the file from its beginning; called once per reading
	FileName  string
	File      ids.File          // the stored upload, zero for a file outside the product
	Mapping   *tabular.Mapping  // nil: the saved one, else a proposal that leaves nothing open
	Chosen    map[string]string // column → field, as a person chose instead of a mapping; formats follow from the values
	Preset    string            // tabular.PresetQueueLog when no mapping says so
	Constants map[string]string // fields with the same value for every row, added to a proposal
	DryRun    bool              // read and classify everything, store nothing
	Create    bool              // people: make sites, teams and skills that are missing
	Actor     ids.User
	Progress  func(rows, total int64)    // may be nil; total is 0 during the first reading
	Issue     func(tabular.Issue, Grade) // may be nil; hears every issue in order of lines
}

// Grade says what an issue did to its row.
type Grade string

// The grades of issues.
const (
	GradeRefused Grade = "refused"
	GradeIgnored Grade = "ignored"
	GradeTotal   Grade = "total"
)

// Counts add up: Read = New + Changed + Unchanged + Refused + Ignored + Total.
type Counts struct {
	Read      int64 `json:"read"`
	New       int64 `json:"new"`
	Changed   int64 `json:"changed"`
	Unchanged int64 `json:"unchanged"`
	Refused   int64 `json:"refused"`
	Ignored   int64 `json:"ignored"`
	Total     int64 `json:"total"` // total rows, listed and not counted
}

// Summary is what an import did.
type Summary struct {
	ID        ids.Import         `json:"id"` // zero after a dry run
	Kind      Kind               `json:"kind"`
	Client    string             `json:"client"`
	Source    string             `json:"source"`
	DryRun    bool               `json:"dry_run"`
	Resumed   bool               `json:"resumed"` // went on where an interrupted import stopped
	Format    tabular.Format     `json:"format"`
	Counts    Counts             `json:"counts"`
	Skipped   int64              `json:"skipped_times"`  // local times lost to daylight saving, read as if the clock had not moved
	Repeated  int64              `json:"repeated_times"` // local times that exist twice, read as the first
	Codes     map[string]int64   `json:"codes"`          // issues by code
	First     calendar.Instant   `json:"first"`          // earliest and latest event among the accepted rows
	Last      calendar.Instant   `json:"last"`
	Notes     []string           `json:"notes,omitempty"`     // what the source does not tell and figures will lack
	Proposals []tabular.Proposal `json:"proposals,omitempty"` // when the mapping was proposed
	Mapping   tabular.Mapping    `json:"mapping"`
}

// job is an import while it runs.
type job struct {
	request Request
	client  contract.Client
	names   *directory
	house   *house // people only
	mapping tabular.Mapping
	summary Summary
	row     *Import  // nil in a dry run
	seq     int64    // issues stored
	issues  []graded // of the batch
	total   int64    // rows of the file, from the first reading
	seen    map[ambiguous]bool
	dry     *dryRows // dry run: the rows before
}

// begin checks the request and loads what rows may name.
func (s *Service) begin(ctx context.Context, sc scope.Scope, r Request) (*job, error) {
	if _, err := ParseKind(string(r.Kind)); err != nil {
		return nil, err
	}
	client, err := s.contract.ClientBySlug(ctx, sc, r.Client)
	if err != nil {
		return nil, err
	}
	d := &job{request: r, client: client, seen: map[ambiguous]bool{}}
	if r.Kind == People {
		if err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) (err error) {
			d.house, err = loadHouse(tx, s)
			return err
		}); err != nil {
			return nil, err
		}
	}
	d.names, err = s.load(ctx, client, r.Source)
	return d, err
}

// graded is an issue and what it did to its row.
type graded struct {
	tabular.Issue
	grade Grade
}

// table is an open file.
type table struct {
	*tabular.Reader
	file io.Closer
	rest io.Reader
}

// Close closes table and file.
func (t table) Close() error { return errors.Join(t.Reader.Close(), t.file.Close()) }

// open opens the file as a table; sum (may be nil) hears its bytes.
func (d *job) open(m tabular.Mapping, sum hash.Hash) (*table, error) {
	file, err := d.request.Open()
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "import.unreadable", "The file %s cannot be opened.", d.request.FileName).Wrap(err)
	}
	options := m.Options()
	if options.Preset == "" {
		options.Preset = d.request.Preset
	}
	var in io.Reader = file
	if sum != nil {
		in = io.TeeReader(file, sum)
	}
	reader, err := tabular.Open(in, options)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return &table{Reader: reader, file: file, rest: in}, nil
}

// Run imports a file. A file that cannot be read to its end changes nothing. Rows
// that are wrong are refused one by one; the rest goes in.
func (s *Service) Run(ctx context.Context, sc scope.Scope, r Request) (Summary, error) {
	d, err := s.begin(ctx, sc, r)
	if err != nil {
		return Summary{}, err
	}
	var proposals []tabular.Proposal
	d.mapping, proposals, err = s.mappingFor(ctx, d)
	if err != nil {
		return Summary{}, err
	}
	if err := checkSource(d.mapping.Source); err != nil {
		return Summary{}, err
	}
	if d.mapping.Kind == "" {
		d.mapping.Kind = string(r.Kind)
	}
	// The source is known now, and with it the names its rows use.
	if d.names, err = s.load(ctx, d.client, d.mapping.Source); err != nil {
		return Summary{}, err
	}
	d.summary = Summary{Kind: r.Kind, Client: d.client.Slug, Source: d.mapping.Source, DryRun: r.DryRun, Codes: map[string]int64{}, Proposals: proposals}
	sum, err := s.firstReading(ctx, d)
	if err != nil {
		return Summary{}, err
	}
	d.summary.Mapping = d.mapping
	d.summary.Notes = unknowns(r.Kind, d.mapping)
	if r.DryRun {
		d.dry = newDryRows(d.total)
	} else if err := s.startRow(ctx, d, sum); err != nil {
		return Summary{}, err
	}
	if err := s.secondReading(ctx, d); err != nil {
		return d.summary, err
	}
	return d.summary, s.finishRow(ctx, d)
}

// firstReading reads the file to its end, so that damage is found before anything is
// stored, and gives its SHA-256.
func (s *Service) firstReading(ctx context.Context, d *job) ([]byte, error) {
	sum := sha256.New()
	reader, err := d.open(d.mapping, sum)
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }()
	if _, err := tabular.Compile(Schema(d.request.Kind), d.mapping, reader.Reader); err != nil {
		return nil, err
	}
	if d.request.Kind == Intervals && (d.mapping.Interval == nil || d.mapping.Interval.Minutes == 0) {
		return nil, fault.New(fault.Invalid, "import.invalid_mapping", "The mapping does not say how long the intervals are; state interval.minutes.").With("at", "interval.minutes")
	}
	if len(d.mapping.Columns) == 0 {
		d.mapping.Columns = append([]string(nil), reader.Header()...)
	}
	for {
		_, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		d.total++
		if d.total%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("import: %w", err)
			}
			d.progress(d.total, 0)
		}
	}
	d.summary.Format = reader.Format()
	if _, err := io.Copy(io.Discard, reader.rest); err != nil {
		return nil, fmt.Errorf("import: read the file's end: %w", err)
	}
	return sum.Sum(nil), nil
}

func (d *job) progress(rows, total int64) {
	if d.request.Progress != nil {
		d.request.Progress(rows, total)
	}
}

// secondReading decodes the rows and hands them on in batches.
func (s *Service) secondReading(ctx context.Context, d *job) error {
	reader, err := d.open(d.mapping, nil)
	if err != nil {
		return err
	}
	defer func() { _ = reader.Close() }()
	decoder, err := tabular.Compile(Schema(d.request.Kind), d.mapping, reader.Reader)
	if err != nil {
		return err
	}
	sink := s.sink(d)
	f := newFields(Schema(d.request.Kind), d.mapping)
	resume := int64(0)
	if d.row != nil {
		resume = d.row.ResumeLine
	}
	size, taken, rows, line := firstBatch, 0, int64(0), int64(0)
	flush := func() error {
		began := time.Now()
		err := s.flush(ctx, d, sink, line)
		size, taken = nextBatch(size, time.Since(began)), 0
		d.progress(rows, d.total)
		return err
	}
	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		rows++
		if row.Line <= resume {
			if record, verdict, _ := decoder.Decode(row); verdict == tabular.Accepted {
				f.record = record
				sink.pass(f)
			}
			continue
		}
		record, verdict, issues := decoder.Decode(row)
		f.record = record
		if verdict == tabular.Accepted && sink.holds(f) {
			if err := flush(); err != nil {
				return err
			}
		}
		line = row.Line
		d.summary.Counts.Read++
		d.judge(sink, f, verdict, issues)
		if taken++; taken >= size {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// judge counts the row: an issue, or a draft in the sink.
func (d *job) judge(sink sink, f *fields, verdict tabular.Verdict, issues []tabular.Issue) {
	switch verdict {
	case tabular.Ignored:
		d.summary.Counts.Ignored++
		d.note(GradeIgnored, issues)
	case tabular.Total:
		d.summary.Counts.Total++
		d.note(GradeTotal, issues)
	case tabular.Refused:
		d.summary.Counts.Refused++
		d.note(GradeRefused, issues)
	case tabular.Accepted:
		if problem := sink.take(f); problem != nil {
			d.summary.Counts.Refused++
			d.note(GradeRefused, []tabular.Issue{*problem})
			return
		}
		for _, v := range f.record.Values {
			switch v.Local {
			case tabular.LocalSkipped:
				d.summary.Skipped++
			case tabular.LocalRepeated:
				d.summary.Repeated++
			case tabular.LocalOnce:
			}
		}
	}
}

// note keeps issues for storing and counts them by code.
func (d *job) note(grade Grade, issues []tabular.Issue) {
	for _, i := range issues {
		d.summary.Codes[i.Code]++
		d.issues = append(d.issues, graded{i, grade})
	}
}

// issueRows makes the stored issues of the batch.
func (d *job) issueRows() []issueRow {
	rows := make([]issueRow, len(d.issues))
	for n, i := range d.issues {
		rows[n] = issueRow{ImportID: d.row.ID, Seq: d.seq + int64(n) + 1, ClientID: d.client.ID, Line: i.Line, Severity: i.grade, Code: i.Code, ColumnName: i.Column, Value: i.Value, Message: i.Sentence}
	}
	return rows
}
