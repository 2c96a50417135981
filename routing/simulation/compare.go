package simulation

import (
	"context"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"muster/tenants/fault"
)

// Comparison of two scenarios that met the same contacts.
type Comparison struct {
	A            string       `json:"a"`
	B            string       `json:"b"`
	Replications int          `json:"replications"`
	Differences  []Difference `json:"differences"`
}

// Difference of one figure: B less A over paired replications, with the
// two-sided p of the paired t test. Scope is "total" or a client's name.
type Difference struct {
	Scope      string  `json:"scope"`
	Figure     string  `json:"figure"`
	A          float64 `json:"a"`
	B          float64 `json:"b"`
	Difference Band    `json:"difference"`
	P          float64 `json:"p"`
}

// Compare runs both scenarios with common random numbers. Seed and replications
// must be the same; clients are paired by position and must have the same names.
func Compare(ctx context.Context, a, b Scenario) (Comparison, error) {
	ra, err := Run(ctx, a)
	if err != nil {
		return Comparison{}, err
	}
	rb, err := Run(ctx, b)
	if err != nil {
		return Comparison{}, err
	}
	return CompareResults(&ra, &rb)
}

// CompareResults tests two results of runs with the same seed and replications.
func CompareResults(a, b *Result) (Comparison, error) {
	if a.Seed != b.Seed || len(a.runs) != len(b.runs) || len(a.runs) == 0 {
		return Comparison{}, fault.Newf(fault.Invalid, "simulation.not_paired",
			"A has seed %d and %d replications, B seed %d and %d: a paired test needs the same in both", a.Seed, len(a.runs), b.Seed, len(b.runs))
	}
	if len(a.Clients) != len(b.Clients) {
		return Comparison{}, fault.Newf(fault.Invalid, "simulation.not_paired", "A has %d clients, B %d", len(a.Clients), len(b.Clients))
	}
	c := Comparison{A: a.Name, B: b.Name, Replications: len(a.runs)}
	add := func(scope string, of func(r *runTotals) *metrics) {
		for i, name := range metricNames {
			c.Differences = append(c.Differences, paired(scope, name, a.runs, b.runs, func(r *runTotals) float64 { return of(r)[i] }))
		}
	}
	add("total", func(r *runTotals) *metrics { return &r.total })
	for cl := range a.Clients {
		if a.Clients[cl].Name != b.Clients[cl].Name {
			return Comparison{}, fault.Newf(fault.Invalid, "simulation.not_paired", "client %d is %q in A and %q in B", cl, a.Clients[cl].Name, b.Clients[cl].Name)
		}
		add(a.Clients[cl].Name, func(r *runTotals) *metrics { return &r.client[cl] })
	}
	return c, nil
}

func paired(scope, figure string, a, b []runTotals, of func(*runTotals) float64) Difference {
	var wa, wb, wd welford
	for i := range a {
		x, y := of(&a[i]), of(&b[i])
		if math.IsNaN(x) || math.IsNaN(y) {
			continue
		}
		wa.add(x)
		wb.add(y)
		wd.add(y - x)
	}
	return Difference{Scope: scope, Figure: figure, A: wa.mean, B: wb.mean, Difference: wd.band(), P: pairedP(&wd)}
}

// pairedP is the two-sided p of the paired t test; 1 if nothing differs, 0 if
// every pair differs by the same amount.
func pairedP(w *welford) float64 {
	if w.mean == 0 || w.n < 2 {
		return 1
	}
	se := math.Sqrt(w.m2 / float64(w.n-1) / float64(w.n))
	if se == 0 {
		return 0
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(w.n - 1)}
	return 2 * t.CDF(-math.Abs(w.mean/se))
}
