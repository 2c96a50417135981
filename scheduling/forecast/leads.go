package forecast

import "fmt"

// lead is a range of days ahead that is judged and decided together.
type lead struct {
	name     string
	from, to int // cells after the origin, [from, to)
}

// leadsOf splits a horizon: single days up to three days, then weeks 1, 2, 3-4, 5-8, 9-18 and the rest.
func leadsOf(cells, slots int) []lead {
	var out []lead
	add := func(name string, fromDay, toDay int) {
		if from, to := fromDay*slots, min(toDay*slots, cells); from < to {
			out = append(out, lead{name, from, to})
		}
	}
	if cells <= 3*slots {
		for d := range 3 {
			add(fmt.Sprintf("day %d", d+1), d, d+1)
		}
		return out
	}
	add("week 1", 0, 7)
	add("week 2", 7, 14)
	add("weeks 3-4", 14, 28)
	add("weeks 5-8", 28, 56)
	add("weeks 9-18", 56, 126)
	add("weeks 19+", 126, 1<<20)
	return out
}
