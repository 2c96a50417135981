package law

import (
	"time"

	"muster/scheduling/roster"
	"muster/tenants/fault"
)

// PayWindows gives the times of a horizon that this law pays with a premium
// (nights, rest days, holidays), for [roster.Problem.Pay]: so that the search
// knows what a shift costs where it lies. zone is that of the site, firstDay the
// first local date (YYYY-MM-DD); the day after the last one counts too, for
// nights that reach into it. kind says how a local date counts. Overtime is left
// out: it depends on the shift, see Pay. Errors are invalid input.
func (p *Preset) PayWindows(zone *time.Location, firstDay string, days int, kind func(date string) DayKind) ([]roster.PayWindow, error) {
	first, err := time.ParseInLocation("2006-01-02", firstDay, zone)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "roster.first_day", "The first day %q is not a date of the form YYYY-MM-DD.", firstDay)
	}
	if days < 1 || days > 366 {
		return nil, fault.Newf(fault.Invalid, "roster.days", "The horizon has %d days; allowed are 1 to 366.", days).With("days", days)
	}
	var out []roster.PayWindow
	// Elapsed minutes, so that a day on which the clock changes has 23 or 25 hours.
	end := int(first.AddDate(0, 0, days+1).Sub(first) / time.Minute)
	for at := range end {
		l, err := p.minute(first.Add(time.Duration(at)*time.Minute).In(zone), 0, kind)
		if err != nil {
			return nil, err
		}
		percent := (l.Rate - 10000) / 100
		if percent <= 0 {
			continue
		}
		if n := len(out); n > 0 && out[n-1].To == at && out[n-1].Percent == percent {
			out[n-1].To++
			continue
		}
		out = append(out, roster.PayWindow{From: at, To: at + 1, Percent: percent})
	}
	return out, nil
}
