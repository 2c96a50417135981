package dayshift

import (
	"cmp"
	"slices"
)

// Reason is one cost of a roster and where it comes from.
type Reason struct {
	Rule   string `json:"rule"`  // "cover_under", "cover_over", "request" or a hard rule
	Agent  int    `json:"agent"` // -1 for cover
	Day    int    `json:"day"`
	Shift  int    `json:"shift"`
	Points int64  `json:"points"` // 0 for hard rules
	Text   string `json:"text"`
}

// Explain lists every cost of rows, hard rules first, then the dearest.
func Explain(p *Problem, rows [][]int8) []Reason {
	var out []Reason
	_, broken := Judge(p, rows)
	for _, v := range broken {
		out = append(out, Reason{Rule: v.Rule, Agent: v.Agent, Day: v.Day, Shift: Off, Text: v.Reason})
	}
	hard := len(out)
	for _, q := range p.Requests {
		if worked := int(rows[q.Agent][q.Day]) == q.Shift; worked != q.On {
			text := "a shift wished off is worked"
			if q.On {
				text = "a shift wished for is not worked"
			}
			out = append(out, Reason{Rule: "request", Agent: q.Agent, Day: q.Day, Shift: q.Shift, Points: int64(q.Weight), Text: text})
		}
	}
	for _, c := range p.Cover {
		n := 0
		for _, row := range rows {
			if int(row[c.Day]) == c.Shift {
				n++
			}
		}
		if n < c.Need && c.Under > 0 {
			out = append(out, Reason{Rule: "cover_under", Agent: -1, Day: c.Day, Shift: c.Shift, Points: int64((c.Need - n) * c.Under), Text: reason("", n, c.Need)})
		}
		if n > c.Need && c.Over > 0 {
			out = append(out, Reason{Rule: "cover_over", Agent: -1, Day: c.Day, Shift: c.Shift, Points: int64((n - c.Need) * c.Over), Text: reason("", n, c.Need)})
		}
	}
	slices.SortStableFunc(out[hard:], func(x, y Reason) int { return cmp.Compare(y.Points, x.Points) })
	return out
}
