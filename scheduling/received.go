package scheduling

import (
	"context"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/files"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// ReceivedPlan is one version of staffing that somebody else handed in: a client's
// requirement, what was committed, or what an external provider puts up. The file
// is kept as it came; a version never changes.
type ReceivedPlan struct {
	ID           ids.Any          `gorm:"primaryKey" json:"id"`
	Name         string           `json:"name"`    // versions of one name follow each other
	Version      int              `json:"version"` // counts up per name
	FileID       ids.File         `json:"file_id"`
	SHA256       string           `gorm:"column:sha256" json:"sha256"` // of the file, hexadecimal
	Zone         string           `json:"zone"`                        // of times without an offset
	StartAt      calendar.Instant `json:"start_at"`
	EndAt        calendar.Instant `json:"end_at"`
	Lines        int              `json:"lines"`
	AgentMinutes int64            `json:"agent_minutes"`
	CreatedBy    ids.User         `json:"created_by"`
	CreatedAt    calendar.Instant `gorm:"autoCreateTime:false" json:"created_at"`
}

// TableName implements gorm's Tabler.
func (ReceivedPlan) TableName() string { return "received_plans" }

// ReceivedLine is one row of the file: agents of a source with a combination of
// skills (slugs joined by +, sorted) at work from start to end.
type ReceivedLine struct {
	PlanID  ids.Any          `gorm:"primaryKey" json:"-"`
	Seq     int              `gorm:"primaryKey;autoIncrement:false" json:"seq"`
	Source  string           `json:"source"`
	Skills  string           `json:"skills"`
	StartAt calendar.Instant `json:"start_at"`
	EndAt   calendar.Instant `json:"end_at"`
	Agents  int              `json:"agents"`
}

// TableName implements gorm's Tabler.
func (ReceivedLine) TableName() string { return "received_lines" }

// NewReceived is a staffing file to keep.
type NewReceived struct {
	Name     string
	Text     string // source, skillcombination, startdatetime, enddatetime, agents
	FileName string
	Zone     string // of times without an offset; empty = the provider's
	Actor    ids.User
}

// maxReceivedBytes bounds a staffing file.
const maxReceivedBytes = 16 << 20

// Receive reads a staffing file and keeps it as the next version of its name; the
// same file again is a no-op that gives the version there is. Errors name the row
// that cannot be read; then nothing is kept.
func (s *Service) Receive(ctx context.Context, sc scope.Scope, n NewReceived) (ReceivedPlan, error) {
	n.Name = strings.TrimSpace(n.Name)
	if n.Name == "" || len(n.Name) > 200 {
		return ReceivedPlan{}, fault.New(fault.Invalid, "received.name", "A received plan needs a name of 1 to 200 characters.")
	}
	if n.Zone == "" {
		p, err := s.Contracts.Provider(ctx)
		if err != nil {
			return ReceivedPlan{}, err
		}
		n.Zone = p.Zone
	}
	zone, err := zoneOf(n.Zone)
	if err != nil {
		return ReceivedPlan{}, err
	}
	rows, err := readExchange(n.Text, zone)
	if err != nil {
		return ReceivedPlan{}, err
	}
	if len(rows) == 0 {
		return ReceivedPlan{}, fault.New(fault.Invalid, "received.empty", "The file has no row.")
	}
	if n.FileName == "" {
		n.FileName = "staffing-exchange.csv"
	}
	store := files.New(s.db)
	file, err := store.Create(ctx, sc, files.Spec{Name: n.FileName, MediaType: "text/csv", By: n.Actor, MaxBytes: maxReceivedBytes}, strings.NewReader(n.Text))
	if err != nil {
		return ReceivedPlan{}, err
	}
	p := ReceivedPlan{ID: ids.New[ids.Any](s.db.IDs()), Name: n.Name, FileID: file.ID, SHA256: hex.EncodeToString(file.SHA256), Zone: n.Zone, StartAt: rows[0].span.Start, EndAt: rows[0].span.End,
		Lines: len(rows), CreatedBy: n.Actor, CreatedAt: s.db.Now()}
	lines := make([]ReceivedLine, len(rows))
	for i, r := range rows {
		lines[i] = ReceivedLine{PlanID: p.ID, Seq: i, Source: r.key.source, Skills: r.key.skills, StartAt: r.span.Start, EndAt: r.span.End, Agents: r.agents}
		p.StartAt, p.EndAt = min(p.StartAt, r.span.Start), max(p.EndAt, r.span.End)
		p.AgentMinutes += int64(r.agents) * int64((r.span.End-r.span.Start)/calendar.Minute)
	}
	kept, err := s.storeReceived(ctx, sc, p, lines)
	if err != nil || kept.ID != p.ID { // refused, or there already: the copy of the file goes
		_ = store.Delete(context.WithoutCancel(ctx), sc, file.ID)
	}
	return kept, err
}

// storeReceived writes the lines in short transactions under a number that nobody
// sees, and shows the version in the last one.
func (s *Service) storeReceived(ctx context.Context, sc scope.Scope, p ReceivedPlan, lines []ReceivedLine) (ReceivedPlan, error) {
	if same, err := s.sameReceived(ctx, sc, p); err != nil || same != nil {
		if same != nil {
			p = *same
		}
		return p, err
	}
	hidden := p
	hidden.Name, hidden.Version = p.ID.String(), 0
	if err := s.db.Write(ctx, sc, func(tx *database.Tx) error { return tx.Create(&hidden).Error }); err != nil {
		return p, err
	}
	for part := range slices.Chunk(lines, rowsPerWrite) {
		err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
			_, err := database.Insert(tx, part)
			return err
		})
		if err != nil {
			return p, err
		}
	}
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if p.Version, err = nextVersion(tx.Model(&ReceivedPlan{}).Where("name = ?", p.Name)); err != nil {
			return err
		}
		return raced(tx.Model(&ReceivedPlan{}).Where("id = ?", p.ID).Updates(map[string]any{"name": p.Name, "version": p.Version}).Error)
	})
	return p, err
}

// sameReceived gives the latest version of the name when it is the same file.
func (s *Service) sameReceived(ctx context.Context, sc scope.Scope, p ReceivedPlan) (*ReceivedPlan, error) {
	var last []ReceivedPlan
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("name = ?", p.Name).Order("version DESC").Limit(1).Find(&last).Error
	})
	if err != nil || len(last) == 0 || last[0].SHA256 != p.SHA256 || last[0].Zone != p.Zone {
		return nil, err
	}
	return &last[0], nil
}

// ReceivedPlans lists the versions, the newest first.
func (s *Service) ReceivedPlans(ctx context.Context, sc scope.Scope) ([]ReceivedPlan, error) {
	out := []ReceivedPlan{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("version > 0").Order("created_at DESC, id DESC").Find(&out).Error
	})
	return out, err
}

// Received gives one version with its lines in the order of the file, or NotFound.
func (s *Service) Received(ctx context.Context, sc scope.Scope, id ids.Any) (ReceivedPlan, []ReceivedLine, error) {
	var p ReceivedPlan
	var lines []ReceivedLine
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		if p, err = database.One[ReceivedPlan](tx.Where("id = ? AND version > 0", id), "received.not_found", "There is no such received plan."); err != nil {
			return err
		}
		return tx.Where("plan_id = ?", id).Order("seq").Find(&lines).Error
	})
	return p, lines, err
}

// ReceivedFile gives the file of a version as it came.
func (s *Service) ReceivedFile(ctx context.Context, sc scope.Scope, id ids.Any) (string, []byte, error) {
	p, _, err := s.Received(ctx, sc, id)
	if err != nil {
		return "", nil, err
	}
	file, content, err := files.New(s.db).Open(ctx, sc, p.FileID)
	if err != nil {
		return "", nil, err
	}
	text, err := io.ReadAll(content)
	if closed := content.Close(); err == nil {
		err = closed
	}
	return file.Name, text, err
}

// ReceivedCSV writes the lines of a version in the exchange form; what muster
// exported comes back byte for byte.
func (s *Service) ReceivedCSV(ctx context.Context, sc scope.Scope, id ids.Any) ([]byte, error) {
	p, lines, err := s.Received(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(p.Zone)
	if err != nil {
		return nil, err
	}
	at := map[exchangeKey]map[calendar.Instant]int{}
	for _, l := range lines {
		l.each(func(t calendar.Instant) {
			k := exchangeKey{l.Source, l.Skills}
			if at[k] == nil {
				at[k] = map[calendar.Instant]int{}
			}
			at[k][t] += l.Agents
		})
	}
	return writeExchange(at, zone)
}

// each visits the quarter-hours of a line.
func (l ReceivedLine) each(visit func(calendar.Instant)) {
	for t := l.StartAt; t < l.EndAt; t += grid {
		visit(t)
	}
}
