package roster

// Format is the value of [Problem.Format] that this version reads and writes.
const Format = "muster-roster/1"

// Problem is everything a roster depends on. Agents, groups and templates are
// addressed by their position; minutes of a shift count from local midnight of
// the first day in elapsed (real) minutes, so a day can have 23 or 25 hours.
type Problem struct {
	Format      string      `json:"format"`                 // always "muster-roster/1"
	Zone        string      `json:"zone"`                   // IANA name; local midnights and start windows follow it
	FirstDay    string      `json:"first_day"`              // YYYY-MM-DD, a business date in Zone
	Days        int         `json:"days"`                   // number of business dates, 1..366
	SlotMinutes int         `json:"slot_minutes"`           // grid of the search: 5, 10, 15, 20, 30 or 60
	Groups      []Group     `json:"groups"`                 // demand groups
	Templates   []Template  `json:"templates"`              // shift templates
	Agents      []Agent     `json:"agents"`                 // people
	Rules       []Rule      `json:"rules,omitempty"`        // law, contract, client and personal rules
	Published   []Shift     `json:"published,omitempty"`    // the roster people already know; see ChangeTax
	ChangeTax   int64       `json:"change_tax,omitempty"`   // points per agent-day that differs from Published
	OverCost    *int64      `json:"over_cost,omitempty"`    // points per slot and agent above the requirement (default 4)
	UnderCost   *int64      `json:"under_cost,omitempty"`   // points per slot and missing agent where a group gives no value (default 1000)
	MinStretch  int         `json:"min_stretch,omitempty"`  // least minutes of work for one group before another (default 60)
	OpenDays    []DayWindow `json:"open_days,omitempty"`    // site opening; empty = always open
	FreezeUntil int         `json:"freeze_until,omitempty"` // minutes: shifts of Published that start earlier cannot move
	Holidays    []int       `json:"holidays,omitempty"`     // day indexes of public holidays, for those who show the roster
	Pay         []PayWindow `json:"pay,omitempty"`          // times that are paid with a premium by law or contract
}

// PayWindow is a time in which a paid minute costs more than CostPerHour says:
// nights, rest days, holidays. Windows that overlap add up. Who builds a problem
// takes them from the labour law of the site (law.Preset.PayWindows) and gives
// agents a CostPerHour, without which they cost nothing.
type PayWindow struct {
	From    int    `json:"from"`           // elapsed minutes from midnight of the first day
	To      int    `json:"to"`             // exclusive
	Percent int    `json:"percent"`        // on top: 100 = paid twice
	Site    string `json:"site,omitempty"` // of the agents it holds for; empty = everybody
}

// DayWindow opens a site on a day between two local minutes of that day.
type DayWindow struct {
	Day  int `json:"day"`
	From int `json:"from"` // local minute of the day, inclusive
	To   int `json:"to"`   // local minute of the day, exclusive; above 1440 reaches into the next day
}

// Group is one demand group: work of one client that needs one skill at a tier.
// An agent of a higher tier can stand in for a lower one. Need and Values together
// come from service levels by [Group.Fill]; Need alone asks for bodies.
type Group struct {
	ID              string    `json:"id"`
	Client          string    `json:"client"`
	Skill           string    `json:"skill"`
	Tier            int       `json:"tier"`                       // 0 junior, 1 middle, 2 expert
	IntervalMinutes int       `json:"interval_minutes,omitempty"` // of Need and Values; a multiple of slot_minutes (default: slot_minutes)
	Need            []int     `json:"need"`                       // agents per interval from midnight of the first day; missing tail = 0
	Values          [][]int64 `json:"values,omitempty"`           // points the 1st, 2nd ... agent brings per slot of the interval (not increasing); replaces UnderCost
	UnderCost       *int64    `json:"under_cost,omitempty"`       // points per slot and missing agent of this group
	OverCost        *int64    `json:"over_cost,omitempty"`        // points per slot and surplus agent of this group
}

// Template is a family of shifts: a window of starts, a range of lengths, breaks.
type Template struct {
	ID         string   `json:"id"`
	StartFrom  int      `json:"start_from"`           // local minute of the day of the earliest start
	StartTo    int      `json:"start_to"`             // latest start, inclusive; may pass 1440 only to equal StartFrom
	StartStep  int      `json:"start_step,omitempty"` // minutes (default: slot_minutes)
	MinMinutes int      `json:"min_minutes"`          // span from start to end, breaks included
	MaxMinutes int      `json:"max_minutes"`
	LengthStep int      `json:"length_step,omitempty"` // minutes (default: slot_minutes)
	Breaks     []Break  `json:"breaks,omitempty"`      // in the order in which they are taken
	Weekdays   []int    `json:"weekdays,omitempty"`    // 0 Monday .. 6 Sunday; empty = every day
	Groups     []string `json:"groups,omitempty"`      // group ids this shift may serve; empty = all
	Cost       int64    `json:"cost,omitempty"`        // points per shift (unpopular or dear shifts)
}

// Break is a break or meal of a template.
type Break struct {
	ID       string `json:"id"`
	Meal     bool   `json:"meal,omitempty"`
	Minutes  int    `json:"minutes"`             // rounded up to the grid
	Paid     bool   `json:"paid,omitempty"`      // paid minutes count towards the contract
	Earliest int    `json:"earliest"`            // minutes after the shift's start at which it may begin
	Latest   int    `json:"latest"`              // latest beginning, minutes after the start
	MinShift int    `json:"min_shift,omitempty"` // only in shifts at least this long
}

// Agent is one person.
type Agent struct {
	ID        string    `json:"id"`
	Name      string    `json:"name,omitempty"`
	Site      string    `json:"site,omitempty"`
	Skills    []Skill   `json:"skills"`
	Contract  *Contract `json:"contract"`
	Templates []string  `json:"templates,omitempty"` // ids allowed; empty = all
	Available []Window  `json:"available,omitempty"` // empty = always; otherwise shifts lie inside one window
	TimeOff   []Window  `json:"time_off,omitempty"`  // no work may overlap
	Pins      []Pin     `json:"pins,omitempty"`      // cells that are fixed
	Requests  []Request `json:"requests,omitempty"`  // wishes with weights
	History   History   `json:"history"`             // what came before the first day
	// CostPerHour is in points per paid hour, on the cost level. It is weighed against
	// what agents are worth per slot (Values, or UnderCost): with 60, a slot of a
	// quarter of an hour costs 15 points, and nobody is rostered for less.
	CostPerHour int64 `json:"cost_per_hour,omitempty"`
}

// Skill lets an agent serve groups of a skill up to a tier.
type Skill struct {
	Client      string `json:"client,omitempty"` // empty = any client
	Skill       string `json:"skill"`
	Tier        int    `json:"tier"`
	FromDay     int    `json:"from_day,omitempty"`
	ToDay       *int   `json:"to_day,omitempty"`      // last day on which it is valid; nil = no end
	Proficiency int    `json:"proficiency,omitempty"` // per cent, 100 = standard (0 reads as 100); the better is preferred at equal cover
}

// Contract holds the paid minutes an agent shall work.
type Contract struct {
	MinMinutes     int   `json:"min_minutes"`                // over the whole horizon
	MaxMinutes     int   `json:"max_minutes"`                // over the whole horizon
	WeekMinMinutes int   `json:"week_min_minutes,omitempty"` // per calendar week (Monday first) that lies wholly in the horizon
	WeekMaxMinutes int   `json:"week_max_minutes,omitempty"` // per calendar week; 0 = no limit
	HardMax        bool  `json:"hard_max,omitempty"`         // the maxima are hard; otherwise overtime costs points
	Weight         int64 `json:"weight,omitempty"`           // points per minute below or above (default 20)
}

// Window is a span of elapsed minutes from midnight of the first day, [From, To).
type Window struct {
	From   int    `json:"from"`
	To     int    `json:"to"`
	Reason string `json:"reason,omitempty"`
}

// Pin fixes one agent-day: to a shift, or to a day off when Template is empty.
type Pin struct {
	Day      int    `json:"day"`
	Template string `json:"template,omitempty"`
	Start    int    `json:"start,omitempty"`   // elapsed minutes from midnight of the first day
	Minutes  int    `json:"minutes,omitempty"` // span
}

// Request is a wish. Off = true: not working that time; false: working it. It is
// priced by minutes of overlap with [From, To) local minutes of the day.
type Request struct {
	Day    int   `json:"day"`
	Off    bool  `json:"off,omitempty"`
	From   int   `json:"from"`   // local minute of the day
	To     int   `json:"to"`     // 0 = the whole day
	Weight int64 `json:"weight"` // points when not granted at all
}

// History is what rules need to know about the time before the first day.
type History struct {
	LastEnd         *int   `json:"last_end,omitempty"`         // minutes, negative or zero: end of the last shift before the horizon
	ConsecutiveDays int    `json:"consecutive_days,omitempty"` // worked days up to the last one before the horizon
	ConsecutiveOff  int    `json:"consecutive_off,omitempty"`  // days off up to the last one before the horizon
	WeekMinutes     int    `json:"week_minutes,omitempty"`     // paid minutes already worked in the calendar week of the first day
	Nights          int    `json:"nights,omitempty"`           // load of past periods, for fairness
	Weekends        int    `json:"weekends,omitempty"`         // load of past periods, for fairness
	Unpopular       int    `json:"unpopular,omitempty"`        // shifts of fair_templates in past periods
	Refused         int    `json:"refused,omitempty"`          // requests not granted in past periods, for fairness
	LastTemplate    string `json:"last_template,omitempty"`    // template worked on the day before the horizon
}

// Shift is one shift of one agent. Start counts elapsed minutes from local
// midnight of the first day.
type Shift struct {
	Agent       int        `json:"agent"`
	Day         int        `json:"day"`
	Template    string     `json:"template"`
	Start       int        `json:"start"`
	Minutes     int        `json:"minutes"`
	PaidMinutes int        `json:"paid_minutes"`
	Pinned      bool       `json:"pinned,omitempty"`
	Activities  []Activity `json:"activities"`
}

// ActivityKind says what an agent does during a stretch of a shift.
type ActivityKind string

// The kinds of activity a solution contains.
const (
	Work  ActivityKind = "work"
	Pause ActivityKind = "break"
	Meal  ActivityKind = "meal"
)

// Activity is one stretch of a shift; stretches follow one another without gap.
type Activity struct {
	Kind    ActivityKind `json:"kind"`
	Start   int          `json:"start"`
	Minutes int          `json:"minutes"`
	Group   int          `json:"group"` // position in Problem.Groups; -1 for breaks and for work nobody asked for
	Paid    bool         `json:"paid"`
}
