package forecast

import "time"

// feast is a rule for a day that many calendars know. Feasts are used only where the history itself shows that the queue
// behaves differently on them, and never on dates the planner's calendar already describes.
type feast struct {
	name string
	date func(year int) Date
}

func fixed(name string, month time.Month, day int) feast {
	return feast{name, func(year int) Date { return NewDate(year, month, day) }}
}

// nth is the n-th given weekday of a month; n = -1 is the last.
func nth(name string, month time.Month, weekday time.Weekday, n int) feast {
	return feast{name, func(year int) Date {
		if n < 0 {
			d := NewDate(year, month+1, 0)
			return d - Date(mod(int(d.Weekday()-weekday), 7))
		}
		d := NewDate(year, month, 1)
		return d + Date(mod(int(weekday-d.Weekday()), 7)+7*(n-1))
	}}
}

func easterPlus(name string, days int) feast {
	return feast{name, func(year int) Date { return easter(year) + Date(days) }}
}

// easter is Easter Sunday of the Gregorian calendar (Meeus/Jones/Butcher).
func easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return NewDate(year, time.Month(n/31), n%31+1)
}

var feasts = []feast{
	fixed("1 January", 1, 1), fixed("6 January", 1, 6), fixed("1 May", 5, 1), fixed("8 May", 5, 8), fixed("19 June", 6, 19),
	fixed("4 July", 7, 4), fixed("14 July", 7, 14), fixed("15 August", 8, 15), fixed("1 October", 10, 1), fixed("3 October", 10, 3),
	fixed("1 November", 11, 1), fixed("11 November", 11, 11), fixed("8 December", 12, 8), fixed("24 December", 12, 24),
	fixed("25 December", 12, 25), fixed("26 December", 12, 26), fixed("31 December", 12, 31),
	nth("third Monday of January", 1, time.Monday, 3), nth("third Monday of February", 2, time.Monday, 3),
	nth("first Monday of May", 5, time.Monday, 1), nth("last Monday of May", 5, time.Monday, -1),
	nth("last Monday of August", 8, time.Monday, -1), nth("first Monday of September", 9, time.Monday, 1),
	nth("second Monday of October", 10, time.Monday, 2), nth("fourth Thursday of November", 11, time.Thursday, 4),
	easterPlus("Good Friday", -2), easterPlus("Easter Monday", 1), easterPlus("Ascension Day", 39), easterPlus("Whit Monday", 50),
	easterPlus("Corpus Christi", 60),
}

// seenFeast is a past day on which a queue showed that it keeps a feast.
type seenFeast struct {
	name   string
	row    int
	closed bool // no contacts at all on a usually open day
}

// settings of the recognition.
const (
	feastDip     = 0.2 // log volume a kept feast must lose at least
	feastScatter = 3.0 // and this many times the usual scatter of days
)

// recogniseFeasts finds the feasts before the origin that the queue kept: days closed or far below the fit of the plain
// regression. Weekends and days of the planner's calendar are left out.
func recogniseFeasts(c *cut, r *regression) []seenFeast {
	if r == nil {
		return nil
	}
	fitted := r.fitted
	var out []seenFeast
	first := c.firstObserved()
	eachFeast(c.first+Date(first), c.first+Date(c.day)-1, func(name string, d Date) {
		row := int(d - c.first)
		if len(c.cal.special[d]) > 0 || isWeekend(int(d.Weekday())) || !c.opensOn[c.kind[row]] {
			return
		}
		if !c.observed(row) && c.neighboursObserved(row) {
			out = append(out, seenFeast{name, row, true})
			return
		}
		fit, ok := fitted[row]
		if !ok || c.total[row] >= fit {
			return
		}
		noise := feastScatter * (r.scatter + c.noise/(c.noise+fit))
		dip := -c.logRatio(c.total[row], fit)
		if dip > feastDip && dip > noise {
			out = append(out, seenFeast{name, row, false})
		}
	})
	return out
}

// neighboursObserved says that an empty day is no part of a longer gap: the weekdays around it have observations.
func (h *history) neighboursObserved(d int) bool {
	seen := 0
	for _, step := range []int{-1, 1} {
		for o := d + step; o >= 0 && (o+1)*h.slots <= h.origin && o >= d-4 && o <= d+4; o += step {
			if h.opensOn[h.kind[o]] {
				if h.observed(o) {
					seen++
				}
				break
			}
		}
	}
	return seen == 2
}

// eachFeast visits the feasts between two dates, both included, rule by rule.
func eachFeast(from, to Date, visit func(name string, d Date)) {
	for year := from.Time(time.UTC).Year(); year <= to.Time(time.UTC).Year(); year++ {
		for _, f := range feasts {
			if d := f.date(year); d >= from && d <= to {
				visit(f.name, d)
			}
		}
	}
}
