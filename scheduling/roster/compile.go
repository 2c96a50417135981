package roster

import (
	"slices"
	"time"

	"muster/tenants/fault"
)

// cell is one agent-day of a row: the shift that starts on that day.
type cell struct {
	tmpl       int32 // position of the template, -1 = off
	start, end int32 // slots from the first midnight
	paid       int32 // paid minutes
}

var off = cell{tmpl: -1}

func (c cell) on() bool { return c.tmpl >= 0 }

// model is a problem in the form the search reads: dense, by slot.
type model struct {
	p        *Problem
	slot     int   // minutes
	dayStart []int // slot of each local midnight, days+1 entries
	slots    int   // slots of the horizon
	tail     int   // slots of the arrays: the horizon and one more day
	weekday  []int // 0 Monday
	weekOf   []int // calendar week index per day
	weeks    int
	fullWeek []bool             // whole week lies in the horizon
	night    []int32            // prefix sum of slots between 22:00 and 06:00 local
	premium  map[string][]int64 // by site: prefix sum of the per cent of pay on top
	origin   time.Time

	groups    []groupModel
	templates []templateModel
	agents    []agentModel
	stretch   int // slots
	rules     []ruleModel
	open      [][]span // per day, nil = open
}

type groupModel struct {
	need   []int32 // per slot of the arrays
	values [][]int64
	vslot  int // slots per interval of values
	under  int64
	over   int64
}

type templateModel struct {
	id      string
	starts  [][]int32 // per day: slots
	lengths []int32   // slots
	breaks  []breakModel
	allowed []bool // per group
	cost    int64
	wk      [7]bool
}

type breakModel struct {
	slots, earliest, latest, minShift int32
	minutes                           int32
	paid, meal                        bool
}

type span struct{ from, to int32 }

type agentModel struct {
	serves    [][]int32 // per day: groups, in order of preference
	servesKey []int32   // per day: index of the distinct serving set
	bonus     []int64   // per group: points per slot for proficiency
	templates []int32
	avail     []span
	timeOff   []span
	pin       []cell // per day; meaningful where pinned
	pinned    []bool
	frozen    []bool // pinned because it lies in the past: breaks stay too
	requests  []requestModel
	contract  Contract
	history   History
	lastEnd   int32 // slots, very negative if none
	lastTmpl  int32
	rules     []int32
	pay       int64
	premium   []int64 // of the site
	published []cell
	limits    limits
	must      []int32 // per day: what a hard rotation asks for, nil = nothing
}

type requestModel struct {
	day    int
	off    bool
	from   int32
	to     int32
	weight int64
}

// limits are the hard rules of an agent that the beam follows label by label.
type limits struct {
	rest, maxRun, minRun, minOff, weekMax, periodMax, dayMax, weekShifts, weekends, nights int32
}

const none = 1 << 29

// compile checks the problem and builds the model.
func compile(p *Problem) (*model, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	m := &model{p: p, slot: p.SlotMinutes}
	if err := m.calendar(); err != nil {
		return nil, err
	}
	m.stretch = max(1, p.MinStretch/m.slot)
	if p.MinStretch == 0 {
		m.stretch = max(1, 60/m.slot)
	}
	m.compileGroups()
	m.compileTemplates()
	m.compileRules()
	for i := range p.Agents {
		m.agents = append(m.agents, m.compileAgent(i))
	}
	m.applyPublished()
	return m, nil
}

func (m *model) calendar() error {
	loc, err := time.LoadLocation(m.p.Zone)
	if err != nil {
		return fault.Newf(fault.Invalid, "roster.zone", "The time zone %q is unknown; use an IANA name such as Asia/Manila.", m.p.Zone)
	}
	first, err := time.ParseInLocation("2006-01-02", m.p.FirstDay, loc)
	if err != nil {
		return fault.Newf(fault.Invalid, "roster.first_day", "The first day %q is not a date of the form YYYY-MM-DD.", m.p.FirstDay)
	}
	m.origin = first
	for d := 0; d <= m.p.Days+1; d++ {
		m.dayStart = append(m.dayStart, m.localSlot(d, 0))
	}
	m.slots = m.dayStart[m.p.Days]
	m.tail = m.dayStart[m.p.Days+1] + 24*60/m.slot
	week := 0
	for d := range m.p.Days {
		wd := (int(first.AddDate(0, 0, d).Weekday()) + 6) % 7
		if d > 0 && wd == 0 {
			week++
		}
		m.weekday, m.weekOf = append(m.weekday, wd), append(m.weekOf, week)
	}
	m.weeks = week + 1
	m.fullWeek = make([]bool, m.weeks)
	for w := range m.weeks {
		n := 0
		for _, v := range m.weekOf {
			if v == w {
				n++
			}
		}
		m.fullWeek[w] = n == 7
	}
	m.night = make([]int32, m.tail+1)
	for s := range m.tail {
		h := m.origin.Add(time.Duration(s*m.slot) * time.Minute).Hour()
		m.night[s+1] = m.night[s]
		if h >= 22 || h < 6 {
			m.night[s+1]++
		}
	}
	m.premium = map[string][]int64{}
	for _, a := range m.p.Agents {
		if _, known := m.premium[a.Site]; !known {
			m.premium[a.Site] = m.premiums(a.Site)
		}
	}
	m.open = make([][]span, m.p.Days)
	for _, o := range m.p.OpenDays {
		m.open[o.Day] = append(m.open[o.Day], span{int32(m.localSlot(o.Day, o.From)), int32(m.localSlot(o.Day, o.To))})
	}
	return nil
}

// premiums sums up the pay windows of a site slot by slot, nil = none.
func (m *model) premiums(site string) []int64 {
	own := slices.DeleteFunc(slices.Clone(m.p.Pay), func(w PayWindow) bool { return w.Site != "" && w.Site != site })
	if len(own) == 0 {
		return nil
	}
	sum := make([]int64, m.tail+1)
	for _, w := range own {
		for t := max(0, floorDiv(w.From, m.slot)); t < min(m.tail, floorDiv(w.To+m.slot-1, m.slot)); t++ {
			sum[t+1] += int64(w.Percent)
		}
	}
	for t := range m.tail {
		sum[t+1] += sum[t]
	}
	return sum
}

// premiumMinutes is what the pay windows add to the paid minutes of a shift,
// spread evenly over its span.
func (a *agentModel) premiumMinutes(c cell) int64 {
	if a.premium == nil || c.end <= c.start {
		return 0
	}
	return (a.premium[c.end] - a.premium[c.start]) * int64(c.paid) / (100 * int64(c.end-c.start))
}

// localSlot gives the slot of a local minute of a day; it may lie on the next day.
func (m *model) localSlot(day, minute int) int {
	y, mo, d := m.origin.Date()
	t := time.Date(y, mo, d+day, 0, minute, 0, 0, m.origin.Location())
	return int(t.Sub(m.origin)/time.Minute) / m.p.SlotMinutes
}

func (m *model) compileGroups() {
	for _, g := range m.p.Groups {
		iv := g.IntervalMinutes
		if iv == 0 {
			iv = m.slot
		}
		k := iv / m.slot
		gm := groupModel{need: make([]int32, m.tail), vslot: k, values: g.Values, under: pick(1000, m.p.UnderCost, g.UnderCost), over: pick(4, m.p.OverCost, g.OverCost)}
		for s := range m.slots {
			if s/k < len(g.Need) {
				gm.need[s] = int32(g.Need[s/k])
			}
		}
		m.groups = append(m.groups, gm)
	}
}

func pick(def int64, choices ...*int64) int64 {
	for _, c := range choices {
		if c != nil {
			def = *c
		}
	}
	return def
}

func (m *model) compileTemplates() {
	for _, t := range m.p.Templates {
		tm := templateModel{id: t.ID, cost: t.Cost, allowed: make([]bool, len(m.groups))}
		for g := range m.p.Groups {
			tm.allowed[g] = len(t.Groups) == 0 || slices.Contains(t.Groups, m.p.Groups[g].ID)
		}
		for w := range 7 {
			tm.wk[w] = len(t.Weekdays) == 0 || slices.Contains(t.Weekdays, w)
		}
		step, lstep := t.StartStep, t.LengthStep
		if step == 0 {
			step = m.slot
		}
		if lstep == 0 {
			lstep = m.slot
		}
		for l := t.MinMinutes; l <= t.MaxMinutes; l += lstep {
			tm.lengths = append(tm.lengths, int32(l/m.slot))
		}
		for d := range m.p.Days {
			var starts []int32
			for s := t.StartFrom; tm.wk[m.weekday[d]] && s <= t.StartTo; s += step {
				v := int32(m.localSlot(d, s))
				if len(starts) == 0 || starts[len(starts)-1] < v {
					starts = append(starts, v)
				}
			}
			tm.starts = append(tm.starts, starts)
		}
		for _, b := range t.Breaks {
			tm.breaks = append(tm.breaks, breakModel{slots: int32((b.Minutes + m.slot - 1) / m.slot), earliest: int32((b.Earliest + m.slot - 1) / m.slot),
				latest: int32(b.Latest / m.slot), minShift: int32(b.MinShift / m.slot), minutes: int32(b.Minutes), paid: b.Paid, meal: b.Meal})
		}
		m.templates = append(m.templates, tm)
	}
}

// paidMinutes of a shift of a template and length in slots.
func (m *model) paidMinutes(tmpl, length int32) int32 {
	paid := length * int32(m.slot)
	for _, b := range m.templates[tmpl].breaks {
		if !b.paid && length >= b.minShift {
			paid -= b.minutes
		}
	}
	return paid
}

func (m *model) newCell(tmpl, start, length int32) cell {
	return cell{tmpl: tmpl, start: start, end: start + length, paid: m.paidMinutes(tmpl, length)}
}

func (m *model) templateIndex(id string) int32 {
	for i := range m.p.Templates {
		if m.p.Templates[i].ID == id {
			return int32(i)
		}
	}
	return -1
}

func (m *model) compileAgent(i int) agentModel {
	a := &m.p.Agents[i]
	am := agentModel{contract: *a.Contract, history: a.History, lastEnd: -none, lastTmpl: -1, pay: a.CostPerHour, premium: m.premium[a.Site],
		pin: make([]cell, m.p.Days), pinned: make([]bool, m.p.Days), frozen: make([]bool, m.p.Days), bonus: make([]int64, len(m.groups)), published: nil}
	if am.contract.Weight == 0 {
		am.contract.Weight = 20
	}
	if a.History.LastEnd != nil {
		am.lastEnd = int32(floorDiv(*a.History.LastEnd, m.slot))
	}
	if a.History.LastTemplate != "" {
		am.lastTmpl = m.templateIndex(a.History.LastTemplate)
	}
	keys := map[string]int32{}
	for d := range m.p.Days {
		var list []int32
		for g := range m.p.Groups {
			if p, ok := skillFor(a, &m.p.Groups[g], d); ok {
				list = append(list, int32(g))
				am.bonus[g] = int64(p-100) / 25
			}
		}
		key := string(int32Bytes(list))
		if _, ok := keys[key]; !ok {
			keys[key] = int32(d)
		} else {
			list = am.serves[keys[key]]
		}
		am.serves, am.servesKey = append(am.serves, list), append(am.servesKey, keys[key])
	}
	for t := range m.p.Templates {
		if len(a.Templates) == 0 || slices.Contains(a.Templates, m.p.Templates[t].ID) {
			am.templates = append(am.templates, int32(t))
		}
	}
	am.avail, am.timeOff = m.spans(a.Available), m.spans(a.TimeOff)
	for _, p := range a.Pins {
		am.pinned[p.Day] = true
		am.pin[p.Day] = off
		if p.Template != "" {
			am.pin[p.Day] = m.newCell(m.templateIndex(p.Template), int32(p.Start/m.slot), int32(p.Minutes/m.slot))
		}
	}
	for _, r := range a.Requests {
		to := r.To
		if to == 0 {
			to = 24 * 60
		}
		am.requests = append(am.requests, requestModel{r.Day, r.Off, int32(m.localSlot(r.Day, r.From)), int32(m.localSlot(r.Day, to)), r.Weight})
	}
	for r := range m.rules {
		if m.rules[r].appliesTo(i) {
			am.rules = append(am.rules, int32(r))
		}
	}
	am.limits = m.agentLimits(&am)
	am.must = m.mustOf(i, &am)
	return am
}

// skillFor says whether an agent can serve a group on a day, and how well.
func skillFor(a *Agent, g *Group, day int) (int, bool) {
	best, ok := 0, false
	for _, s := range a.Skills {
		if s.Skill != g.Skill || s.Tier < g.Tier || (s.Client != "" && s.Client != g.Client) || day < s.FromDay || (s.ToDay != nil && day > *s.ToDay) {
			continue
		}
		p := s.Proficiency
		if p == 0 {
			p = 100
		}
		// An expert standing in below his tier is kept for the work only he can do.
		best, ok = max(best, p-25*(s.Tier-g.Tier)), true
	}
	return best, ok
}

func (m *model) spans(ws []Window) []span {
	var out []span
	for _, w := range ws {
		out = append(out, span{int32(floorDiv(w.From, m.slot)), int32((w.To + m.slot - 1) / m.slot)})
	}
	return out
}

func (m *model) applyPublished() {
	if len(m.p.Published) == 0 {
		return
	}
	for i := range m.agents {
		m.agents[i].published = make([]cell, m.p.Days)
		for d := range m.agents[i].published {
			m.agents[i].published[d] = off
		}
	}
	for _, s := range m.p.Published {
		c := m.newCell(m.templateIndex(s.Template), int32(s.Start/m.slot), int32(s.Minutes/m.slot))
		m.agents[s.Agent].published[s.Day] = c
	}
	for i := range m.agents {
		a := &m.agents[i]
		for d := range m.p.Days {
			if a.pinned[d] {
				continue
			}
			c := a.published[d]
			if (c.on() && int(c.start)*m.slot < m.p.FreezeUntil) || (!c.on() && m.dayStart[d+1]*m.slot <= m.p.FreezeUntil) {
				a.pinned[d], a.frozen[d], a.pin[d] = true, true, c
			}
		}
	}
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func int32Bytes(v []int32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = append(b, byte(x), byte(x>>8), byte(x>>16), byte(x>>24))
	}
	return b
}
