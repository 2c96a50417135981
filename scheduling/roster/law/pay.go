package law

import (
	"time"

	"muster/tenants/fault"
)

// Stretch is paid work between two instants, breaks without pay left out.
type Stretch struct{ From, To time.Time }

// Line is the pay of the minutes of one local day that earn the same.
type Line struct {
	Date     string // local YYYY-MM-DD
	Day      DayKind
	Night    bool
	Overtime bool
	Minutes  int
	Rate     int // hundredths of a per cent of the hourly base
}

// Pay classes the paid minutes of one shift. A minute belongs to the local day
// on which it lies; overtime begins after DailyMinutes paid minutes of the shift,
// which belongs to the business date on which it starts. Elapsed minutes count,
// so a night on which the clock is set forward is an hour shorter. kind says how
// a local date (YYYY-MM-DD) counts. Lines come in order of time, equal
// neighbours joined.
func (p *Preset) Pay(zone *time.Location, stretches []Stretch, kind func(date string) DayKind) ([]Line, error) {
	var out []Line
	worked := 0
	for _, s := range stretches {
		if s.To.Before(s.From) || s.To.Sub(s.From) > 48*time.Hour {
			return nil, fault.Newf(fault.Invalid, "roster.pay_stretch", "A stretch of work from %s to %s ends before it begins or lasts more than two days.", s.From, s.To)
		}
		for at := s.From; at.Before(s.To); {
			line, err := p.minute(at.In(zone), worked, kind)
			if err != nil {
				return nil, err
			}
			line.Minutes = min(p.alike(at.In(zone), worked), int((s.To.Sub(at)+time.Minute-1)/time.Minute))
			at, worked = at.Add(time.Duration(line.Minutes)*time.Minute), worked+line.Minutes
			if n := len(out); n > 0 && out[n-1].same(line) {
				out[n-1].Minutes += line.Minutes
				continue
			}
			out = append(out, line)
		}
	}
	return out, nil
}

// alike is how many minutes from here on are classed as this one: to the end of the
// local hour, where dates and clocks change, and no further than night or overtime.
func (p *Preset) alike(at time.Time, worked int) int {
	n, clock := 60-at.Minute(), at.Hour()*60+at.Minute()
	for _, edge := range []int{p.NightFrom, p.NightTo} {
		if edge > clock {
			n = min(n, edge-clock)
		}
	}
	if p.DailyMinutes > worked {
		n = min(n, p.DailyMinutes-worked)
	}
	return n
}

func (l Line) same(o Line) bool {
	return l.Date == o.Date && l.Day == o.Day && l.Night == o.Night && l.Overtime == o.Overtime && l.Rate == o.Rate
}

// minute classes one minute after worked paid minutes of its shift.
func (p *Preset) minute(at time.Time, worked int, kind func(date string) DayKind) (Line, error) {
	l := Line{Date: at.Format("2006-01-02"), Minutes: 1}
	l.Day = kind(l.Date)
	l.Overtime = p.DailyMinutes > 0 && worked >= p.DailyMinutes
	clock := at.Hour()*60 + at.Minute()
	if p.NightFrom != p.NightTo {
		l.Night = clock >= p.NightFrom || clock < p.NightTo
	}
	for _, r := range p.Rates {
		if r.Day != l.Day {
			continue
		}
		l.Rate = r.Regular
		if l.Overtime {
			l.Rate = r.Overtime
		}
		if l.Night {
			l.Rate += l.Rate * p.NightPremium / 10000
		}
		return l, nil
	}
	return l, fault.Newf(fault.Invalid, "roster.day_kind", "The day kind %q of %s is unknown; allowed are %s.", l.Day, l.Date, fault.Allowed(DayKinds()))
}

// BaseMinutes is what lines earn in minutes at the base rate, in hundredths of a
// minute, rounded once.
func BaseMinutes(lines []Line) int64 {
	sum := int64(0)
	for _, l := range lines {
		sum += int64(l.Minutes) * int64(l.Rate)
	}
	return (sum + 50) / 100
}
