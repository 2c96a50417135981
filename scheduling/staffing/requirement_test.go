package staffing

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func one(t require.TestingT, in Input, d Demand) Requirement {
	in.Demands = []Demand{d}
	if in.Interval == 0 {
		in.Interval = 1800
	}
	out, err := Require(in)
	require.NoError(t, err)
	require.Len(t, out, 1)
	return out[0]
}

func TestRequireNamesTheBindingGoal(t *testing.T) {
	voice := Demand{Volume: 100, AHT: 180}
	patient := Demand{Volume: 100, AHT: 180, Patience: 300}
	for _, c := range []struct {
		name    string
		goals   Goals
		demand  Demand
		net     int
		binding Binding
	}{
		{"service level", Goals{ServiceLevel: 0.8, Threshold: 20, MaxOccupancy: 0.85}, voice, 14, BindingServiceLevel},
		{"occupancy", Goals{ServiceLevel: 0.8, Threshold: 20, MaxOccupancy: 0.6}, voice, 17, BindingOccupancy},
		{"asa", Goals{ServiceLevel: 0.8, Threshold: 20, ASA: 2}, voice, 16, BindingASA},
		{"abandonment", Goals{Abandonment: 0.01}, patient, 15, BindingAbandonment},
		{"hang-ups help", Goals{ServiceLevel: 0.8, Threshold: 20, MaxOccupancy: 0.85, Abandonment: 0.05}, patient, 13, BindingServiceLevel},
		{"load", Goals{ServiceLevel: 0.01, Threshold: 20}, voice, 11, BindingLoad},
		{"minimum", Goals{ServiceLevel: 0.8, Threshold: 20, MinSeats: 30}, voice, 30, BindingMinimum},
		{"no contacts", Goals{ServiceLevel: 0.8}, Demand{}, 0, BindingNone},
		{"open without contacts", Goals{ServiceLevel: 0.8, MinSeats: 2}, Demand{}, 2, BindingMinimum},
		{"closed", Goals{ServiceLevel: 0.8, MinSeats: 2}, Demand{Volume: 3, AHT: 100, Closed: true}, 0, BindingClosed},
	} {
		r := one(t, Input{Goals: c.goals}, c.demand)
		require.Equal(t, c.net, r.Net, c.name)
		require.Equal(t, c.binding, r.Binding, c.name)
	}
}

func TestRequireRefuses(t *testing.T) {
	good := Input{Interval: 900, Goals: Goals{ServiceLevel: 0.8, Threshold: 20}, Demands: []Demand{{Volume: 1, AHT: 100}}}
	_, err := Require(good)
	require.NoError(t, err)
	for name, spoil := range map[string]func(*Input){
		"no goal":          func(in *Input) { in.Goals = Goals{} },
		"goal of 1":        func(in *Input) { in.Goals.ServiceLevel = 1 },
		"per cent":         func(in *Input) { in.Goals.ServiceLevel = 80 },
		"formula":          func(in *Input) { in.Goals.Formula = "best" },
		"kind":             func(in *Input) { in.Kind = "fax" },
		"interval":         func(in *Input) { in.Interval = math.NaN() },
		"shrinkage of all": func(in *Input) { in.Shrinkage = []Shrinkage{{Rate: 0.5}, {Rate: 0.5}} },
		"shrinkage basis":  func(in *Input) { in.Shrinkage = []Shrinkage{{Rate: 0.5, Basis: "net"}} },
		"chat table":       func(in *Input) { in.Kind = Concurrent },
		"due":              func(in *Input) { in.Kind = Deadline },
		"volume":           func(in *Input) { in.Demands[0].Volume = math.Inf(1) },
	} {
		in := good
		in.Demands = append([]Demand(nil), good.Demands...)
		spoil(&in)
		_, err := Require(in)
		require.Error(t, err, name)
	}
}

func TestShrinkage(t *testing.T) {
	total, err := TotalShrinkage([]Shrinkage{{Type: "leave", Rate: 0.1}, {Type: "sickness", Rate: 0.1}, {Type: "breaks", Rate: 0.1, Basis: OfRemaining}})
	require.NoError(t, err)
	require.InDelta(t, 1-0.8*0.9, total, 1e-12)
	r := one(t, Input{Goals: Goals{ServiceLevel: 0.8, Threshold: 20}, Shrinkage: []Shrinkage{{Rate: 0.3}}}, Demand{Volume: 100, AHT: 180})
	require.Equal(t, 20, r.Gross)
}

func TestRequireIsLeastAndMeetsGoals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		goals := Goals{
			ServiceLevel: rapid.SampledFrom([]float64{0, 0.5, 0.8, 0.99}).Draw(t, "sl"),
			Threshold:    rapid.SampledFrom([]float64{0, 20, 60}).Draw(t, "threshold"),
			ASA:          rapid.SampledFrom([]float64{0, 5, 60}).Draw(t, "asa"),
			MaxOccupancy: rapid.SampledFrom([]float64{0.7, 0.9, 1}).Draw(t, "occupancy"),
			Formula:      rapid.SampledFrom(Formulas()).Draw(t, "formula"),
		}
		in := Input{Interval: 900, Goals: goals}
		if rapid.Bool().Draw(t, "chat") {
			in.Kind, in.Concurrency = Concurrent, TypicalChat(rapid.IntRange(1, 5).Draw(t, "chats"))
		}
		d := Demand{
			Volume: math.Exp(rapid.Float64Range(-2, 6).Draw(t, "logVolume")), AHT: rapid.Float64Range(10, 900).Draw(t, "aht"),
			Patience: rapid.SampledFrom([]float64{0, 60, 600}).Draw(t, "patience"),
		}
		r := one(t, in, d)
		in.Demands = []Demand{d}
		c, err := NewCurve(in.load(0))
		require.NoError(t, err)
		require.Empty(t, goals.missed(c.At(r.Net)))
		if r.Net > 0 {
			require.NotEmpty(t, goals.missed(c.At(r.Net-1)))
		}
		d.Volume *= 1.3
		require.GreaterOrEqual(t, one(t, in, d).Net, r.Net)
	})
}

func TestOrderAndNeighboursChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		in := Input{Interval: 900, Goals: Goals{ServiceLevel: 0.8, Threshold: 20}, Demands: make([]Demand, 30)}
		for i := range in.Demands {
			in.Demands[i] = Demand{Volume: rng.Float64() * 200, AHT: 200 + rng.Float64()*100, Patience: 120}
		}
		all, err := Require(in)
		require.NoError(t, err)
		for i, d := range in.Demands {
			require.Equal(t, one(t, Input{Interval: 900, Goals: in.Goals}, d), all[i])
		}
	})
}

func TestRequireAll(t *testing.T) {
	inputs := queues(5, 96)
	one, err := RequireAll(context.Background(), inputs, 1, nil)
	require.NoError(t, err)
	calls := 0
	many, err := RequireAll(context.Background(), inputs, 4, func(int) { calls++ })
	require.NoError(t, err)
	require.Equal(t, one, many)
	require.Equal(t, 5, calls)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = RequireAll(ctx, inputs, 2, nil)
	require.ErrorIs(t, err, context.Canceled)
	inputs[3].Kind = "fax"
	_, err = RequireAll(context.Background(), inputs, 2, nil)
	require.ErrorContains(t, err, "fax")
}

func TestServiceLevelTable(t *testing.T) {
	in := queues(1, 5)[0]
	in.Demands[2].Closed = true
	table, err := ServiceLevelTable(in, 40)
	require.NoError(t, err)
	required, err := Require(in)
	require.NoError(t, err)
	for i, row := range table {
		if in.Demands[i].Closed {
			require.Empty(t, row)
			continue
		}
		require.Len(t, row, 41)
		require.IsNonDecreasing(t, row)
		require.InDelta(t, required[i].ServiceLevel, row[required[i].Net], 1e-12)
	}
	in.Kind, in.Due = Deadline, 3600
	_, err = ServiceLevelTable(in, 40)
	require.Error(t, err)
	in.Kind = Live
	_, err = ServiceLevelTable(in, -1)
	require.Error(t, err)
}

// queues are sizes from a corner shop to a few hundred agents, every interval different.
func queues(count, intervals int) []Input {
	rng := rand.New(rand.NewPCG(1, 2))
	inputs := make([]Input, count)
	for q := range inputs {
		size := math.Exp(rng.Float64() * 6)
		demands := make([]Demand, intervals)
		for i := range demands {
			day := math.Max(0.02, math.Sin(float64(i%96)/96*math.Pi))
			demands[i] = Demand{Volume: size * day * (0.9 + 0.2*rng.Float64()), AHT: 280 + 40*rng.Float64(), Patience: 150}
		}
		inputs[q] = Input{
			Interval: 900, Demands: demands, Shrinkage: []Shrinkage{{Rate: 0.3}},
			Goals: Goals{ServiceLevel: 0.8, Threshold: 20, ASA: 30, Abandonment: 0.05, MaxOccupancy: 0.88},
		}
	}
	return inputs
}

// BenchmarkRequire is 10 queues over four weeks of quarter hours on one processor:
// times 100 for the thousand queues of the target.
func BenchmarkRequire(b *testing.B) {
	inputs := queues(10, 4*7*96)
	for b.Loop() {
		if _, err := RequireAll(context.Background(), inputs, 1, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkQuickRandom is the cost of one random steady state with all its figures;
// -benchtime 10000000x is the search for a figure that is not a number.
func BenchmarkQuickRandom(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 4))
	c := new(Curve)
	for b.Loop() {
		load := Load{Contacts: math.Exp(rng.Float64()*10 - 3), Interval: 900, AHT: math.Exp(rng.Float64() * 7)}
		if rng.IntN(4) > 0 {
			load.Patience = math.Exp(rng.Float64()*16 - 2)
		}
		if err := c.reset(load); err != nil {
			continue
		}
		if c.Erlangs() > 2000 {
			continue
		}
		s := c.At(int(c.Erlangs()*2*rng.Float64()) + rng.IntN(3))
		threshold := 60 * rng.Float64()
		for i, x := range []float64{
			s.WaitProbability(), s.Abandonment(), s.Occupancy(), s.MeanWait(), s.MeanQueueLength(),
			s.ServiceLevel(AnsweredOverOffered, threshold), s.ServiceLevel(AnsweredOverAnswered, threshold), s.ServiceLevel(WaitedAtMostOverOffered, threshold),
		} {
			if math.IsNaN(x) || x < 0 {
				b.Fatalf("figure %d is %v for %+v", i, x, load)
			}
		}
	}
}

// BenchmarkServiceLevelTable is one day of a queue of about 30 agents, 0..60 seats.
func BenchmarkServiceLevelTable(b *testing.B) {
	in := queues(1, 96)[0]
	for i := range in.Demands {
		in.Demands[i].Volume = 90
	}
	for b.Loop() {
		if _, err := ServiceLevelTable(in, 60); err != nil {
			b.Fatal(err)
		}
	}
}
