package rating

import (
	"cmp"
	"strings"

	"muster/tenants/calendar"
)

// Measure names what a fact counts.
type Measure string

// The measures a meter may read, with the unit of Fact.Quantity.
const (
	AgentTime        Measure = "agent_time"        // milliseconds an agent spent in a state
	HandleTime       Measure = "handle_time"       // milliseconds of talk, hold and wrap-up
	ContactsOffered  Measure = "contacts_offered"  // contacts
	ContactsHandled  Measure = "contacts_handled"  // contacts
	ContactsResolved Measure = "contacts_resolved" // contacts
	Outcomes         Measure = "outcomes"          // results that the client confirmed, such as sales
	Seats            Measure = "seats"             // thousandths of a seat held on the day
	Cost             Measure = "cost"              // minor units of the card's currency, passed through
)

// measures lists every known measure.
var measures = []Measure{AgentTime, HandleTime, ContactsOffered, ContactsHandled, ContactsResolved, Outcomes, Seats, Cost}

// Dimension names a property of a fact by which rules filter and lines are split.
type Dimension string

// The dimensions.
const (
	LOB      Dimension = "lob"
	Queue    Dimension = "queue"
	Channel  Dimension = "channel"
	Tier     Dimension = "tier"
	Language Dimension = "language"
	Site     Dimension = "site"
	DayType  Dimension = "day_type" // workday, weekend, holiday
	Band     Dimension = "band"     // time band of the contract, such as day or night
	Shift    Dimension = "shift"    // normal or overtime
	Stage    Dimension = "stage"    // training, nesting or live
	Activity Dimension = "activity" // contact, available, training, break, …
	Outcome  Dimension = "outcome"  // in_sla, outside_sla, sale, …
)

// dimensions lists every known dimension in the order in which lines sort.
var dimensions = []Dimension{LOB, Queue, Channel, Tier, Language, Site, DayType, Band, Shift, Stage, Activity, Outcome}

// Labels are the properties of a fact; an empty label means "not told".
type Labels struct {
	LOB      string `json:"lob,omitempty"`
	Queue    string `json:"queue,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Tier     string `json:"tier,omitempty"`
	Language string `json:"language,omitempty"`
	Site     string `json:"site,omitempty"`
	DayType  string `json:"day_type,omitempty"`
	Band     string `json:"band,omitempty"`
	Shift    string `json:"shift,omitempty"`
	Stage    string `json:"stage,omitempty"`
	Activity string `json:"activity,omitempty"`
	Outcome  string `json:"outcome,omitempty"`
}

// Of gives the label of one dimension.
func (l Labels) Of(d Dimension) string {
	switch d {
	case LOB:
		return l.LOB
	case Queue:
		return l.Queue
	case Channel:
		return l.Channel
	case Tier:
		return l.Tier
	case Language:
		return l.Language
	case Site:
		return l.Site
	case DayType:
		return l.DayType
	case Band:
		return l.Band
	case Shift:
		return l.Shift
	case Stage:
		return l.Stage
	case Activity:
		return l.Activity
	case Outcome:
		return l.Outcome
	}
	return ""
}

// compare orders labels dimension by dimension.
func (l Labels) compare(o Labels) int {
	for _, d := range dimensions {
		if c := strings.Compare(l.Of(d), o.Of(d)); c != 0 {
			return c
		}
	}
	return 0
}

// Fact is one measured quantity of one business date, in the contract's zone.
type Fact struct {
	Day      calendar.Date
	Measure  Measure
	Labels   Labels
	Paid     bool   // agent time the provider pays for
	Billable bool   // agent time the client's state map marks as billable
	Quantity int64  // in the unit of the measure, never negative
	Source   string // opaque key of the rows behind the fact, such as an agent or queue id
}

// compare orders facts by day, labels, source and content, so that no result depends on the order of the input.
func (f Fact) compare(o Fact) int {
	return cmp.Or(
		cmp.Compare(f.Day, o.Day),
		strings.Compare(string(f.Measure), string(o.Measure)),
		f.Labels.compare(o.Labels),
		strings.Compare(f.Source, o.Source),
		compareBool(f.Billable, o.Billable),
		compareBool(f.Paid, o.Paid),
		cmp.Compare(f.Quantity, o.Quantity),
	)
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
