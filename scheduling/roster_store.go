package scheduling

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// staged is the status of a version whose rows are still being written. Nobody
// sees such a version; the last, short transaction turns it into a draft.
const staged Status = "staged"

// rowsPerWrite bounds the rows of one write transaction: an embedded database has
// one writer, and nobody shall wait for it longer than about 50 ms.
const rowsPerWrite = 1200

// staleStage is after how long the rows of a broken-off write are cleared away.
const staleStage = 6 * calendar.Hour

// storeRoster writes the version with everything that belongs to it, as a draft or
// at once in force, as its frame says.
func (s *Service) storeRoster(ctx context.Context, sc scope.Scope, d draftRoster, sol *roster.Solution, n NewRoster) (Roster, error) {
	rows, err := d.rows(s, sol.Shifts)
	if err != nil {
		return Roster{}, err
	}
	if d.Summary, err = d.summary(sol); err != nil {
		return Roster{}, err
	}
	d.Summary.Seed = max(1, n.Seed)
	var text bytes.Buffer
	if err := json.NewEncoder(&text).Encode(&d.problem); err != nil {
		return Roster{}, err
	}
	d.Problem = text.String()
	if d.Status == Published {
		if err := s.checkPast(ctx, sc, d.Roster, &d.problem, rows); err != nil {
			return Roster{}, err
		}
	}
	return s.stageRoster(ctx, sc, d.Roster, rows, d.coverage(sol.Coverage.Staffed))
}

// stageRoster writes the rows of a version in short transactions under a status
// that nobody sees, and gives it the next number of its name and the status of its
// frame in the last one. Should that not be reached, the rows are cleared away.
func (s *Service) stageRoster(ctx context.Context, sc scope.Scope, r Roster, rows []Shift, cover []Coverage) (Roster, error) {
	if err := s.clearStages(ctx, sc, s.db.Now()-staleStage); err != nil {
		return r, err
	}
	name, status := r.Name, r.Status
	r.ID, r.CreatedAt, r.Version, r.Status = ids.New[ids.Roster](s.db.IDs()), s.db.Now(), 0, staged
	r.Name = r.ID.String() // versions are unique per name
	if r.Received == nil {
		r.Received = []ReceivedUse{}
	}
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error { return tx.Create(&r).Error })
	if err == nil {
		err = s.stageRows(ctx, sc, r.ID, rows, cover)
	}
	if err == nil {
		r.Name, r.Status = name, status
		err = s.db.Write(ctx, sc, func(tx *database.Tx) error { return s.unveilRoster(tx, &r) })
	}
	if err != nil {
		// The first error is what matters; what stays is cleared away later.
		_ = s.dropStage(context.WithoutCancel(ctx), sc, r.ID)
	}
	return r, err
}

// stageRows writes shifts and coverage in pieces.
func (s *Service) stageRows(ctx context.Context, sc scope.Scope, id ids.Roster, rows []Shift, cover []Coverage) error {
	for len(rows) > 0 {
		n, size := 0, 0
		for n < len(rows) && (n == 0 || size+1+len(rows[n].Activities) <= rowsPerWrite) {
			size += 1 + len(rows[n].Activities)
			n++
		}
		part := rows[:n]
		rows = rows[n:]
		if err := s.db.Write(ctx, sc, func(tx *database.Tx) error { return insertShifts(tx, id, part) }); err != nil {
			return err
		}
	}
	for i := range cover {
		cover[i].RosterID = id
	}
	for part := range slices.Chunk(cover, rowsPerWrite) {
		err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
			_, err := database.Insert(tx, part)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unveilRoster gives the staged version its name and number and shows it.
func (s *Service) unveilRoster(tx *database.Tx, r *Roster) (err error) {
	if r.Version, err = nextVersion(tx.Model(&Roster{}).Where("name = ?", r.Name)); err != nil {
		return err
	}
	changes := map[string]any{"name": r.Name, "version": r.Version, "status": r.Status}
	if r.Status == Published {
		now := s.db.Now()
		changes["published_at"], r.PublishedAt = now, &now
	}
	if err := tx.Model(&Roster{}).Where("id = ?", r.ID).Updates(changes).Error; err != nil {
		return raced(err)
	}
	if err := s.Events.Publish(tx, events.Message{Type: "roster.created", Subject: "roster/" + r.ID.String(), Data: map[string]any{"name": r.Name, "version": r.Version}}); err != nil {
		return err
	}
	if r.Status == Published {
		if err := s.announce(tx, *r, "roster.published"); err != nil {
			return err
		}
	}
	return finish(tx, r.ID)
}

// clearStages removes what broken-off writes left before the instant.
func (s *Service) clearStages(ctx context.Context, sc scope.Scope, before calendar.Instant) error {
	var left []ids.Roster
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Model(&Roster{}).Where("status = ? AND created_at < ?", staged, before).Limit(10).Pluck("id", &left).Error
	})
	for _, id := range left {
		if err == nil {
			err = s.dropStage(ctx, sc, id)
		}
	}
	return err
}

// dropStage deletes a staged version in pieces.
func (s *Service) dropStage(ctx context.Context, sc scope.Scope, id ids.Roster) error {
	for done := false; !done; {
		err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
			var part []ids.Shift
			if err := tx.Model(&Shift{}).Where("roster_id = ?", id).Limit(200).Pluck("id", &part).Error; err != nil {
				return err
			}
			if done = len(part) == 0; done {
				return nil
			}
			if err := tx.Where("shift_id IN ?", part).Delete(&Activity{}).Error; err != nil {
				return err
			}
			return tx.Where("id IN ?", part).Delete(&Shift{}).Error
		})
		if err != nil {
			return err
		}
	}
	return s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if err := tx.Where("roster_id = ?", id).Delete(&Coverage{}).Error; err != nil {
			return err
		}
		return tx.Where("id = ? AND status = ?", id, staged).Delete(&Roster{}).Error
	})
}

// insertShifts writes shifts with their activities under a roster.
func insertShifts(tx *database.Tx, id ids.Roster, rows []Shift) error {
	var activities []Activity
	for i := range rows {
		rows[i].RosterID = id
		for k := range rows[i].Activities {
			a := &rows[i].Activities[k]
			a.ShiftID, a.RosterID, a.AgentID, a.Seq = rows[i].ID, id, rows[i].AgentID, k
		}
		activities = append(activities, rows[i].Activities...)
	}
	if _, err := database.Insert(tx, rows); err != nil {
		return err
	}
	_, err := database.Insert(tx, activities)
	return err
}
