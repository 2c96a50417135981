package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// TierCost is what an hour of a tier costs where no pay is known, in force on
// business dates [ValidFrom, ValidTo). Without a skill it holds for all skills.
type TierCost struct {
	ID         ids.Any          `gorm:"primaryKey" json:"id"`
	Tier       people.Tier      `json:"tier"`
	SkillID    ids.Skill        `json:"skill_id,omitzero"`
	HourlyCost decimal.Decimal  `json:"hourly_cost"` // major units
	Currency   money.Currency   `json:"currency"`
	ValidFrom  calendar.Date    `json:"valid_from"`
	ValidTo    *calendar.Date   `json:"valid_to,omitempty"`
	CreatedBy  ids.User         `json:"created_by"`
	CreatedAt  calendar.Instant `gorm:"autoCreateTime:false" json:"created_at"`
}

// TableName implements gorm's Tabler.
func (TierCost) TableName() string { return "tier_costs" }

// SetTierCost puts a cost in force from its date and closes the one before it for
// the same tier and skill. Conflict staffing.tier_cost_not_latest when that one
// begins no earlier.
func (s *Service) SetTierCost(ctx context.Context, sc scope.Scope, c TierCost) (TierCost, error) {
	tier, err := people.ParseTier(string(c.Tier))
	if err != nil {
		return c, err
	}
	if c.Currency, err = money.ParseCurrency(string(c.Currency)); err != nil {
		return c, err
	}
	if c.HourlyCost.IsNegative() || c.HourlyCost.GreaterThan(decimal.NewFromInt(1_000_000)) {
		return c, fault.Newf(fault.Invalid, "staffing.tier_cost", "An hour costs 0 to 1,000,000, not %s.", c.HourlyCost)
	}
	c.Tier, c.ID, c.CreatedAt, c.ValidTo = tier, ids.New[ids.Any](s.db.IDs()), s.db.Now(), nil
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		var open []TierCost
		if err := tx.Where("tier = ? AND valid_to IS NULL", tier).Find(&open).Error; err != nil {
			return err
		}
		for _, o := range open {
			if o.SkillID != c.SkillID {
				continue
			}
			if o.ValidFrom >= c.ValidFrom {
				return fault.Newf(fault.Conflict, "staffing.tier_cost_not_latest", "A cost of the tier is in force from %s; the next one must begin later.", o.ValidFrom).With("from", o.ValidFrom.String())
			}
			if err := tx.Model(&TierCost{}).Where("id = ?", o.ID).Update("valid_to", c.ValidFrom).Error; err != nil {
				return err
			}
		}
		return tx.Create(&c).Error
	})
	return c, err
}

// TierCosts lists the costs by tier and date, past ones too.
func (s *Service) TierCosts(ctx context.Context, sc scope.Scope) ([]TierCost, error) {
	out := []TierCost{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error { return tx.Order("tier, valid_from, id").Find(&out).Error })
	return out, err
}

// workforce is what hours of a client's queues cost and who can work them.
type workforce struct {
	weekHours float64 // of a full-time agent: the median of those who serve the client
	heads     float64 // full-time equivalents who serve the client
	currency  money.Currency
	tiers     []people.Tier
	rates     map[tierSkill]decimal.Decimal
	mix       map[ids.Queue]map[people.Tier]float64 // shares of the hours of who can serve the queue
	monthly   decimal.Decimal                       // mean cost of a head a month
	notes     []string
}

type tierSkill struct {
	tier  people.Tier
	skill ids.Skill // zero: any
}

// Defaults of a workforce that nobody described.
const (
	defaultWeekHours = 40
	weeksPerMonth    = 365.2425 / 7 / 12
)

// workforceOf gathers hours, mix of tiers and costs of the people who serve the
// client's queues on the date. Pay counts first, TierCosts where there is none. It
// reads the whole provider, since pay is not a client's to see; callers decide who
// may see the outcome.
func (s *Service) workforceOf(ctx context.Context, client ids.Client, queues []queueInfo, at calendar.Instant, on calendar.Date) (workforce, error) {
	out := workforce{weekHours: defaultWeekHours, rates: map[tierSkill]decimal.Decimal{}, mix: map[ids.Queue]map[people.Tier]float64{}, tiers: people.Tiers(), notes: []string{}}
	staff, err := s.People.Staff(ctx, scope.Provider(), at, on)
	if err != nil {
		return out, err
	}
	staff = slices.DeleteFunc(staff, func(p people.Person) bool { return !slices.Contains(p.Clients, client) })
	costs, err := s.TierCosts(ctx, scope.Provider())
	if err != nil {
		return out, err
	}
	out.measureHours(staff)
	out.chooseCurrency(staff, costs)
	out.measureRates(staff, costs, on)
	for _, q := range queues {
		out.mix[q.ID] = out.mixOf(q, staff)
	}
	return out, nil
}

// measureHours finds the hours of a full-time week and the heads.
func (w *workforce) measureHours(staff []people.Person) {
	var minutes []int
	for _, p := range staff {
		if p.Employment != nil && p.Employment.WeeklyMinutes > 0 {
			minutes = append(minutes, p.Employment.WeeklyMinutes)
		}
	}
	if len(minutes) > 0 {
		slices.Sort(minutes)
		w.weekHours = float64(minutes[len(minutes)/2]) / 60
	}
	for _, p := range staff {
		if p.Employment == nil {
			w.heads++
			continue
		}
		w.heads += float64(p.Employment.WeeklyMinutes) / 60 / w.weekHours
	}
}

// chooseCurrency takes the one of most agents; amounts in others cannot be added.
func (w *workforce) chooseCurrency(staff []people.Person, costs []TierCost) {
	count := map[money.Currency]int{}
	for _, p := range staff {
		if p.Employment != nil {
			count[p.Employment.Currency] += len(costs) + 1 // pay goes before settings
		}
	}
	for _, c := range costs {
		count[c.Currency]++
	}
	for currency, n := range count {
		if best := count[w.currency]; w.currency == "" || n > best || n == best && currency < w.currency {
			w.currency = currency
		}
	}
	if len(count) > 1 {
		w.notes = append(w.notes, fmt.Sprintf("Only pay in %s is counted; costs in other currencies are left out.", w.currency))
	}
}

// measureRates averages pay by tier, weighted with the hours of a week, and fills
// what is missing from the settings.
func (w *workforce) measureRates(staff []people.Person, costs []TierCost, on calendar.Date) {
	pay, hours := map[people.Tier]decimal.Decimal{}, map[people.Tier]decimal.Decimal{}
	for _, p := range staff {
		e := p.Employment
		if e == nil || e.Currency != w.currency || e.WeeklyMinutes <= 0 || !e.HourlyCost.IsPositive() {
			continue
		}
		n := decimal.NewFromInt(int64(e.WeeklyMinutes))
		pay[p.Membership.Tier], hours[p.Membership.Tier] = pay[p.Membership.Tier].Add(e.HourlyCost.Mul(n)), hours[p.Membership.Tier].Add(n)
	}
	for _, t := range w.tiers {
		if hours[t].IsPositive() {
			w.rates[tierSkill{tier: t}] = pay[t].DivRound(hours[t], 6)
		}
	}
	for _, c := range costs {
		if c.Currency != w.currency || c.ValidFrom > on || c.ValidTo != nil && *c.ValidTo <= on {
			continue
		}
		if hours[c.Tier].IsPositive() {
			continue
		}
		w.rates[tierSkill{c.Tier, c.SkillID}] = c.HourlyCost
	}
	total, all := decimal.Zero, decimal.Zero
	for _, t := range w.tiers {
		total, all = total.Add(pay[t]), all.Add(hours[t])
	}
	if all.IsPositive() {
		w.monthly = total.DivRound(all, 6).Mul(decimal.NewFromFloat(w.weekHours * weeksPerMonth))
	}
}

// mixOf gives the share of every tier in the hours of those who can serve the queue.
func (w *workforce) mixOf(q queueInfo, staff []people.Person) map[people.Tier]float64 {
	out, total := map[people.Tier]float64{}, 0.0
	for _, p := range staff {
		if !slices.ContainsFunc(p.Skills, func(k people.AgentSkill) bool { return k.SkillID == q.SkillID }) {
			continue
		}
		minutes := defaultWeekHours * 60.0
		if p.Employment != nil {
			minutes = float64(p.Employment.WeeklyMinutes)
		}
		out[p.Membership.Tier] += minutes
		total += minutes
	}
	if total == 0 {
		w.notes = append(w.notes, fmt.Sprintf("Nobody can serve the queue %s; its hours are counted as the middle tier's.", q.Slug))
		return map[people.Tier]float64{people.Middle: 1}
	}
	for t := range out {
		out[t] /= total
	}
	return out
}

// rate gives the cost of an hour of a tier on a skill; false when nobody knows it.
func (w *workforce) rate(t people.Tier, skill ids.Skill) (decimal.Decimal, bool) {
	if v, ok := w.rates[tierSkill{t, skill}]; ok {
		return v, true
	}
	v, ok := w.rates[tierSkill{tier: t}]
	return v, ok
}

// price gives what hours of a queue cost, exactly; false when a tier has no cost.
func (w *workforce) price(q queueInfo, hours float64) (decimal.Decimal, bool) {
	total := decimal.Zero
	for _, t := range w.tiers {
		share := w.mix[q.ID][t]
		if share == 0 {
			continue
		}
		rate, ok := w.rate(t, q.SkillID)
		if !ok {
			return total, false
		}
		total = total.Add(rate.Mul(decimal.NewFromFloat(hours * share)))
	}
	return total, true
}

// missingRates names the tiers without a cost.
func (w *workforce) missingRates(queues []queueInfo) []string {
	seen := map[people.Tier]bool{}
	for _, q := range queues {
		for t, share := range w.mix[q.ID] {
			if _, ok := w.rate(t, q.SkillID); share > 0 && !ok {
				seen[t] = true
			}
		}
	}
	var out []string
	for t := range seen {
		out = append(out, fmt.Sprintf("No cost is known for the tier %s; set it to price its hours.", t))
	}
	slices.SortFunc(out, cmp.Compare)
	return out
}

// round gives an exact amount in the workforce's currency.
func (w *workforce) round(v decimal.Decimal) (*money.Amount, error) {
	if w.currency == "" {
		return nil, nil //nolint:nilnil // no currency, no amount
	}
	a, err := money.Round(v, w.currency, money.HalfUp)
	return &a, err
}
