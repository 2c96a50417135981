package staffing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func year(required float64) []CapacityMonth {
	months := make([]CapacityMonth, 12)
	for i := range months {
		months[i] = CapacityMonth{
			Name: string(rune('A' + i)), Required: required, HoursPerFTE: 160, Attrition: 0.05, CostPerHead: 100_000,
			Shrinkage: []Shrinkage{{Type: "leave", Rate: 0.1}, {Type: "breaks", Rate: 1.0 / 9, Basis: OfRemaining}},
		}
	}
	return months
}

func TestPlanCapacityProjects(t *testing.T) {
	plan, err := PlanCapacity(CapacityInput{
		Months: year(12_800), Heads: 100,
		Classes: []HiringClass{{Name: "spring", Start: 1, Size: 20, Ramp: []float64{0, 0.5}, Attrition: []float64{0.1, 0.1}, CostToHire: 5_000, MonthlyPay: 80_000}},
	})
	require.NoError(t, err)
	first, second, third := plan.Lines[0], plan.Lines[1], plan.Lines[2]
	require.InDelta(t, 0.2, first.Shrinkage, 1e-12) // 1 - 0.9*8/9
	require.InDelta(t, 100.0, first.RequiredFTE, 1e-9)
	require.InDelta(t, 97.5, first.Productive, 1e-9) // half of the 5 leavers' month
	require.InDelta(t, -2.5, first.Gap, 1e-9)
	require.Equal(t, int64(9_750_000), first.CostOfHeads)
	require.InDelta(t, 90.25+18, second.Heads, 1e-9)
	require.Equal(t, 20, second.Joiners)
	require.Equal(t, int64(100_000), second.CostToHire)
	require.InDelta(t, 18.0, second.InRamp, 1e-9)
	require.InDelta(t, 95-2.375, second.Productive, 1e-9) // the class is in training
	require.InDelta(t, 90.25*0.975+(18-0.9)*0.5, third.Productive, 1e-9)
	sum := int64(0)
	for _, l := range plan.Lines {
		sum += l.CostOfHeads + l.CostToHire
	}
	require.Equal(t, sum, plan.Cost)
}

func TestPlanCapacityProposesClasses(t *testing.T) {
	in := CapacityInput{
		Months: year(12_800), Heads: 110,
		Propose: &Proposal{Lead: 2, MinSize: 5, MaxSize: 25, Class: HiringClass{Name: "new", Ramp: []float64{0, 0.5, 0.8}}},
	}
	without := in
	without.Propose = nil
	bare, err := PlanCapacity(without)
	require.NoError(t, err)
	require.Less(t, bare.Lines[11].Gap, -30.0)
	plan, err := PlanCapacity(in)
	require.NoError(t, err)
	require.NotEmpty(t, plan.Classes)
	for i, l := range plan.Lines[4:] { // lead and ramp are over
		require.GreaterOrEqual(t, l.Gap, -1e-6, "month %d", i+4)
	}
	for _, c := range plan.Classes {
		require.GreaterOrEqual(t, c.Start, 2)
		require.LessOrEqual(t, c.Size, 25)
		require.GreaterOrEqual(t, c.Size, 5)
	}
}

func TestPlanCapacityRefuses(t *testing.T) {
	for name, in := range map[string]CapacityInput{
		"hours":     {Months: []CapacityMonth{{Required: 1}}},
		"attrition": {Months: []CapacityMonth{{HoursPerFTE: 160, Attrition: 2}}},
		"shrinkage": {Months: []CapacityMonth{{HoursPerFTE: 160, Shrinkage: []Shrinkage{{Rate: 1}}}}},
		"heads":     {Heads: -1},
		"ramp":      {Classes: []HiringClass{{Ramp: []float64{2}}}},
		"sizes":     {Propose: &Proposal{MinSize: 9, MaxSize: 5}},
	} {
		_, err := PlanCapacity(in)
		require.Error(t, err, name)
	}
	plan, err := PlanCapacity(CapacityInput{})
	require.NoError(t, err)
	require.Empty(t, plan.Lines)
}
