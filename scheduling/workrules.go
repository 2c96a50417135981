package scheduling

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"muster/scheduling/roster"
	"muster/tenants/fault"
)

// partTimeMinutes is the weekly minutes below which an agent works part-time shifts.
const partTimeMinutes = 1800

// WorkRules are the shift templates and rules of a site, as data. Times of a
// template are wall-clock times of the site.
//
// The defaults (workrules.json) are one sane set for any site: nine hours from
// 06:00 to 15:00 with an unpaid meal of an hour and two paid breaks, nights from
// 22:00 only where somebody must be reached at night, four hours for people of
// less than 30 hours a week; eleven hours of rest and a day off after six days
// are hard, five days in a row, two days off together, steady starts and fair
// weekends and nights are wishes with a price.
type WorkRules struct {
	Templates []ShiftTemplate `json:"templates"`
	Rules     []roster.Rule   `json:"rules"`
}

// ShiftTemplate is a family of shifts of one length.
type ShiftTemplate struct {
	ID        string         `json:"id"`
	For       string         `json:"for,omitempty"` // "full", "part" or empty for everybody
	Night     bool           `json:"night,omitempty"`
	StartFrom string         `json:"start_from"` // HH:MM
	StartTo   string         `json:"start_to"`   // HH:MM, inclusive
	StartStep int            `json:"start_step"` // minutes
	Minutes   int            `json:"minutes"`    // from start to end, breaks included
	Breaks    []roster.Break `json:"breaks,omitempty"`
	Cost      int64          `json:"cost,omitempty"` // points per shift
	Weekdays  []int          `json:"weekdays,omitempty"`
}

//go:embed workrules.json
var defaultWorkRules []byte

// DefaultWorkRules gives the set that applies where nothing else was said.
func DefaultWorkRules() (WorkRules, error) { return ReadWorkRules(defaultWorkRules) }

// ReadWorkRules reads a set from JSON; unknown fields are errors.
func ReadWorkRules(text []byte) (WorkRules, error) {
	var w WorkRules
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return w, fault.New(fault.Invalid, "workrules.json", "The work rules are not JSON of templates and rules as described.").Wrap(err)
	}
	if len(w.Templates) == 0 {
		return w, fault.New(fault.Invalid, "workrules.empty", "The work rules have no shift template; nobody could work.")
	}
	for _, t := range w.Templates {
		if _, err := t.window(); err != nil {
			return w, err
		}
	}
	return w, nil
}

// startWindow is the first and last start in minutes of the site's day.
type startWindow struct{ from, to int }

func (t ShiftTemplate) window() (startWindow, error) {
	from, errFrom := time.Parse("15:04", t.StartFrom)
	to, errTo := time.Parse("15:04", t.StartTo)
	w := startWindow{from.Hour()*60 + from.Minute(), to.Hour()*60 + to.Minute()}
	if errFrom != nil || errTo != nil || w.to < w.from || t.StartStep <= 0 || t.Minutes <= 0 {
		return w, fault.Newf(fault.Invalid, "workrules.template", "The shift template %q needs start_from and start_to as HH:MM in order, and positive start_step and minutes.", t.ID).With("template", t.ID)
	}
	if t.For != "" && t.For != "full" && t.For != "part" {
		return w, fault.Newf(fault.Invalid, "workrules.template", "The shift template %q is for %q; allowed are full, part and nothing.", t.ID, t.For).With("template", t.ID)
	}
	return w, nil
}

// fits reports whether somebody of the weekly minutes works the template.
func (t ShiftTemplate) fits(weekly int) bool {
	return t.For == "" || (t.For == "part") == (weekly < partTimeMinutes)
}

// engineTemplates translates a template into the problem's zone, which is ahead
// of the site's by delta minutes. A window that crosses midnight there becomes two.
func (t ShiftTemplate) engineTemplates(prefix string, delta int) ([]roster.Template, error) {
	w, err := t.window()
	if err != nil {
		return nil, err
	}
	var out []roster.Template
	for start := w.from; start <= w.to; start += t.StartStep {
		local := ((start+delta)%1440 + 1440) % 1440
		if n := len(out); n > 0 && out[n-1].StartTo+t.StartStep == local {
			out[n-1].StartTo = local
			continue
		}
		id := prefix + t.ID
		if len(out) > 0 {
			id = fmt.Sprintf("%s#%d", id, len(out)+1)
		}
		out = append(out, roster.Template{ID: id, StartFrom: local, StartTo: local, StartStep: t.StartStep, MinMinutes: t.Minutes, MaxMinutes: t.Minutes, Breaks: t.Breaks, Cost: t.Cost, Weekdays: t.Weekdays})
	}
	return out, nil
}
