package forecast

import "slices"

// Span is a part of a day in minutes after local midnight, half-open [From, To), 0 <= From < To <= 1440.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// SpecialDay is a date that does not behave like its weekday. Days that share a
// tag teach each other: the effect of a tag is learnt from all its days.
type SpecialDay struct {
	Date Date     `json:"date"`
	Name string   `json:"name,omitempty"`
	Tags []string `json:"tags,omitempty"` // e.g. "holiday"; a day without tags is tagged with its name
	// Closed: true = no contacts can arrive, false = open, nil = learn it: a past day without observations was closed, a
	// coming day is closed when every past day that shares a tag was.
	Closed *bool  `json:"closed,omitempty"`
	Like   *int   `json:"like,omitempty"`  // weekday it works like, 0 = Sunday (a make-up working Saturday works like a Friday)
	Hours  []Span `json:"hours,omitempty"` // own opening hours; empty = those of its weekday
}

// Event is a campaign, mailing or outage that moves volume on the dates From to To, both included.
type Event struct {
	Name string `json:"name"`
	From Date   `json:"from"`
	To   Date   `json:"to"`
	// Size is the known multiplier of volume (1.2 = a fifth more); 0 = learn it from earlier events of the same name.
	Size float64 `json:"size,omitempty"`
}

// Calendar is what is known of the days of a queue, past and to come.
type Calendar struct {
	// Opening gives the opening hours per weekday, 0 = Sunday. Nil = learn them from the history.
	Opening *[7][]Span   `json:"opening,omitempty"`
	Days    []SpecialDay `json:"days,omitempty"`
	Events  []Event      `json:"events,omitempty"`
}

// dayIndex is the calendar arranged for lookup by date.
type dayIndex struct {
	opening *[7][]Span
	special map[Date][]SpecialDay
	events  []Event
}

func (c *Calendar) index() *dayIndex {
	ix := &dayIndex{opening: c.Opening, special: map[Date][]SpecialDay{}, events: slices.Clone(c.Events)}
	for _, d := range c.Days {
		ix.special[d.Date] = append(ix.special[d.Date], d)
	}
	return ix
}

// closed says whether the calendar closes the whole date.
func (ix *dayIndex) closed(d Date) bool {
	for _, s := range ix.special[d] {
		if s.Closed != nil && *s.Closed {
			return true
		}
	}
	return false
}

// weekday gives the weekday the date works like, 0 = Sunday.
func (ix *dayIndex) weekday(d Date) int {
	for _, s := range ix.special[d] {
		if s.Like != nil && *s.Like >= 0 && *s.Like < 7 {
			return *s.Like
		}
	}
	return int(d.Weekday())
}

// hours gives the opening hours of the date and whether the calendar knows them.
func (ix *dayIndex) hours(d Date) ([]Span, bool) {
	if ix.closed(d) {
		return nil, true
	}
	for _, s := range ix.special[d] {
		if len(s.Hours) > 0 {
			return s.Hours, true
		}
	}
	if ix.opening == nil {
		return nil, false
	}
	return ix.opening[ix.weekday(d)], true
}

// resolve decides the special days whose closing the planner left open: past ones were closed when nothing was observed
// around the clock on a usually open weekday; coming ones are closed when every past day that shares their name, else a
// tag, was.
func (ix *dayIndex) resolve(first Date, origin int, observed func(row int) bool, open [7]bool) {
	type count struct{ closed, all int }
	seen := map[string]*count{}
	note := func(name string, closed bool) {
		if seen[name] == nil {
			seen[name] = &count{}
		}
		seen[name].all++
		if closed {
			seen[name].closed++
		}
	}
	set := func(d Date, i int, closed bool) { ix.special[d][i].Closed = &closed }
	for d, list := range ix.special {
		row := int(d - first)
		for i := range list {
			s := &list[i]
			if s.Closed == nil && row >= 0 && row < origin && s.Like == nil {
				set(d, i, !observed(row) && open[d.Weekday()])
			}
			if s.Closed != nil && row < origin && open[d.Weekday()] {
				for _, n := range append([]string{"name:" + s.Name}, s.names()...) {
					note(n, *s.Closed)
				}
			}
		}
	}
	for d, list := range ix.special {
		for i := range list {
			s := &list[i]
			if s.Closed != nil || int(d-first) < origin || s.Like != nil || len(s.Hours) > 0 {
				continue
			}
			for _, n := range append([]string{"name:" + s.Name}, s.names()...) {
				if c := seen[n]; c != nil {
					set(d, i, c.closed == c.all)
					break
				}
			}
		}
	}
}
