package scheduling

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"muster/scheduling/staffing"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// CapacityShrinkage is one kind of paid time in which no contacts are taken.
type CapacityShrinkage struct {
	Type  string  `json:"type" maxLength:"60"` // leave, sickness, training, breaks: the house's own words
	Rate  float64 `json:"rate" minimum:"0" maximum:"1"`
	Basis string  `json:"basis,omitempty" enum:"paid,remaining" doc:"paid (default): shares add up; remaining: of the time the others leave"`
}

// CapacityMonth is what one month asks for and costs.
type CapacityMonth struct {
	Name          string              `json:"name" maxLength:"40"`        // such as 2026-03
	RequiredHours float64             `json:"required_hours" minimum:"0"` // seat hours, before shrinkage
	HoursPerFTE   float64             `json:"hours_per_fte" minimum:"0"`  // paid hours of a full-time agent
	Shrinkage     []CapacityShrinkage `json:"shrinkage" maxItems:"20"`
	Attrition     float64             `json:"attrition" minimum:"0" maximum:"1"` // share of trained agents who leave in the month
	CostPerHead   int64               `json:"cost_per_head_minor" minimum:"0"`   // minor units a head and month
}

// HiringClass is a group of people who start together.
type HiringClass struct {
	Name       string    `json:"name" maxLength:"60"`
	Start      int       `json:"start" minimum:"0"` // index of the month
	Size       int       `json:"size" minimum:"0"`
	Ramp       []float64 `json:"ramp,omitempty" maxItems:"36"`      // productivity by month since the start, 0 to 1, 1 afterwards; leading zeros are training
	Attrition  []float64 `json:"attrition,omitempty" maxItems:"36"` // share that leaves by month since the start; the month's rate afterwards
	CostToHire int64     `json:"cost_to_hire_minor,omitempty" minimum:"0"`
	MonthlyPay int64     `json:"monthly_pay_minor,omitempty" minimum:"0"` // while the ramp lasts; 0 = the month's cost per head
}

// HiringProposal lets the plan open classes where people are short.
type HiringProposal struct {
	Lead       int         `json:"lead" minimum:"0"`      // months before a class can start
	MinSize    int         `json:"min_size,omitempty"`    //
	MaxSize    int         `json:"max_size,omitempty"`    // 0 = no limit
	MaxClasses int         `json:"max_classes,omitempty"` // a month; 0 = 1
	Tolerated  float64     `json:"tolerated,omitempty"`   // share of the required FTE that may stay open
	Class      HiringClass `json:"class" doc:"Ramp, attrition and cost of a proposed class"`
}

// CapacityQuestion is what a capacity plan is made from.
type CapacityQuestion struct {
	Currency string          `json:"currency"`
	Heads    float64         `json:"heads" minimum:"0"` // trained full-time agents at the start
	Months   []CapacityMonth `json:"months" minItems:"1" maxItems:"60"`
	Classes  []HiringClass   `json:"classes,omitempty" maxItems:"200"`
	Propose  *HiringProposal `json:"propose,omitempty"`
}

// CapacityLine is the plan of one month.
type CapacityLine struct {
	Name        string       `json:"name"`
	Start       float64      `json:"start"`          // trained heads at the start of the month
	Leavers     float64      `json:"leavers"`        //
	Joiners     int          `json:"joiners"`        //
	Heads       float64      `json:"heads"`          // on the payroll at the end of the month
	InRamp      float64      `json:"in_ramp"`        // of these, not yet fully productive
	Productive  float64      `json:"productive_fte"` // mean of the month, before shrinkage
	RequiredFTE float64      `json:"required_fte"`   // before shrinkage
	Gap         float64      `json:"gap_fte"`        // below 0 people are short
	Shrinkage   float64      `json:"shrinkage"`      // all types together
	CostOfHeads money.Amount `json:"cost_of_heads"`
	CostToHire  money.Amount `json:"cost_to_hire"`
}

// CapacityAnswer is a capacity plan: a line per month and the classes in it.
type CapacityAnswer struct {
	Lines   []CapacityLine `json:"lines"`
	Classes []HiringClass  `json:"classes"` // given and proposed
	Cost    money.Amount   `json:"cost"`
}

// CapacityPlan is a stored capacity plan.
type CapacityPlan struct {
	ID        ids.Capacity     `gorm:"primaryKey" json:"id"`
	ClientID  ids.Client       `json:"client_id"`
	Name      string           `json:"name"`
	Question  CapacityQuestion `gorm:"serializer:json" json:"question"`
	Answer    CapacityAnswer   `gorm:"serializer:json" json:"answer"`
	Edition   int              `json:"edition"` // counts the changes; the ETag of the plan
	CreatedBy ids.User         `json:"created_by"`
	CreatedAt calendar.Instant `gorm:"autoCreateTime:false" json:"created_at"`
	UpdatedAt calendar.Instant `gorm:"autoUpdateTime:false" json:"updated_at"`
}

// TableName implements gorm's Tabler.
func (CapacityPlan) TableName() string { return "capacity_plans" }

// PlanCapacity answers a question by staffing.PlanCapacity. It stores nothing.
func PlanCapacity(q CapacityQuestion) (CapacityAnswer, error) {
	currency, err := money.ParseCurrency(q.Currency)
	if err != nil {
		return CapacityAnswer{}, fault.Newf(fault.Invalid, "staffing.capacity_currency", "%s.", err)
	}
	if len(q.Months) == 0 {
		return CapacityAnswer{}, fault.New(fault.Invalid, "staffing.capacity_months", "A capacity plan needs at least one month.")
	}
	in := staffing.CapacityInput{Heads: q.Heads}
	for _, m := range q.Months {
		month := staffing.CapacityMonth{Name: m.Name, Required: m.RequiredHours, HoursPerFTE: m.HoursPerFTE, Attrition: m.Attrition, CostPerHead: m.CostPerHead}
		for _, s := range m.Shrinkage {
			month.Shrinkage = append(month.Shrinkage, staffing.Shrinkage{Type: s.Type, Rate: s.Rate, Basis: staffing.ShrinkageBasis(s.Basis)})
		}
		in.Months = append(in.Months, month)
	}
	for _, c := range q.Classes {
		in.Classes = append(in.Classes, staffing.HiringClass(c))
	}
	if p := q.Propose; p != nil {
		in.Propose = &staffing.Proposal{Lead: p.Lead, MinSize: p.MinSize, MaxSize: p.MaxSize, Class: staffing.HiringClass(p.Class), Tolerated: p.Tolerated, MaxClasses: p.MaxClasses}
	}
	plan, err := staffing.PlanCapacity(in)
	if err != nil {
		return CapacityAnswer{}, err
	}
	amount := func(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: currency} }
	out := CapacityAnswer{Lines: []CapacityLine{}, Classes: []HiringClass{}, Cost: amount(plan.Cost)}
	for _, l := range plan.Lines {
		out.Lines = append(out.Lines, CapacityLine{Name: l.Name, Start: l.Start, Leavers: l.Leavers, Joiners: l.Joiners, Heads: l.Heads, InRamp: l.InRamp, Productive: l.Productive,
			RequiredFTE: l.RequiredFTE, Gap: l.Gap, Shrinkage: l.Shrinkage, CostOfHeads: amount(l.CostOfHeads), CostToHire: amount(l.CostToHire)})
	}
	for _, c := range plan.Classes {
		out.Classes = append(out.Classes, HiringClass(c))
	}
	return out, nil
}

// CreateCapacityPlan answers a question and stores both.
func (s *Service) CreateCapacityPlan(ctx context.Context, sc scope.Scope, client ids.Client, name string, q CapacityQuestion, actor ids.User) (CapacityPlan, error) {
	if _, err := s.Contracts.Client(ctx, sc, client); err != nil {
		return CapacityPlan{}, err
	}
	p := CapacityPlan{ClientID: client, Edition: 1, CreatedBy: actor}
	if err := p.answer(name, q); err != nil {
		return CapacityPlan{}, err
	}
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		p.ID, p.CreatedAt = ids.New[ids.Capacity](s.db.IDs()), s.db.Now()
		p.UpdatedAt = p.CreatedAt
		return tx.Create(&p).Error
	})
	return p, err
}

// answer sets name, question and answer.
func (p *CapacityPlan) answer(name string, q CapacityQuestion) (err error) {
	if p.Name = strings.TrimSpace(name); p.Name == "" {
		return fault.New(fault.Invalid, "staffing.capacity_name", "A capacity plan needs a name.")
	}
	p.Question = q
	p.Answer, err = PlanCapacity(q)
	return err
}

// CapacityPlans lists the capacity plans of a client, zero meaning all, the newest first.
func (s *Service) CapacityPlans(ctx context.Context, sc scope.Scope, client ids.Client) ([]CapacityPlan, error) {
	out := []CapacityPlan{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Order("created_at DESC, id DESC")
		if !client.IsZero() {
			q = q.Where("client_id = ?", client)
		}
		return q.Find(&out).Error
	})
	return out, err
}

// CapacityPlanOf gives one capacity plan, or NotFound.
func (s *Service) CapacityPlanOf(ctx context.Context, sc scope.Scope, id ids.Capacity) (CapacityPlan, error) {
	var out CapacityPlan
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = database.One[CapacityPlan](tx.Where("id = ?", id), "staffing.capacity_not_found", "There is no such capacity plan.")
		return err
	})
	return out, err
}

// UpdateCapacityPlan answers a changed question of the edition that was read; Stale
// staffing.capacity_stale when somebody was faster.
func (s *Service) UpdateCapacityPlan(ctx context.Context, sc scope.Scope, id ids.Capacity, edition int, name string, q CapacityQuestion) (CapacityPlan, error) {
	var p CapacityPlan
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		p, err = database.One[CapacityPlan](tx.Clauses(database.ForUpdate()).Where("id = ?", id), "staffing.capacity_not_found", "There is no such capacity plan.")
		if err != nil {
			return err
		}
		if p.Edition != edition {
			return fault.New(fault.Stale, "staffing.capacity_stale", "Somebody changed the capacity plan in the meantime; read it again and repeat the change.").With("current", p.Edition)
		}
		if err := p.answer(name, q); err != nil {
			return err
		}
		p.Edition, p.UpdatedAt = p.Edition+1, s.db.Now()
		return tx.Model(&p).Select("name", "question", "answer", "edition", "updated_at").Updates(&p).Error
	})
	return p, err
}

// DeleteCapacityPlan removes a capacity plan.
func (s *Service) DeleteCapacityPlan(ctx context.Context, sc scope.Scope, id ids.Capacity) (CapacityPlan, error) {
	p, err := s.CapacityPlanOf(ctx, sc, id)
	if err != nil {
		return p, err
	}
	return p, s.db.Write(ctx, sc, func(tx *database.Tx) error { return tx.Where("id = ?", id).Delete(&CapacityPlan{}).Error })
}

// CapacitySuggestion is a question filled from what is known, and what was assumed.
type CapacitySuggestion struct {
	Question CapacityQuestion `json:"question"`
	Notes    []string         `json:"notes"`
}

// maxCapacityMonths bounds a suggestion.
const maxCapacityMonths = 36

// SuggestCapacity fills the question of a client from its data: heads and pay of the
// people who serve it, the attrition of the last twelve months, shrinkage of the
// terms, and the seat hours of staffing plans by calendar month; months without a
// plan repeat the hours a day of those that have one.
func (s *Service) SuggestCapacity(ctx context.Context, sc scope.Scope, client ids.Client, from calendar.Date, months int) (CapacitySuggestion, error) {
	c, err := s.Contracts.Client(ctx, sc, client)
	if err != nil {
		return CapacitySuggestion{}, err
	}
	if months < 1 || months > maxCapacityMonths {
		return CapacitySuggestion{}, fault.Newf(fault.Invalid, "staffing.capacity_months", "A capacity plan is suggested for 1 to %d months, not %d.", maxCapacityMonths, months)
	}
	zone, err := zoneOf(c.Zone)
	if err != nil {
		return CapacitySuggestion{}, err
	}
	now := s.db.Now()
	today := calendar.DateOf(now, zone)
	if from == 0 {
		from = today
	}
	y, m, _ := from.Parts()
	queues, err := s.queuesOf(ctx, sc, client, now)
	if err != nil {
		return CapacitySuggestion{}, err
	}
	force, err := s.workforceOf(ctx, client, queues, now, today)
	if err != nil {
		return CapacitySuggestion{}, err
	}
	out := CapacitySuggestion{Notes: append([]string{}, force.notes...), Question: CapacityQuestion{Currency: string(force.currency), Heads: force.heads}}
	if force.currency == "" {
		out.Question.Currency = string(c.Currency)
	}
	var perHead int64
	if a, err := force.round(force.monthly); err != nil {
		return out, err
	} else if a != nil {
		perHead = a.Minor
	}
	if perHead == 0 {
		out.Notes = append(out.Notes, "No pay is known; set the cost of a head.")
	}
	attrition, err := s.attritionOf(ctx, client, today)
	if err != nil {
		return out, err
	}
	hours, err := s.plannedHours(ctx, sc, client, zone)
	if err != nil {
		return out, err
	}
	shrinkage := 0.0
	for _, q := range queues {
		shrinkage += q.terms.Shrinkage / float64(len(queues))
	}
	for k := range months {
		first, next := calendar.NewDate(y, m+time.Month(k), 1), calendar.NewDate(y, m+time.Month(k+1), 1)
		month := CapacityMonth{Name: first.String()[:7], HoursPerFTE: force.weekHours * float64(next-first) / 7, Attrition: attrition, CostPerHead: perHead, Shrinkage: []CapacityShrinkage{{Type: "terms", Rate: shrinkage}}}
		planned, days := hours.within(first, next)
		switch {
		case days == int(next-first):
			month.RequiredHours = planned
		case hours.days > 0:
			month.RequiredHours = planned + hours.total/float64(hours.days)*float64(int(next-first)-days)
			out.Notes = append(out.Notes, fmt.Sprintf("%s: %d of %d days have a staffing plan; the others are counted with the mean of planned days.", month.Name, days, int(next-first)))
		default:
			out.Notes = append(out.Notes, fmt.Sprintf("%s: no staffing plan exists; set the required hours.", month.Name))
		}
		out.Question.Months = append(out.Question.Months, month)
	}
	return out, nil
}

// attritionOf gives the share of agents who leave in a month, from those who left in
// the last twelve: leavers over the mean of heads at both ends, over twelve.
func (s *Service) attritionOf(ctx context.Context, client ids.Client, today calendar.Date) (float64, error) {
	agents, err := s.People.Agents(ctx, scope.Provider().Within(client))
	if err != nil {
		return 0, err
	}
	left, then, now := 0.0, 0.0, 0.0
	year := today - 365
	for _, a := range agents {
		if a.LeftOn != nil && *a.LeftOn > year && *a.LeftOn <= today {
			left++
		}
		if employed(a, year) {
			then++
		}
		if employed(a, today) {
			now++
		}
	}
	if then+now == 0 {
		return 0, nil
	}
	return min(1, left/((then+now)/2)/12), nil
}

// employed says whether the agent was with the provider on the date.
func employed(a people.Agent, on calendar.Date) bool {
	return (a.HiredOn == nil || *a.HiredOn <= on) && (a.LeftOn == nil || *a.LeftOn > on)
}

// hoursByDay are planned seat hours.
type hoursByDay struct {
	hours map[calendar.Date]float64
	total float64
	days  int
}

// within sums the hours of planned days of [from, to).
func (h hoursByDay) within(from, to calendar.Date) (sum float64, days int) {
	for d := from; d < to; d++ {
		if v, ok := h.hours[d]; ok {
			sum += v
			days++
		}
	}
	return sum, days
}

// maxReadPlans bounds the plans behind a suggestion.
const maxReadPlans = 24

// plannedHours reads the newest staffing plan of every day.
func (s *Service) plannedHours(ctx context.Context, sc scope.Scope, client ids.Client, zone *time.Location) (hoursByDay, error) {
	out := hoursByDay{hours: map[calendar.Date]float64{}}
	plans, err := s.Plans(ctx, sc, client)
	if err != nil {
		return out, err
	}
	for _, p := range plans[:min(len(plans), maxReadPlans)] {
		f, err := s.briefForecast(ctx, sc, p.ForecastID)
		if err != nil {
			return out, err
		}
		points, err := s.PlanPoints(ctx, sc, p.ID, ids.Queue{})
		if err != nil {
			return out, err
		}
		own := map[calendar.Date]float64{}
		for d := calendar.DateOf(f.StartAt, zone); d < calendar.DateOf(f.EndAt, zone); d++ {
			own[d] = 0
		}
		for _, v := range points {
			own[calendar.DateOf(v.StartAt, zone)] += float64(v.Seats) * gridHours
		}
		for d, v := range own {
			if _, known := out.hours[d]; !known {
				out.hours[d] = v
				out.days++
			}
		}
	}
	for _, v := range sortedDays(out.hours) {
		out.total += out.hours[v]
	}
	return out, nil
}

// sortedDays lists the dates in order, for sums that repeat.
func sortedDays(m map[calendar.Date]float64) []calendar.Date {
	out := make([]calendar.Date, 0, len(m))
	for d := range m {
		out = append(out, d)
	}
	slices.Sort(out)
	return out
}
