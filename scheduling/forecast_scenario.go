package scheduling

import (
	"context"
	"slices"
	"strings"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Scenario is a named what-if: a version of a forecast with adjustments that are
// not made in it. What it needs and costs is computed when it is asked for.
type Scenario struct {
	ID          ids.Scenario     `gorm:"primaryKey" json:"id"`
	ClientID    ids.Client       `json:"client_id"`
	ForecastID  ids.Forecast     `json:"forecast_id"` // the base
	Name        string           `json:"name"`        // "promotion ×3"
	Note        string           `json:"note,omitempty"`
	Adjustments []Adjustment     `gorm:"serializer:json" json:"adjustments"`
	Edition     int              `json:"edition"`              // counts the changes; the ETag of the scenario
	PromotedTo  ids.Forecast     `json:"promoted_to,omitzero"` // the draft made of it last
	CreatedBy   ids.User         `json:"created_by"`
	CreatedAt   calendar.Instant `gorm:"autoCreateTime:false" json:"created_at"`
	UpdatedAt   calendar.Instant `gorm:"autoUpdateTime:false" json:"updated_at"`
}

// TableName implements gorm's Tabler.
func (Scenario) TableName() string { return "forecast_scenarios" }

// maxScenarioAdjustments bounds a scenario.
const maxScenarioAdjustments = 200

// NewScenario asks for a scenario.
type NewScenario struct {
	Forecast    ids.Forecast
	Name        string
	Note        string
	Adjustments []Adjustment
	Actor       ids.User
}

// check names what is wrong with name and adjustments and gives them ids.
func (s *Service) checkScenario(name string, list []Adjustment, f Forecast, queues []contract.Queue, actor ids.User) ([]Adjustment, error) {
	if strings.TrimSpace(name) == "" {
		return nil, fault.New(fault.Invalid, "scenario.name", "A scenario needs a name.")
	}
	if len(list) > maxScenarioAdjustments {
		return nil, fault.Newf(fault.Invalid, "scenario.adjustments", "A scenario has at most %d adjustments, not %d.", maxScenarioAdjustments, len(list)).With("most", maxScenarioAdjustments)
	}
	out := slices.Clone(list)
	for i := range out {
		if err := out[i].validate(f, queues); err != nil {
			return nil, err
		}
		out[i].Count = len(out[i].Cells)
		if out[i].ID.IsZero() {
			out[i].ID, out[i].At, out[i].By = ids.New[ids.Any](s.db.IDs()), s.db.Now(), actor
		}
	}
	return out, nil
}

// CreateScenario stores a scenario on a version.
func (s *Service) CreateScenario(ctx context.Context, sc scope.Scope, n NewScenario) (Scenario, error) {
	f, err := s.briefForecast(ctx, sc, n.Forecast)
	if err != nil {
		return Scenario{}, err
	}
	queues, err := s.Contracts.Queues(ctx, sc, f.ClientID)
	if err != nil {
		return Scenario{}, err
	}
	v := Scenario{ClientID: f.ClientID, ForecastID: f.ID, Name: strings.TrimSpace(n.Name), Note: n.Note, Edition: 1, CreatedBy: n.Actor}
	err = s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if v.Adjustments, err = s.checkScenario(n.Name, n.Adjustments, f, queues, n.Actor); err != nil {
			return err
		}
		if v.Adjustments == nil {
			v.Adjustments = []Adjustment{}
		}
		v.ID, v.CreatedAt = ids.New[ids.Scenario](s.db.IDs()), s.db.Now()
		v.UpdatedAt = v.CreatedAt
		return tx.Create(&v).Error
	})
	return v.shown(), err
}

// shown is the scenario without the cells of its adjustments.
func (v Scenario) shown() Scenario {
	v.Adjustments = withoutCells(v.Adjustments)
	if v.Adjustments == nil {
		v.Adjustments = []Adjustment{}
	}
	return v
}

// Scenarios lists the scenarios of a client, of one base when it is not zero, the newest first.
func (s *Service) Scenarios(ctx context.Context, sc scope.Scope, client ids.Client, base ids.Forecast) ([]Scenario, error) {
	var out []Scenario
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Order("created_at DESC, id DESC")
		if !client.IsZero() {
			q = q.Where("client_id = ?", client)
		}
		if !base.IsZero() {
			q = q.Where("forecast_id = ?", base)
		}
		return q.Find(&out).Error
	})
	for i := range out {
		out[i] = out[i].shown()
	}
	return out, err
}

// ForecastScenario gives one scenario, or NotFound.
func (s *Service) ForecastScenario(ctx context.Context, sc scope.Scope, id ids.Scenario) (Scenario, error) {
	v, err := s.wholeScenario(ctx, sc, id)
	return v.shown(), err
}

func (s *Service) wholeScenario(ctx context.Context, sc scope.Scope, id ids.Scenario) (Scenario, error) {
	var v Scenario
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		v, err = database.One[Scenario](tx.Where("id = ?", id), "scenario.not_found", "There is no such scenario.")
		return err
	})
	return v, err
}

// ScenarioEdit is the new state of a scenario. Adjustments that keep their id keep
// their cells, author and time when they come without cells.
type ScenarioEdit struct {
	Name        string
	Note        string
	Adjustments []Adjustment
	Actor       ids.User
}

// UpdateScenario replaces name, note and adjustments of the edition that was read;
// Stale scenario.stale when somebody was faster.
func (s *Service) UpdateScenario(ctx context.Context, sc scope.Scope, id ids.Scenario, edition int, e ScenarioEdit) (Scenario, error) {
	var v Scenario
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		v, err = database.One[Scenario](tx.Clauses(database.ForUpdate()).Where("id = ?", id), "scenario.not_found", "There is no such scenario.")
		if err != nil {
			return err
		}
		if v.Edition != edition {
			return fault.New(fault.Stale, "scenario.stale", "Somebody changed the scenario in the meantime; read it again and repeat the change.").With("current", v.Edition)
		}
		f, err := database.One[Forecast](tx.Omit("explain").Where("id = ?", v.ForecastID), "forecast.not_found", "There is no such forecast.")
		if err != nil {
			return err
		}
		queues, err := s.Contracts.Queues(tx.Context(), sc, v.ClientID)
		if err != nil {
			return err
		}
		list := slices.Clone(e.Adjustments)
		for i, a := range list {
			k := slices.IndexFunc(v.Adjustments, func(old Adjustment) bool { return old.ID == a.ID && !a.ID.IsZero() })
			if k < 0 {
				list[i].ID = ids.Any{}
				continue
			}
			old := v.Adjustments[k]
			list[i].By, list[i].At, list[i].Source = old.By, old.At, old.Source
			if a.Kind == SetCells && len(a.Cells) == 0 {
				list[i].Cells = old.Cells
			}
		}
		if list, err = s.checkScenario(e.Name, list, f, queues, e.Actor); err != nil {
			return err
		}
		v.Name, v.Note, v.Adjustments, v.Edition, v.UpdatedAt = strings.TrimSpace(e.Name), e.Note, list, v.Edition+1, s.db.Now()
		return tx.Model(&v).Select("name", "note", "adjustments", "edition", "updated_at").Updates(&v).Error
	})
	return v.shown(), err
}

// DeleteScenario removes a scenario; drafts made of it stay.
func (s *Service) DeleteScenario(ctx context.Context, sc scope.Scope, id ids.Scenario) (Scenario, error) {
	var v Scenario
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if v, err = database.One[Scenario](tx.Where("id = ?", id), "scenario.not_found", "There is no such scenario."); err != nil {
			return err
		}
		return tx.Where("id = ?", id).Delete(&Scenario{}).Error
	})
	return v.shown(), err
}

// PromoteScenario makes a new draft version of the base with the scenario's
// adjustments; base and scenario stay.
func (s *Service) PromoteScenario(ctx context.Context, sc scope.Scope, id ids.Scenario, actor ids.User) (Forecast, error) {
	var f Forecast
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		v, err := database.One[Scenario](tx.Clauses(database.ForUpdate()).Where("id = ?", id), "scenario.not_found", "There is no such scenario.")
		if err != nil {
			return err
		}
		base, err := database.One[Forecast](tx.Where("id = ?", v.ForecastID), "forecast.not_found", "There is no such forecast.")
		if err != nil {
			return err
		}
		base.Name = v.Name
		if f, err = s.copyForecast(tx, base, actor); err != nil {
			return err
		}
		f.Settings.Scenario = v.ID
		f.Settings.Adjustments = append(slices.Clone(f.Settings.Adjustments), v.Adjustments...)
		if err := s.replay(tx, &f); err != nil {
			return err
		}
		if err := tx.Model(&Scenario{}).Where("id = ?", id).Update("promoted_to", f.ID).Error; err != nil {
			return err
		}
		return s.Events.Publish(tx, events.Message{Type: "forecast.created", Client: f.ClientID, Subject: "forecast/" + f.ID.String(), Data: map[string]any{"version": f.Version, "name": f.Name, "scenario": v.ID}})
	})
	f.Settings.strip()
	return f, err
}
