package roster

import (
	"cmp"
	"slices"
)

// Explanation says what a roster costs and why, by rule, by cell and by interval.
type Explanation struct {
	Levels []string    `json:"levels"`
	Score  Score       `json:"score"`
	Rules  []RuleCost  `json:"rules"` // dearest first; coverage is the rule "cover"
	Cells  []CellCost  `json:"cells"` // dearest first
	Broken []Violation `json:"broken,omitempty"`
	Unmet  []Unmet     `json:"unmet,omitempty"`
	Proofs []Proof     `json:"proofs,omitempty"`
}

// RuleCost sums up one rule.
type RuleCost struct {
	Rule   string `json:"rule"`
	Owner  Owner  `json:"owner"`
	Hard   bool   `json:"hard,omitempty"`
	Points int64  `json:"points"` // units when hard
	Count  int    `json:"count"`
}

// CellCost sums up what one agent-day takes part in.
type CellCost struct {
	Cell
	Points  int64    `json:"points"`
	Reasons []string `json:"reasons"`
}

// Explain gathers the reasons of a solution that Solve or Evaluate made for p.
func Explain(p *Problem, s *Solution) *Explanation {
	e := &Explanation{Levels: Levels(), Score: s.Score, Unmet: s.Unmet, Proofs: s.Proofs}
	rules, cells := map[string]*RuleCost{}, map[Cell]*CellCost{}
	for _, v := range s.Violations {
		r := rules[v.Rule]
		if r == nil {
			r = &RuleCost{Rule: v.Rule, Owner: v.Owner, Hard: v.Hard}
			rules[v.Rule] = r
		}
		r.Points, r.Count = r.Points+v.Points, r.Count+1
		if v.Hard {
			e.Broken = append(e.Broken, v)
		}
		for _, at := range v.Cells {
			c := cells[at]
			if c == nil {
				c = &CellCost{Cell: at}
				cells[at] = c
			}
			points := v.Points
			if v.Hard {
				points *= hardPoints
			}
			c.Points += points
			c.Reasons = append(c.Reasons, v.Rule+": "+v.Reason)
		}
	}
	if s.Score[LevelCover] > 0 {
		rules["cover"] = &RuleCost{Rule: "cover", Owner: OwnerClient, Points: s.Score[LevelCover], Count: len(s.Unmet)}
	}
	for _, r := range rules {
		e.Rules = append(e.Rules, *r)
	}
	for _, c := range cells {
		e.Cells = append(e.Cells, *c)
	}
	slices.SortFunc(e.Rules, func(x, y RuleCost) int {
		return cmp.Or(compareBool(y.Hard, x.Hard), cmp.Compare(y.Points, x.Points), cmp.Compare(x.Rule, y.Rule))
	})
	slices.SortFunc(e.Cells, func(x, y CellCost) int {
		return cmp.Or(cmp.Compare(y.Points, x.Points), cmp.Compare(x.Agent, y.Agent), cmp.Compare(x.Day, y.Day))
	})
	return e
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// Difference is one agent-day on which two rosters differ.
type Difference struct {
	Cell
	Before *Shift `json:"before,omitempty"`
	After  *Shift `json:"after,omitempty"`
	Kind   string `json:"kind"` // "added", "removed", "moved" (other times or template) or "activities"
}

// Comparison is what changed between two rosters and what it is worth.
type Comparison struct {
	Differences []Difference `json:"differences"`
	Agents      int          `json:"agents"` // people with another shift, not only other activities
	Before      Score        `json:"before"`
	After       Score        `json:"after"`
}

// Compare lists the cells on which two rosters of the same problem differ. The
// scores are those of the given solutions.
func Compare(before, after *Solution) *Comparison {
	c := &Comparison{Before: before.Score, After: after.Score}
	old, now := byCell(before.Shifts), byCell(after.Shifts)
	cells := make([]Cell, 0, len(old)+len(now))
	for k := range old {
		cells = append(cells, k)
	}
	for k := range now {
		if old[k] == nil {
			cells = append(cells, k)
		}
	}
	slices.SortFunc(cells, func(x, y Cell) int { return cmp.Or(cmp.Compare(x.Agent, y.Agent), cmp.Compare(x.Day, y.Day)) })
	touched := map[int]bool{}
	for _, k := range cells {
		d := Difference{Cell: k, Before: old[k], After: now[k]}
		switch {
		case d.Before == nil:
			d.Kind = "added"
		case d.After == nil:
			d.Kind = "removed"
		case d.Before.Start != d.After.Start || d.Before.Minutes != d.After.Minutes || d.Before.Template != d.After.Template:
			d.Kind = "moved"
		case !slices.Equal(d.Before.Activities, d.After.Activities):
			d.Kind = "activities"
		default:
			continue
		}
		if d.Kind != "activities" {
			touched[k.Agent] = true
		}
		c.Differences = append(c.Differences, d)
	}
	c.Agents = len(touched)
	return c
}

func byCell(shifts []Shift) map[Cell]*Shift {
	out := make(map[Cell]*Shift, len(shifts))
	for i := range shifts {
		out[Cell{shifts[i].Agent, shifts[i].Day}] = &shifts[i]
	}
	return out
}
