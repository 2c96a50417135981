package scheduling

import (
	"context"
	"slices"
	"strings"
	"time"

	"muster/scheduling/roster/law"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// SiteLaw says which labour law a site follows and which dates it counts as rest
// days and holidays, in force on business dates [ValidFrom, ValidTo).
type SiteLaw struct {
	ID        ids.Any          `gorm:"primaryKey" json:"id"`
	SiteID    ids.Site         `json:"site_id"`
	Law       string           `json:"law"`
	Holidays  string           `json:"holidays"`                         // preset of holidays and make-up days; empty = those that the law names
	RestDays  []int            `gorm:"serializer:json" json:"rest_days"` // weekdays paid as rest days, 0 Sunday .. 6 Saturday
	ValidFrom calendar.Date    `json:"valid_from"`
	ValidTo   *calendar.Date   `json:"valid_to,omitempty"`
	CreatedBy ids.User         `json:"created_by"`
	CreatedAt calendar.Instant `gorm:"autoCreateTime:false" json:"created_at"`
}

// TableName implements gorm's Tabler.
func (SiteLaw) TableName() string { return "site_laws" }

// holds reports whether the row is in force on the date.
func (l SiteLaw) holds(on calendar.Date) bool {
	return l.ValidFrom <= on && (l.ValidTo == nil || on < *l.ValidTo)
}

// SiteLaws lists what sites follow, by site and date, past ones too.
func (s *Service) SiteLaws(ctx context.Context, sc scope.Scope) ([]SiteLaw, error) {
	out := []SiteLaw{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error { return tx.Order("site_id, valid_from, id").Find(&out).Error })
	return out, err
}

// SetSiteLaw puts a choice in force from its date and closes the one before it.
// Conflict law.site_not_latest when that one begins no earlier; an unknown law,
// preset of holidays or site is named.
func (s *Service) SetSiteLaw(ctx context.Context, sc scope.Scope, l SiteLaw) (SiteLaw, error) {
	if _, err := s.LabourLaw(ctx, sc, l.Law); err != nil {
		return l, err
	}
	if l.Holidays != "" {
		if _, err := s.preset(ctx, l.Holidays); err != nil {
			return l, err
		}
	}
	for i, d := range l.RestDays {
		if d < 0 || d > 6 || slices.Contains(l.RestDays[:i], d) {
			return l, fault.Newf(fault.Invalid, "law.rest_days", "The rest days are weekdays from 0 (Sunday) to 6 (Saturday), each once; %d is not.", d)
		}
	}
	if l.RestDays == nil {
		l.RestDays = []int{}
	}
	sites, err := s.People.Sites(ctx, sc)
	if err != nil {
		return l, err
	}
	if !slices.ContainsFunc(sites, func(v people.Site) bool { return v.ID == l.SiteID }) {
		return l, fault.New(fault.NotFound, "people.site_not_found", "There is no such site.")
	}
	l.ID, l.CreatedAt, l.ValidTo = ids.New[ids.Any](s.db.IDs()), s.db.Now(), nil
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		var open []SiteLaw
		if err := tx.Clauses(database.ForUpdate()).Where("site_id = ? AND valid_to IS NULL", l.SiteID).Find(&open).Error; err != nil {
			return err
		}
		for _, o := range open {
			if o.ValidFrom >= l.ValidFrom {
				return fault.Newf(fault.Conflict, "law.site_not_latest", "The site follows %s from %s on; the next choice must begin later.", o.Law, o.ValidFrom).With("law", o.Law).With("from", o.ValidFrom.String())
			}
			if err := tx.Model(&SiteLaw{}).Where("id = ?", o.ID).Update("valid_to", l.ValidFrom).Error; err != nil {
				return err
			}
		}
		return tx.Create(&l).Error
	})
	return l, err
}

// lawBook knows the law of every site on every date.
type lawBook struct {
	laws     map[string]LabourLaw
	presets  map[string]*law.Preset
	chosen   []SiteLaw
	holidays map[string]PresetView
}

// lawBook loads what sites follow.
func (s *Service) lawBook(ctx context.Context, sc scope.Scope) (*lawBook, error) {
	b := &lawBook{laws: map[string]LabourLaw{}, presets: map[string]*law.Preset{}, holidays: map[string]PresetView{}}
	all, err := s.LabourLaws(ctx, sc)
	if err != nil {
		return nil, err
	}
	for _, l := range all {
		b.laws[l.ID] = l
		if l.Own {
			b.presets[l.ID], err = l.Preset()
		} else {
			b.presets[l.ID], err = law.Find(l.ID)
		}
		if err != nil {
			return nil, err
		}
	}
	if b.chosen, err = s.SiteLaws(ctx, sc); err != nil {
		return nil, err
	}
	days, err := s.Presets(ctx)
	for _, p := range days {
		b.holidays[p.ID] = p
	}
	return b, err
}

// siteRules is the law of a site on a date.
type siteRules struct {
	SiteLaw
	preset  *law.Preset
	edition int
	own     bool
	chosen  bool // by the provider; otherwise the country's, for pay alone
	days    PresetView
}

// lawOf is the law by whose pay a site of the country goes when none was chosen.
var lawOf = map[string]string{"CN": "cn-standard", "PH": "ph"}

// at gives the law of a site on a date. A site for which none was chosen is paid
// by its country's, or by the Chinese standard's overtime of 150 per cent, which
// is no cheaper than most.
func (b *lawBook) at(site people.Site, on calendar.Date) siteRules {
	for _, l := range b.chosen {
		if l.SiteID == site.ID && l.holds(on) && b.presets[l.Law] != nil {
			return siteRules{SiteLaw: l, preset: b.presets[l.Law], edition: b.laws[l.Law].Edition, own: b.laws[l.Law].Own, chosen: true, days: b.holidays[l.Holidays]}
		}
	}
	id, ok := lawOf[site.Country]
	if !ok {
		id = lawOf["CN"]
	}
	return siteRules{SiteLaw: SiteLaw{SiteID: site.ID, Law: id}, preset: b.presets[id], edition: b.laws[id].Edition, own: b.laws[id].Own}
}

// The tags of holiday presets that say how a day is paid.
const (
	tagRegular = "regular-holiday"
	tagSpecial = "special-day"
)

// kind says how a local date counts for pay: first what the law names, then the
// preset of holidays, where make-up days are ordinary and days beside statutory
// ones are rest days, then the weekday. A holiday on a rest day is its own kind.
func (r siteRules) kind(date string) law.DayKind {
	on, err := calendar.ParseDate(date)
	if err != nil {
		return law.Ordinary
	}
	rest := slices.Contains(r.RestDays, int(on.Weekday()))
	if d, ok := r.preset.DayOn(date); ok {
		return onRestDay(d.Kind, rest)
	}
	for _, d := range r.days.Days {
		if on < d.Date || on > d.Date && (d.To == nil || on > *d.To) {
			continue
		}
		switch {
		case d.Working:
			return law.Ordinary
		case d.Tag == tagSpecial:
			return law.SpecialDay
		case d.Tag == tagRegular || !r.preset.Names(date):
			return onRestDay(law.Holiday, rest)
		}
		return law.RestDay
	}
	if rest {
		return law.RestDay
	}
	return law.Ordinary
}

// onRestDay is a kind of day that falls on a rest day, or not; what is named as a
// working day stays one.
func onRestDay(kind law.DayKind, rest bool) law.DayKind {
	if rest && kind == law.Holiday {
		return law.HolidayRestDay
	}
	return kind
}

// datesAsText turns the dates that YAML reads into text.
func datesAsText(tree any) any {
	switch v := tree.(type) {
	case time.Time:
		return strings.TrimSuffix(v.Format(time.RFC3339), "T00:00:00Z")
	case map[string]any:
		for k := range v {
			v[k] = datesAsText(v[k])
		}
	case []any:
		for i := range v {
			v[i] = datesAsText(v[i])
		}
	}
	return tree
}
