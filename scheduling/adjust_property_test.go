package scheduling

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// drawVersion draws a small version of two queues over two days, some intervals closed.
func drawVersion(t *rapid.T) (Forecast, []ForecastPoint, [2]ids.Queue) {
	queues := [2]ids.Queue{{15: 1}, {15: 2}}
	f := Forecast{StartAt: calendar.NewDate(2026, 3, 2).At(0, shanghaiZone(t)), Zone: "Asia/Shanghai", IntervalMS: 900_000}
	f.EndAt = f.StartAt + 2*calendar.Day
	var points []ForecastPoint
	for _, q := range queues {
		for k := range 192 {
			if k%4 == 0 && !rapid.Bool().Draw(t, "open") {
				continue
			}
			v := rapid.SampledFrom([]float64{0, 0.25, 3, 40}).Draw(t, "volume")
			points = append(points, ForecastPoint{QueueID: q, StartAt: f.StartAt + calendar.Instant(k)*grid, Volume: v, Low: v / 2, High: 2 * v, AHTMS: 180_000})
		}
	}
	return f, points, queues
}

func drawAdjustment(t *rapid.T, f Forecast, points []ForecastPoint, queues [2]ids.Queue) Adjustment {
	from := rapid.IntRange(0, 190).Draw(t, "from")
	to := rapid.IntRange(from+1, 192).Draw(t, "to")
	a := Adjustment{Kind: rapid.SampledFrom(AdjustmentKinds()).Draw(t, "kind"), QueueID: rapid.SampledFrom([]ids.Queue{{}, queues[0]}).Draw(t, "queue"), ToQueue: queues[1],
		Day: calendar.NewDate(2026, 3, 2) + calendar.Date(rapid.IntRange(0, 1).Draw(t, "day")), From: f.StartAt + calendar.Instant(from)*grid, To: f.StartAt + calendar.Instant(to)*grid,
		Value: rapid.Float64Range(0, 1).Draw(t, "value"), Undone: rapid.Bool().Draw(t, "undone")}
	switch a.Kind {
	case DayTotal:
		a.Value *= 1000
	case Multiply, Handling:
		a.Value = 0.01 + 9*a.Value
	case SetCells:
		p := rapid.SampledFrom(points).Draw(t, "point")
		v := a.Value * 50
		a.Cells = []ForecastCell{{QueueID: p.QueueID, Start: p.StartAt, Volume: &v}}
	}
	return a
}

// TestAdjustmentsStayFiniteAndUndoExactly draws lists of adjustments: what they leave
// is finite and not negative, a deflected range loses its share, and taking all of
// them back gives the figures that were there before, to the last bit.
func TestAdjustmentsStayFiniteAndUndoExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, points, queues := drawVersion(t)
		if len(points) == 0 {
			return
		}
		before := slices.Clone(points)
		for range rapid.IntRange(1, 4).Draw(t, "adjustments") {
			a := drawAdjustment(t, f, points, queues)
			trial := slices.Clone(points)
			g := f
			g.Settings.Adjustments = append(slices.Clone(f.Settings.Adjustments), a)
			if _, err := g.restore(trial); err != nil {
				t.Fatal(err)
			}
			if err := applyAll(g, trial, g.Settings.Adjustments); err != nil {
				continue // a total without a shape, or nowhere to escalate to: refused as a whole
			}
			f, points = g, trial
			for _, p := range points {
				for _, v := range []float64{p.Volume, p.Low, p.High, p.AHTMS} {
					if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
						t.Fatalf("%+v after %+v", p, a)
					}
				}
			}
		}
		for i := range f.Settings.Adjustments {
			f.Settings.Adjustments[i].Undone = true
		}
		if _, err := f.restore(points); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(before, points) {
			t.Fatal("undoing everything changed a figure")
		}
	})
}

// TestTotalsAddUp draws a day's total: the day then has it, whatever was there.
func TestTotalsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, points, _ := drawVersion(t)
		day := calendar.NewDate(2026, 3, 2)
		a := Adjustment{Kind: DayTotal, Day: day, Value: rapid.Float64Range(0, 1e6).Draw(t, "total")}
		if err := applyAll(f, points, []Adjustment{a}); err != nil {
			return
		}
		total, any := 0.0, false
		for _, p := range points {
			if day.Span(shanghaiZone(t)).Contains(p.StartAt) {
				total, any = total+p.Volume, true
			}
		}
		if any && math.Abs(total-a.Value) > 1e-6*(1+a.Value) {
			t.Fatalf("the day has %v of %v", total, a.Value)
		}
	})
}

func shanghaiZone(t *rapid.T) *time.Location {
	z, err := calendar.Zone("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestFiscalMonthsCoverTheirDays draws agreements and spans: months follow each other
// without a gap, hold the whole span, and every deadline lies before its month.
func TestFiscalMonthsCoverTheirDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.IntRange(1, 28).Draw(t, "start")
		doc := CommitmentDocument{FiscalStartDay: start, Stages: TypicalStages()}
		if err := doc.Validate(); err != nil {
			t.Fatal(err)
		}
		from := calendar.NewDate(2026, 1, 1) + calendar.Date(rapid.IntRange(0, 800).Draw(t, "from"))
		to := from + calendar.Date(rapid.IntRange(1, 200).Draw(t, "days"))
		var terms agreed
		if rapid.Bool().Draw(t, "changed") { // the first day of months moves within the span
			until := from + calendar.Date(rapid.IntRange(0, 100).Draw(t, "until"))
			other := rapid.IntRange(1, 28).Draw(t, "other")
			terms = agreed{{Version: 2, ValidFrom: until, Terms: CommitmentDocument{FiscalStartDay: other}}, {Version: 1, ValidFrom: 0, ValidTo: &until, Terms: doc}}
		} else {
			terms = agreed{{Version: 1, Terms: doc}}
		}
		months := terms.months(from, to)
		if months[0].from > from || months[len(months)-1].to < to {
			t.Fatalf("%v does not hold %s to %s", months, from, to)
		}
		for i, m := range months {
			if m.to <= m.from || i > 0 && months[i-1].to != m.from {
				t.Fatalf("a gap or overlap in %v", months)
			}
			for _, s := range m.terms.Terms.Stages {
				if s.deadline(m.from) >= m.from {
					t.Fatalf("%s is due after %s begins", s.Key, m.from)
				}
			}
		}
	})
}
