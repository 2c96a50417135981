package holidays

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"slices"

	"muster/tenants/calendar"
	"muster/tenants/fault"
)

// Preset is the special days of a country over whole years.
type Preset struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Source string `json:"source"` // where the dates come from
	From   int    `json:"from"`   // first year
	To     int    `json:"to"`     // last year
	Days   []Day  `json:"days"`
}

// Day is one holiday, or a run of them. Working days are make-up days: a rest day
// on which people work.
type Day struct {
	Date    calendar.Date  `json:"date"`
	To      *calendar.Date `json:"to,omitempty"` // last date of a run
	Name    string         `json:"name"`
	Tag     string         `json:"tag"`
	Working bool           `json:"working,omitempty"`
}

//go:embed presets.json
var data []byte

// Presets gives the presets that come with the product.
func Presets() ([]Preset, error) { return Read(data) }

// Read reads presets from JSON and checks that their dates lie in their years and in order.
func Read(text []byte) ([]Preset, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var all []Preset
	if err := d.Decode(&all); err != nil {
		return nil, fault.New(fault.Invalid, "holidays.json", "The presets are not JSON of the described form.").Wrap(err)
	}
	for _, p := range all {
		for i, day := range p.Days {
			year, _, _ := day.Date.Parts()
			if year < p.From || year > p.To || day.Tag == "" || day.Name == "" || day.last() < day.Date || i > 0 && day.Date <= p.Days[i-1].last() {
				return nil, fault.Newf(fault.Invalid, "holidays.day", "Preset %s, %s: the dates must follow each other, lie in %d to %d and have name and tag.", p.ID, day.Date, p.From, p.To)
			}
		}
	}
	return all, nil
}

func (d Day) last() calendar.Date {
	if d.To != nil {
		return *d.To
	}
	return d.Date
}

// Find gives a preset by its id.
func Find(id string) (Preset, error) {
	all, err := Presets()
	if err != nil {
		return Preset{}, err
	}
	i := slices.IndexFunc(all, func(p Preset) bool { return p.ID == id })
	if i < 0 {
		known := make([]string, len(all))
		for k, p := range all {
			known[k] = p.ID
		}
		return Preset{}, fault.Newf(fault.Invalid, "holidays.unknown", "There is no preset %q; known are %s.", id, fault.Allowed(known)).With("preset", id)
	}
	return all[i], nil
}

// SpecialDays spreads the preset over dates of a calendar: holidays are of the
// kind (closed, or holiday for queues that stay open), make-up days open with
// the hours of the calendar's Friday, Monday failing that.
func (p Preset) SpecialDays(c calendar.Calendar, kind calendar.DayKind) []calendar.SpecialDay {
	work := hoursOf(c, 5)
	if len(work) == 0 {
		work = hoursOf(c, 1)
	}
	var out []calendar.SpecialDay
	for _, d := range p.Days {
		for date := d.Date; date <= d.last(); date++ {
			s := calendar.SpecialDay{Date: date, Kind: kind, Tag: d.Tag, Name: d.Name}
			if d.Working {
				if len(work) == 0 {
					continue
				}
				s.Kind, s.Hours = calendar.DayOpen, work
			}
			out = append(out, s)
		}
	}
	return out
}

// hoursOf gives the opening hours of a weekday.
func hoursOf(c calendar.Calendar, weekday int) []calendar.Hours {
	var out []calendar.Hours
	for _, h := range c.Hours {
		if int(h.Weekday) == weekday {
			out = append(out, h)
		}
	}
	return out
}
