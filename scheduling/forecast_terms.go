package scheduling

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// LockMode is what may still change of a month after the deadline of a stage.
type LockMode string

// The modes. Whatever they refuse is possible with the right to unlock and a reason.
const (
	LockOpen   LockMode = "open"   // an outlook that binds nobody
	LockBand   LockMode = "band"   // within the tolerance of what was committed
	LockLocked LockMode = "locked" // nothing
)

// LockModes lists the modes.
func LockModes() []LockMode { return []LockMode{LockOpen, LockBand, LockLocked} }

// Grain is the span whose totals are compared with a tolerance.
type Grain string

// The grains. Weeks begin on Monday; the first and last of a month are cut at its ends.
const (
	GrainMonth Grain = "month"
	GrainWeek  Grain = "week"
	GrainDay   Grain = "day"
)

// Grains lists the grains.
func Grains() []Grain { return []Grain{GrainMonth, GrainWeek, GrainDay} }

// LockStage is one deadline before a fiscal month by which its forecast is
// committed, and what may change afterwards.
type LockStage struct {
	Key      string   `json:"key" maxLength:"20"`              // such as 90d
	Months   int      `json:"months" minimum:"0" maximum:"24"` // before the first day of the fiscal month
	Days     int      `json:"days" minimum:"0" maximum:"400"`  // on top of the months
	Allows   LockMode `json:"allows" enum:"open,band,locked"`
	Below    float64  `json:"below" minimum:"0" maximum:"1"`  // tolerance: share by which a total may lie under the committed one
	Above    float64  `json:"above" minimum:"0" maximum:"10"` // and over it
	Grain    Grain    `json:"grain" enum:"month,week,day"`
	PerQueue bool     `json:"per_queue"` // compare each queue, not only the client's total
}

// CommitmentTerms is a version of what is agreed with a client about forecasts, in
// force for fiscal months that begin on [ValidFrom, ValidTo).
type CommitmentTerms struct {
	ID        ids.Any            `gorm:"primaryKey" json:"id"`
	ClientID  ids.Client         `json:"client_id"`
	Version   int                `json:"version"` // counts up per client
	ValidFrom calendar.Date      `json:"valid_from"`
	ValidTo   *calendar.Date     `json:"valid_to,omitempty"`
	Terms     CommitmentDocument `gorm:"column:document;serializer:json" json:"terms"`
	CreatedBy ids.User           `json:"created_by"`
	CreatedAt calendar.Instant   `gorm:"autoCreateTime:false" json:"created_at"`
}

// TableName implements gorm's Tabler.
func (CommitmentTerms) TableName() string { return "commitment_terms" }

// CommitmentDocument is the agreement itself.
type CommitmentDocument struct {
	FiscalStartDay int         `json:"fiscal_start_day" minimum:"1" maximum:"28"` // first day of a fiscal month
	Stages         []LockStage `json:"stages" maxItems:"12"`                      // the earliest deadline first
	// KeepFilesMonths is how long the files that the client hands in are kept; 0 = DefaultKeepMonths.
	KeepFilesMonths int `json:"keep_files_months,omitempty" minimum:"0" maximum:"240"`
}

// DefaultKeepMonths is how long a client's files are kept where nothing is agreed:
// three years, so that every fiscal year that is argued about has its files.
const DefaultKeepMonths = 36

// keepUntil gives the end of a file that came on a date.
func (t CommitmentDocument) keepUntil(day calendar.Date) calendar.Date {
	months := t.KeepFilesMonths
	if months <= 0 {
		months = DefaultKeepMonths
	}
	y, m, d := day.Parts()
	return calendar.NewDate(y, m+time.Month(months), d)
}

// TypicalStages are the stages that a contract usually begins with: an outlook
// twelve months ahead, a forecast within a tenth 90 days ahead, and one that is
// locked, with the actual contacts measured against a band by day, 60 days ahead.
func TypicalStages() []LockStage {
	return []LockStage{
		{Key: "12m", Months: 12, Allows: LockOpen, Below: 0.2, Above: 0.2, Grain: GrainMonth},
		{Key: "90d", Days: 90, Allows: LockBand, Below: 0.1, Above: 0.1, Grain: GrainMonth, PerQueue: true},
		{Key: "60d", Days: 60, Allows: LockLocked, Below: 0.1, Above: 0.1, Grain: GrainDay, PerQueue: true},
	}
}

// stageLate is the stage of what is committed after the last deadline, or without any.
const stageLate = "late"

// lead gives the days before a fiscal month, a month counted as 31 of them, for order only.
func (s LockStage) lead() int { return 31*s.Months + s.Days }

// deadline gives the last day on which the stage can be committed for a month that begins on the date.
func (s LockStage) deadline(month calendar.Date) calendar.Date {
	y, m, d := month.Parts()
	return calendar.NewDate(y, m-time.Month(s.Months), d) - calendar.Date(s.Days)
}

// Validate names what is wrong with the agreement.
func (t CommitmentDocument) Validate() error {
	bad := func(format string, args ...any) error {
		return fault.Newf(fault.Invalid, "commitment.terms", format, args...)
	}
	if t.FiscalStartDay < 1 || t.FiscalStartDay > 28 {
		return bad("A fiscal month begins on a day from 1 to 28, not %d.", t.FiscalStartDay)
	}
	if t.KeepFilesMonths < 0 || t.KeepFilesMonths > 240 {
		return bad("Files are kept for 1 to 240 months, not %d.", t.KeepFilesMonths)
	}
	seen := map[string]bool{}
	for i, s := range t.Stages {
		switch {
		case strings.TrimSpace(s.Key) == "" || s.Key == stageLate || seen[s.Key]:
			return bad("Stage %d needs a key of its own, other than %q.", i+1, stageLate)
		case !slices.Contains(LockModes(), s.Allows):
			return bad("Stage %s allows %q: use one of %s.", s.Key, s.Allows, fault.Allowed(LockModes()))
		case !slices.Contains(Grains(), s.Grain):
			return bad("Stage %s is measured by %q: use one of %s.", s.Key, s.Grain, fault.Allowed(Grains()))
		case s.Months < 0 || s.Days < 0 || s.Months > 24 || s.Days > 400:
			return bad("Stage %s ends %d months and %d days before the month; want 0 to 24 months and 0 to 400 days.", s.Key, s.Months, s.Days)
		case !(s.Below >= 0 && s.Below <= 1) || !(s.Above >= 0 && s.Above <= 10):
			return bad("Stage %s tolerates %v under and %v over; want shares of 0 to 1 and 0 to 10.", s.Key, s.Below, s.Above)
		case i > 0 && s.lead() >= t.Stages[i-1].lead():
			return bad("Stage %s ends no later than the one before it; order the stages by their deadlines.", s.Key)
		}
		seen[s.Key] = true
	}
	return nil
}

// monthOf gives the fiscal month of the date, [from, to).
func (t CommitmentDocument) monthOf(d calendar.Date) (from, to calendar.Date) {
	y, m, day := d.Parts()
	if day < t.FiscalStartDay {
		m--
	}
	return calendar.NewDate(y, m, t.FiscalStartDay), calendar.NewDate(y, m+1, t.FiscalStartDay)
}

// stageOn gives the stage for which the month is committed on the date.
func (t CommitmentDocument) stageOn(month, today calendar.Date) string {
	for _, s := range t.Stages {
		if today <= s.deadline(month) {
			return s.Key
		}
	}
	return stageLate
}

// rank orders the stages; late comes last.
func (t CommitmentDocument) rank(key string) int {
	if i := slices.IndexFunc(t.Stages, func(s LockStage) bool { return s.Key == key }); i >= 0 {
		return i
	}
	return len(t.Stages)
}

// within says whether a total lies within the stage's tolerance of the committed
// one; share is the deviation, nil when nothing was committed.
func (s LockStage) within(committed, proposed float64) (share *float64, ok bool) {
	const same = 1e-6
	if committed <= same {
		return nil, proposed <= same
	}
	v := proposed/committed - 1
	return &v, v >= -s.Below-same && v <= s.Above+same
}

// PutCommitmentTerms stores the next version of a client's agreement, in force for
// fiscal months from validFrom, and closes the one before it. Conflict
// commitment.not_latest when that one begins no earlier.
func (s *Service) PutCommitmentTerms(ctx context.Context, sc scope.Scope, client ids.Client, validFrom calendar.Date, doc CommitmentDocument, actor ids.User) (CommitmentTerms, error) {
	if doc.Stages == nil {
		doc.Stages = []LockStage{}
	}
	if err := doc.Validate(); err != nil {
		return CommitmentTerms{}, err
	}
	if _, err := s.Contracts.Client(ctx, sc, client); err != nil {
		return CommitmentTerms{}, err
	}
	t := CommitmentTerms{ClientID: client, ValidFrom: validFrom, Terms: doc, CreatedBy: actor}
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		var before []CommitmentTerms
		if err := tx.Where("client_id = ?", client).Order("version DESC").Limit(1).Find(&before).Error; err != nil {
			return err
		}
		t.Version = 1
		if len(before) > 0 {
			last := before[0]
			if last.ValidFrom >= validFrom {
				return notLatest(last)
			}
			t.Version = last.Version + 1
			if err := tx.Model(&CommitmentTerms{}).Where("id = ?", last.ID).Update("valid_to", validFrom).Error; err != nil {
				return err
			}
		}
		t.ID, t.CreatedAt = ids.New[ids.Any](s.db.IDs()), s.db.Now()
		return raced(tx.Create(&t).Error)
	})
	return t, err
}

// CommitmentTermsOf lists the versions of a client's agreement, the newest first.
func (s *Service) CommitmentTermsOf(ctx context.Context, sc scope.Scope, client ids.Client) ([]CommitmentTerms, error) {
	out := []CommitmentTerms{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("client_id = ?", client).Order("version DESC").Find(&out).Error
	})
	return out, err
}

// agreed is a client's agreement over time.
type agreed []CommitmentTerms

// on gives the version for the date; without any, months of the calendar without stages.
func (a agreed) on(d calendar.Date) CommitmentTerms {
	for _, t := range a {
		if t.ValidFrom <= d && (t.ValidTo == nil || *t.ValidTo > d) {
			return t
		}
	}
	return CommitmentTerms{Terms: CommitmentDocument{FiscalStartDay: 1, Stages: []LockStage{}}}
}

// fiscalMonth is a month with the agreement that is in force for it.
type fiscalMonth struct {
	from, to calendar.Date
	terms    CommitmentTerms
}

// months cuts [from, to) into the fiscal months it touches, whole ones.
func (a agreed) months(from, to calendar.Date) []fiscalMonth {
	var out []fiscalMonth
	for d := from; d < to; {
		t := a.on(d)
		m := fiscalMonth{terms: t}
		m.from, m.to = t.Terms.monthOf(d)
		if n := len(out); n > 0 && m.from < out[n-1].to { // the agreement moved the first day of months
			m.from = out[n-1].to
		}
		out = append(out, m)
		d = max(m.to, d+1)
	}
	return out
}

// dayTotals are contacts per queue and business date.
type dayTotals map[ids.Queue]map[calendar.Date]float64

func (t dayTotals) add(queue ids.Queue, day calendar.Date, v float64) {
	if t[queue] == nil {
		t[queue] = map[calendar.Date]float64{}
	}
	t[queue][day] += v
}

// sum adds the contacts of a queue, or of all with the zero queue, over [from, to).
func (t dayTotals) sum(queue ids.Queue, from, to calendar.Date) float64 {
	total := 0.0
	for _, q := range t.queues() {
		if !queue.IsZero() && queue != q {
			continue
		}
		for d := from; d < to; d++ {
			total += t[q][d]
		}
	}
	return total
}

// queues lists the queues in order.
func (t dayTotals) queues() []ids.Queue {
	out := make([]ids.Queue, 0, len(t))
	for q := range t {
		out = append(out, q)
	}
	slices.SortFunc(out, func(a, b ids.Queue) int { return a.Compare(b) })
	return out
}

// days is a half-open span of business dates.
type days struct{ from, to calendar.Date }

// units cuts [from, to) by the grain.
func (g Grain) units(from, to calendar.Date) []days {
	if g == GrainMonth {
		return []days{{from, to}}
	}
	var out []days
	for d := from; d < to; {
		end := d + 1
		if g == GrainWeek {
			end = min(to, mondayOf(d)+7)
		}
		out = append(out, days{d, end})
		d = end
	}
	return out
}

// sides lists what a stage compares: the client's total, and each queue when it asks for them.
func (s LockStage) sides(of ...dayTotals) []ids.Queue {
	out := []ids.Queue{{}}
	if !s.PerQueue {
		return out
	}
	for _, t := range of {
		out = append(out, t.queues()...)
	}
	slices.SortFunc(out, func(a, b ids.Queue) int { return a.Compare(b) })
	return slices.Compact(out)
}

// byDeviation orders by how far a total is off, the worst first.
func byDeviation(a, b *float64) int {
	size := func(v *float64) float64 {
		if v == nil {
			return math.Inf(1)
		}
		return math.Abs(*v)
	}
	return cmp.Compare(size(b), size(a))
}
