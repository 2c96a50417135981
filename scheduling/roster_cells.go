package scheduling

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

// Cell is one agent's business day as it shall become: a shift, a day off when
// Template and Text are empty, or what Text says in a planner's words.
type Cell struct {
	AgentID  ids.Agent        `json:"agent_id"`
	Day      calendar.Date    `json:"day"` // business date in the agent's site; with StartAt it may be left out
	Template string           `json:"template,omitempty"`
	StartAt  calendar.Instant `json:"start_at,omitempty"`
	Minutes  int              `json:"minutes,omitempty"` // from start to end; 0 = the template's shortest
	// Text is a cell of a spreadsheet: "08:00-17:00", "08:00", "late", "late 13:00", "off".
	// Times are in the roster's zone.
	Text string `json:"text,omitempty"`
}

// pinKey is a cell of the board.
type pinKey struct {
	agent ids.Agent
	day   calendar.Date
}

// resolve translates cells into the engine's edits.
func (b *board) resolve(cells []Cell, now calendar.Instant) (*boardEdit, error) {
	w := &boardEdit{}
	for _, c := range cells {
		i, err := agentIndex(&b.problem, c.AgentID)
		if err != nil {
			return nil, err
		}
		if c.Day == 0 && c.StartAt != 0 {
			zone, err := zoneOf(b.sites[b.people[i].Membership.SiteID].Zone)
			if err != nil {
				return nil, err
			}
			c.Day = calendar.DateOf(c.StartAt, zone)
		}
		if c.Template == "" && c.Text != "" {
			if err := b.readText(i, &c); err != nil {
				return nil, err
			}
		}
		var shift *roster.Shift
		if c.Template != "" {
			if shift, err = b.wanted(i, c); err != nil {
				return nil, err
			}
		}
		if err := b.want(w, i, c.AgentID, c.Day, shift, true, now); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// want adds a cell to an edit: what the date holds goes, the shift comes.
func (b *board) want(w *boardEdit, agent int, id ids.Agent, day calendar.Date, shift *roster.Shift, pinned bool, now calendar.Instant) error {
	if slices.ContainsFunc(w.cells, func(c cellChange) bool { return c.agent == agent && c.day == day }) {
		return fault.Newf(fault.Invalid, "roster.cell_twice", "The edit names the agent %s twice on %s.", b.problem.Agents[agent].Name, day).With("agent", b.problem.Agents[agent].Name).With("day", day.String())
	}
	at, before, err := b.cellAt(agent, day)
	if err != nil {
		return err
	}
	if before != nil && b.instantOf(before.Start) < now || shift != nil && b.instantOf(shift.Start) < now {
		return fault.New(fault.Conflict, "roster.past", "The shift has begun; the past cannot move.")
	}
	c := cellChange{agent: agent, id: id, day: day, before: before, after: -1, pinned: pinned}
	if before != nil {
		w.set(roster.CellEdit{Agent: agent, Day: at})
	}
	if shift != nil {
		c.after = w.set(roster.CellEdit{Agent: agent, Day: shift.Day, Shift: shift})
	}
	w.cells = append(w.cells, c)
	return nil
}

// set puts an engine cell into the edit, a shift over an emptied cell, and gives its position.
func (w *boardEdit) set(e roster.CellEdit) int {
	k := slices.IndexFunc(w.edits, func(o roster.CellEdit) bool { return o.Agent == e.Agent && o.Day == e.Day })
	if k < 0 {
		w.edits = append(w.edits, e)
		return len(w.edits) - 1
	}
	if e.Shift != nil {
		w.edits[k].Shift = e.Shift
	}
	return k
}

// cellAt finds the engine's day and shift of a business date. The site's date of
// a shift may lie a day beside the date of the roster's zone.
func (b *board) cellAt(agent int, day calendar.Date) (int, *roster.Shift, error) {
	zone, err := zoneOf(b.sites[b.people[agent].Membership.SiteID].Zone)
	if err != nil {
		return 0, nil, err
	}
	at := int(day - b.FromDay)
	for _, d := range []int{at, at + 1, at - 1} {
		if sh := b.editor.ShiftAt(agent, d); sh != nil && calendar.DateOf(b.instantOf(sh.Start), zone) == day {
			return d, sh, nil
		}
	}
	return at, nil, nil
}

// wanted translates the new shift.
func (b *board) wanted(agent int, c Cell) (*roster.Shift, error) {
	i := slices.IndexFunc(b.problem.Templates, func(t roster.Template) bool { return t.ID == c.Template })
	if i < 0 {
		return nil, fault.Newf(fault.Invalid, "roster.unknown_template", "The roster has no shift template %q; it has %s.", c.Template, fault.Allowed(templateIDs(b.problem.Templates))).With("template", c.Template)
	}
	if c.Minutes == 0 {
		c.Minutes = b.problem.Templates[i].MinMinutes
	}
	zone, err := zoneOf(b.sites[b.people[agent].Membership.SiteID].Zone)
	if err != nil {
		return nil, err
	}
	day, err := b.dayOf(c.StartAt)
	if err != nil {
		return nil, err
	}
	if calendar.DateOf(c.StartAt, zone) != c.Day || day < 0 || day >= b.problem.Days {
		return nil, fault.Newf(fault.Invalid, "roster.cell_day", "The shift starts on %s in the agent's site, not on %s, or outside of the roster.", calendar.DateOf(c.StartAt, zone), c.Day)
	}
	return &roster.Shift{Agent: agent, Day: day, Template: c.Template, Start: b.minuteOf(c.StartAt), Minutes: c.Minutes}, nil
}

func templateIDs(all []roster.Template) []string {
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = t.ID
	}
	return out
}

// daysOff are the ways in which people write a day off.
var daysOff = []string{"off", "o", "-", "–", "x", "0", "休", "休息", "rest", "day off"}

// cellForm is a cell with times: an optional template, a start, an optional end.
var cellForm = regexp.MustCompile(`^(?:(\S*[^\s\d:：]\S*)\s+)?(\d{1,2})[:：]?(\d{2})(?:\s*[-–—~～至]\s*(\d{1,2})[:：]?(\d{2}))?$`)

// readText reads what a planner wrote into template, start and length.
func (b *board) readText(agent int, c *Cell) error {
	text := strings.ToLower(strings.Join(strings.Fields(c.Text), " "))
	if text == "" || slices.Contains(daysOff, text) {
		return nil
	}
	unreadable := fault.Newf(fault.Invalid, "roster.cell_text", "The cell %q is no shift; write 08:00-17:00, 08:00, a shift type such as %s, or off.", c.Text, strings.Join(b.namesFor(agent), ", ")).With("text", c.Text)
	m := cellForm.FindStringSubmatch(text)
	if m == nil {
		t := b.templateFor(agent, text, -1, 0)
		if t == nil {
			return unreadable
		}
		return b.startText(agent, c, t, t.StartFrom, t.MinMinutes)
	}
	start := minutesOf(m[2], m[3])
	if start < 0 || start >= 1440 {
		return unreadable
	}
	length := 0
	if m[4] != "" {
		end := minutesOf(m[4], m[5])
		if end < 0 || end > 1440 {
			return unreadable
		}
		if length = end - start; length <= 0 {
			length += 1440
		}
	}
	t := b.templateFor(agent, m[1], start, length)
	if t == nil {
		return unreadable
	}
	if length == 0 {
		length = t.MinMinutes
	}
	return b.startText(agent, c, t, start, length)
}

func minutesOf(hour, minute string) int {
	h, errH := strconv.Atoi(hour)
	m, errM := strconv.Atoi(minute)
	if errH != nil || errM != nil || m > 59 {
		return -1
	}
	return h*60 + m
}

// shortName is a template's id without its site.
func shortName(id string) string {
	_, name, found := strings.Cut(id, "/")
	if !found {
		name = id
	}
	name, _, _ = strings.Cut(name, "#")
	return strings.ToLower(name)
}

// allowed reports whether an agent works a template.
func (b *board) allowed(agent int, id string) bool {
	own := b.problem.Agents[agent].Templates
	return len(own) == 0 || slices.Contains(own, id)
}

// namesFor lists the short names of an agent's templates.
func (b *board) namesFor(agent int) []string {
	var out []string
	for _, t := range b.problem.Templates {
		if name := shortName(t.ID); b.allowed(agent, t.ID) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// templateFor finds the agent's template of that name (empty: any) for a start
// (negative: any) and a length (0: any); one that lets people start then is preferred.
func (b *board) templateFor(agent int, name string, start, length int) *roster.Template {
	var second *roster.Template
	for i := range b.problem.Templates {
		t := &b.problem.Templates[i]
		if !b.allowed(agent, t.ID) || name != "" && name != shortName(t.ID) && name != strings.ToLower(t.ID) || length != 0 && (length < t.MinMinutes || length > t.MaxMinutes) {
			continue
		}
		if start < 0 || start >= t.StartFrom && start <= t.StartTo {
			return t
		}
		if second == nil {
			second = t
		}
	}
	return second
}

// startText finds the instant at which the roster's clock shows the start on the agent's business date.
func (b *board) startText(agent int, c *Cell, t *roster.Template, start, minutes int) error {
	own, err := zoneOf(b.Zone)
	if err != nil {
		return err
	}
	site, err := zoneOf(b.sites[b.people[agent].Membership.SiteID].Zone)
	if err != nil {
		return err
	}
	for _, d := range []calendar.Date{c.Day, c.Day + 1, c.Day - 1} {
		if at := d.At(start, own); calendar.DateOf(at, site) == c.Day {
			c.Template, c.StartAt, c.Minutes = t.ID, at, minutes
			return nil
		}
	}
	return fault.New(fault.Invalid, "roster.cell_day", fmt.Sprintf("%02d:%02d does not exist on %s.", start/60, start%60, c.Day))
}
