package scheduling

import (
	"context"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/scope"
)

// NewTierStudy asks how an interval of a plan splits between tiers.
type NewTierStudy struct {
	Plan  ids.Staffing     `json:"plan"`
	At    calendar.Instant `json:"at,omitempty"` // beginning of the interval; 0 = the busiest
	Actor ids.User         `json:"actor,omitzero"`
}

// TierStudy is an interval of a plan split between tiers by simulation, kept with
// its question; it never changes.
type TierStudy struct {
	ID        ids.TierStudy    `gorm:"primaryKey" json:"id"`
	ClientID  ids.Client       `json:"client_id"`
	PlanID    ids.Staffing     `json:"plan_id"`
	StartAt   calendar.Instant `json:"start_at"`
	Question  TierQuestion     `gorm:"serializer:json" json:"question"`
	Answer    TierAnswer       `gorm:"serializer:json" json:"answer"`
	CreatedBy ids.User         `json:"created_by"`
	CreatedAt calendar.Instant `gorm:"autoCreateTime:false" json:"created_at"`
}

// TableName implements gorm's Tabler.
func (TierStudy) TableName() string { return "tier_studies" }

// StudyTiers fills the question from the plan (TierQuestionOf), answers it
// (SettleTiers) and stores both. Errors as of those two.
func (s *Service) StudyTiers(ctx context.Context, sc scope.Scope, n NewTierStudy, progress Progress) (TierStudy, error) {
	plan, err := s.Plan(ctx, sc, n.Plan)
	if err != nil {
		return TierStudy{}, err
	}
	if n.At == 0 {
		points, err := s.PlanPoints(ctx, sc, n.Plan, ids.Queue{})
		if err != nil {
			return TierStudy{}, err
		}
		n.At = busiest(points)
	}
	v := TierStudy{ClientID: plan.ClientID, PlanID: plan.ID, StartAt: n.At, CreatedBy: n.Actor}
	if v.Question, err = s.TierQuestionOf(ctx, sc, n.Plan, n.At); err != nil {
		return TierStudy{}, err
	}
	if v.Answer, err = settleTiers(ctx, v.Question, progress); err != nil {
		return TierStudy{}, err
	}
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		v.ID, v.CreatedAt = ids.New[ids.TierStudy](s.db.IDs()), s.db.Now()
		if err := tx.Create(&v).Error; err != nil {
			return err
		}
		return finish(tx, v.ID)
	})
	return v, err
}

// EnqueueTierStudy makes the job that does StudyTiers; stopping it stores nothing.
func (s *Service) EnqueueTierStudy(ctx context.Context, sc scope.Scope, n NewTierStudy) (jobs.Job, error) {
	plan, err := s.Plan(ctx, sc, n.Plan)
	if err != nil {
		return jobs.Job{}, err
	}
	if n.At%grid != 0 {
		return jobs.Job{}, fault.New(fault.Invalid, "staffing.tiers", "The interval does not begin on a quarter of an hour.")
	}
	return enqueue(ctx, s, sc.Within(plan.ClientID), JobTiers, plan.ClientID, n.Actor, n)
}

// TierStudies lists the studies of a plan, the newest first.
func (s *Service) TierStudies(ctx context.Context, sc scope.Scope, plan ids.Staffing) ([]TierStudy, error) {
	out := []TierStudy{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("plan_id = ?", plan).Order("created_at DESC, id DESC").Limit(200).Find(&out).Error
	})
	return out, err
}
