package law

import "time"

// NamedDay is a local date, or a run of dates, that counts in another way than its weekday.
type NamedDay struct {
	Date string  `json:"date"`         // YYYY-MM-DD
	To   string  `json:"to,omitempty"` // last date of a run
	Kind DayKind `json:"kind"`
	Name string  `json:"name"`
}

// chinaDays are the statutory holidays (300 %) within the longer breaks that the
// State Council arranges each year; the other days of a break are rest days.
// Dates of the lunar calendar follow the Purple Mountain Observatory's almanac.
var chinaDays = []NamedDay{
	{"2025-01-01", "", Holiday, "元旦"}, {"2025-01-28", "2025-01-31", Holiday, "春节"}, {"2025-04-04", "", Holiday, "清明节"},
	{"2025-05-01", "2025-05-02", Holiday, "劳动节"}, {"2025-05-31", "", Holiday, "端午节"}, {"2025-10-01", "2025-10-03", Holiday, "国庆节"}, {"2025-10-06", "", Holiday, "中秋节"},
	{"2026-01-01", "", Holiday, "元旦"}, {"2026-02-16", "2026-02-19", Holiday, "春节"}, {"2026-04-05", "", Holiday, "清明节"},
	{"2026-05-01", "2026-05-02", Holiday, "劳动节"}, {"2026-06-19", "", Holiday, "端午节"}, {"2026-09-25", "", Holiday, "中秋节"}, {"2026-10-01", "2026-10-03", Holiday, "国庆节"},
}

// DayOn gives the day of the law that a local date (YYYY-MM-DD) lies in.
func (p *Preset) DayOn(date string) (NamedDay, bool) {
	for _, d := range p.Days {
		if date >= d.Date && date <= max(d.Date, d.To) {
			return d, true
		}
	}
	return NamedDay{}, false
}

// Names reports whether the law names days of the year (YYYY) of a date.
func (p *Preset) Names(date string) bool {
	for _, d := range p.Days {
		if len(date) >= 4 && d.Date[:4] == date[:4] {
			return true
		}
	}
	return false
}

// isDate reports whether the text is a date.
func isDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}
