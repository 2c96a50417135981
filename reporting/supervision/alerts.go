package supervision

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"muster/routing"
	"muster/tenants/audit"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// FloorAlert is a finding as it is kept: it opens once, is acknowledged by a person and
// closes when its cause is gone.
type FloorAlert struct {
	ID             ids.Any           `gorm:"primaryKey" json:"id"`
	ClientID       ids.Client        `json:"client_id,omitzero"`
	Rule           string            `json:"rule" enum:"waiting,oldest,service_level,projected,nobody,adherence,call_up,partner,set_aside"`
	Subject        string            `json:"subject" doc:"kind/id of what it is about: queue, agent, pool, partner, client or floor"`
	Severity       string            `json:"severity" enum:"bad,watch"`
	Value          float64           `json:"value"`
	Threshold      float64           `json:"threshold"`
	Proposal       *FloorProposal    `gorm:"serializer:json" json:"proposal,omitempty"`
	OpenedAt       calendar.Instant  `json:"opened_at"`
	SeenAt         calendar.Instant  `json:"seen_at"`
	ClosedAt       *calendar.Instant `json:"closed_at,omitempty"`
	AcknowledgedAt *calendar.Instant `json:"acknowledged_at,omitempty"`
	AcknowledgedBy ids.User          `json:"acknowledged_by,omitzero"`
	Note           string            `json:"note,omitempty"`
}

// TableName implements gorm's Tabler.
func (FloorAlert) TableName() string { return "floor_alerts" }

// Times of the alerts.
const (
	evaluateEvery = 5 * time.Second
	quietFor      = 20 * calendar.Second // a cause must be gone so long before its alert closes
)

// Run evaluates the floor until the context ends. Any number of nodes may do it.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(evaluateEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := s.Evaluate(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("the floor's alerts", "error", err)
		}
	}
}

// Evaluate judges the floor once, opens and closes alerts, and opens reserve pools
// whose policy says so.
func (s *Service) Evaluate(ctx context.Context) error {
	all := scope.Provider()
	f, err := s.Live.Floor(ctx, all)
	if err != nil {
		return err
	}
	look, err := s.look(ctx, f)
	if err != nil {
		return err
	}
	view, err := s.view(ctx, all, f, look, Rights{})
	if err != nil {
		return err
	}
	provider, err := s.Live.ProviderPolicy(ctx, all)
	if err != nil {
		return err
	}
	plans, err := s.Live.QueuePolicies(ctx, all)
	if err != nil {
		return err
	}
	own := map[ids.Queue]routing.AlertPolicy{}
	for id, p := range plans {
		if p.Alerts != nil {
			own[id] = *p.Alerts
		}
	}
	findings := Judge(view, f, look, provider.Policy.Alerts, own)
	called, err := s.callUps(ctx, f, look)
	if err != nil {
		return err
	}
	silent, err := s.partners(ctx)
	if err != nil {
		return err
	}
	aside, err := s.setAside(ctx)
	if err != nil {
		return err
	}
	findings = slices.Concat(findings, called, silent, aside)
	Propose(findings, f, look)
	return s.keep(ctx, f.At, findings)
}

// keep brings the rows in line with the findings.
func (s *Service) keep(ctx context.Context, at calendar.Instant, findings []Finding) error {
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		var open []FloorAlert
		if err := tx.Where("closed_at IS NULL").Find(&open).Error; err != nil {
			return err
		}
		known := map[[2]string]FloorAlert{}
		for _, a := range open {
			known[[2]string{a.Rule, a.Subject}] = a
		}
		for _, f := range findings {
			key := [2]string{f.Rule, f.Subject}
			if a, ok := known[key]; ok {
				delete(known, key)
				if err := tx.Model(&FloorAlert{ID: a.ID}).Select("severity", "value", "threshold", "proposal", "seen_at").Updates(&FloorAlert{Severity: f.Severity, Value: f.Value, Threshold: f.Threshold, Proposal: f.Proposal, SeenAt: at}).Error; err != nil {
					return err
				}
				continue
			}
			if err := s.open(tx, at, f); err != nil {
				return err
			}
		}
		for _, a := range known {
			if at-a.SeenAt < quietFor {
				continue
			}
			if err := tx.Model(&FloorAlert{}).Where("id = ?", a.ID).Update("closed_at", at).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// open stores a new alert and tells of it.
func (s *Service) open(tx *database.Tx, at calendar.Instant, f Finding) error {
	a := FloorAlert{ID: ids.New[ids.Any](s.db.IDs()), ClientID: f.Client, Rule: f.Rule, Subject: f.Subject, Severity: f.Severity, Value: f.Value, Threshold: f.Threshold, Proposal: f.Proposal, OpenedAt: at, SeenAt: at}
	r := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&a)
	if r.Error != nil || r.RowsAffected == 0 {
		return r.Error // another node was first
	}
	return s.Events.Publish(tx, events.Message{Type: "floor.alert_opened", Client: f.Client, Subject: "alert/" + a.ID.String(), Data: map[string]any{"rule": f.Rule, "subject": f.Subject, "severity": f.Severity, "value": f.Value, "threshold": f.Threshold}})
}

// Acknowledge notes that a person has taken an alert on. A second one is told who was first.
func (s *Service) Acknowledge(ctx context.Context, sc scope.Scope, id ids.Any, note string, by ids.User) (FloorAlert, error) {
	if len([]rune(note)) > 500 {
		return FloorAlert{}, fault.New(fault.Invalid, "floor.note", "A note has at most 500 characters.")
	}
	var a FloorAlert
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if a, err = database.One[FloorAlert](tx.Where("id = ?", id), "floor.no_alert", "There is no such alert."); err != nil {
			return err
		}
		if a.AcknowledgedAt != nil {
			return fault.New(fault.Conflict, "floor.acknowledged", "Somebody has taken this alert on already.")
		}
		now := s.db.Now()
		a.AcknowledgedAt, a.AcknowledgedBy, a.Note = &now, by, note
		return tx.Model(&FloorAlert{}).Where("id = ?", id).Updates(map[string]any{"acknowledged_at": now, "acknowledged_by": by, "note": note}).Error
	})
	return a, err
}

// AlertHistory lists the alerts of the scope, the newest first, at most limit.
func (s *Service) AlertHistory(ctx context.Context, sc scope.Scope, limit int) ([]FloorAlert, error) {
	var out []FloorAlert
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Order("opened_at DESC, id").Limit(min(max(limit, 1), 500)).Find(&out).Error
	})
	return out, err
}

// callUps judges each closed reserve pool; an automatic one is opened.
func (s *Service) callUps(ctx context.Context, f routing.Floor, look outlook) ([]Finding, error) {
	var out []Finding
	watched, err := s.Live.WatchedQueues(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range f.Pools {
		if !p.Policy.Reserve || p.Open || p.Policy.CallUp.Mode == routing.CallUpOff {
			continue
		}
		queues := watched[p.Slug]
		c, ok := Ahead(poolAhead(p.Policy.CallUp, queues, look))
		if !ok {
			continue
		}
		begins := look.at + calendar.Instant(c.From)*look.slot
		until := begins + calendar.Instant(c.Slots)*look.slot
		action := FloorAction{Kind: OpenPool, Pool: p.Slug, Until: &until}
		if p.Policy.CallUp.Mode == routing.CallUpAutomatic {
			if _, err := s.act(ctx, scope.Provider(), action, ids.User{}, audit.Machine); err != nil {
				return nil, err
			}
			continue
		}
		proposal := &FloorProposal{Action: action, Cause: c.Cause, Agents: round(c.Agents), Begins: &begins, Effect: []FloorEffect{}}
		for _, q := range f.Queues {
			if contains(queues, q.Queue.ID) {
				proposal.Effect = append(proposal.Effect, look.effect(q, f, float64(p.Ready)/float64(max(1, len(queues)))))
			}
		}
		out = append(out, Finding{Rule: RuleCallUp, Subject: "pool/" + p.Slug, Severity: Watch, Value: round(c.Agents), Threshold: float64(max(1, p.Policy.CallUp.GapAgents)), Proposal: proposal})
	}
	return out, nil
}

// defaultLead is how far ahead a peak calls a pool up, in minutes.
const defaultLead = 30

func poolAhead(policy routing.CallUpPolicy, queues []ids.Queue, look outlook) Pool {
	lead := policy.LeadMinutes
	if lead == 0 {
		lead = defaultLead
	}
	p := Pool{LeadSlots: max(1, lead*int(calendar.Minute)/int(look.slot)), GapAgents: float64(policy.GapAgents)}
	for _, q := range queues {
		if d, ok := look.days[q]; ok {
			p.Queues = append(p.Queues, d)
			p.Recent += look.recent[q][0]
			p.Expected += look.recent[q][1]
		}
	}
	return p
}

// unreachable is from how many attempts a partner counts as silent.
const unreachable = 3

// partners finds those who could not be told of a hand-over.
func (s *Service) partners(ctx context.Context) ([]Finding, error) {
	open, err := s.Live.Handovers(ctx, scope.Provider(), 100)
	if err != nil {
		return nil, err
	}
	worst := map[string]int{}
	for _, h := range open {
		if h.Status == routing.HandoverPending && h.Attempts >= unreachable {
			worst[h.Partner] = max(worst[h.Partner], h.Attempts)
		}
	}
	var out []Finding
	for partner, n := range worst {
		out = append(out, Finding{Rule: RulePartner, Subject: "partner/" + partner, Severity: Bad, Value: float64(n), Threshold: unreachable})
	}
	return out, nil
}

// setAside finds the clients whose inputs the floor could not take.
func (s *Service) setAside(ctx context.Context) ([]Finding, error) {
	open, err := s.Live.SetAside(ctx, scope.Provider(), true, 500)
	if err != nil {
		return nil, err
	}
	var out []Finding
	at := map[ids.Client]int{}
	for _, a := range open {
		i, known := at[a.ClientID]
		if !known {
			i, at[a.ClientID] = len(out), len(out)
			subject := "client/" + a.ClientID.String()
			if a.ClientID.IsZero() {
				subject = "floor/main"
			}
			out = append(out, Finding{Rule: RuleSetAside, Subject: subject, Client: a.ClientID, Severity: Bad})
		}
		out[i].Value++
	}
	return out, nil
}
