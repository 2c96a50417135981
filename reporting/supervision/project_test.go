package supervision

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func evenDay(expected, agents float64, slots int) Day {
	d := Day{Threshold: 20, Patience: 120, Goal: 0.8}
	for range slots {
		d.Slots = append(d.Slots, Slot{Seconds: 900, Expected: expected, AHT: 180, Agents: agents})
	}
	return d
}

func TestProjectAddsTheRestOfTheDay(t *testing.T) {
	enough := evenDay(60, 20, 8)
	enough.Within, enough.Served = 40, 100
	o := Project(enough)
	require.InDelta(t, 580, o.Served, 1e-9)
	require.Greater(t, o.Level(), 0.85, "a bad morning is made up by a well staffed afternoon")
	require.Less(t, o.Gap, 0.0, "there are agents to spare")
	short := evenDay(60, 9, 8)
	short.Within, short.Served = 90, 100
	o = Project(short)
	require.Less(t, o.Level(), 0.6)
	require.Greater(t, o.Gap, 3.0)
	require.Greater(t, Project(short.WithAgents(6, math.Inf(1))).Level(), o.Level(), "six more agents help")
	require.Less(t, Project(short.WithAgents(6, 900)).Level(), Project(short.WithAgents(6, 7200)).Level(), "the longer, the more")
}

func TestProjectWithoutAnything(t *testing.T) {
	require.False(t, Project(Day{}).Known)
	require.Zero(t, Project(Day{}).Level())
	late := Project(Day{Within: 8, Served: 8, Late: 2, Threshold: 20})
	require.InDelta(t, 0.8, late.Level(), 1e-9, "who waits past the threshold counts already")
}

// Whatever comes in, the level is a share, and more agents never make it worse.
func TestProjectIsAShareAndMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := func(name string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(t, name) }
		served := f("served", 0, 1e4)
		d := Day{Served: served, Within: served * f("share", 0, 1), Late: f("late", 0, 50), Threshold: f("threshold", 0, 600), Patience: f("patience", 0, 3600), Goal: f("goal", 0, 1)}
		for range rapid.IntRange(0, 6).Draw(t, "slots") {
			d.Slots = append(d.Slots, Slot{Seconds: rapid.SampledFrom([]float64{0, 300, 900}).Draw(t, "seconds"), Expected: f("expected", 0, 300), AHT: f("aht", 0, 2000), Agents: f("agents", -3, 80)})
		}
		o := Project(d)
		if l := o.Level(); math.IsNaN(l) || l < 0 || l > 1 || math.IsNaN(o.Gap) || math.IsInf(o.Gap, 0) {
			t.Fatalf("the outlook is %+v", o)
		}
		if more := Project(d.WithAgents(f("more", 0, 10), 7200)); more.Level() < o.Level()-1e-6 {
			t.Fatalf("more agents lower the level from %v to %v", o.Level(), more.Level())
		}
	})
}

func TestAhead(t *testing.T) {
	calm := evenDay(30, 20, 8)
	rising := evenDay(30, 9, 8)
	for i := 2; i < 5; i++ {
		rising.Slots[i].Expected = 90
	}
	late := evenDay(30, 9, 8)
	late.Slots[6].Expected = 90
	for _, c := range []struct {
		name  string
		pool  Pool
		want  bool
		cause string
		from  int
		slots int
	}{
		{"enough agents", Pool{Queues: []Day{calm}, LeadSlots: 4, GapAgents: 1}, false, "", 0, 0},
		{"a peak within the lead", Pool{Queues: []Day{rising}, LeadSlots: 4, GapAgents: 1}, true, CausePeak, 2, 3},
		{"a peak beyond the lead", Pool{Queues: []Day{late}, LeadSlots: 4, GapAgents: 1}, false, "", 0, 0},
		{"a gap too small to call", Pool{Queues: []Day{rising}, LeadSlots: 4, GapAgents: 50}, false, "", 0, 0},
		{"twice as many as forecast", Pool{Queues: []Day{evenDay(60, 16, 8)}, Recent: 130, Expected: 60, LeadSlots: 4, GapAgents: 2}, true, CauseTrend, 0, 4},
		{"a little more than forecast is chance", Pool{Queues: []Day{evenDay(60, 16, 8)}, Recent: 75, Expected: 60, LeadSlots: 4, GapAgents: 2}, false, "", 0, 0},
		{"spare agents of one queue cover the other", Pool{Queues: []Day{rising, evenDay(30, 30, 8)}, LeadSlots: 4, GapAgents: 1}, false, "", 0, 0},
		{"no forecast", Pool{Queues: []Day{{Threshold: 20, Goal: 0.8}}, Recent: 50, LeadSlots: 4}, false, "", 0, 0},
	} {
		got, ok := Ahead(c.pool)
		require.Equal(t, c.want, ok, c.name)
		if ok {
			require.Equal(t, c.cause, got.Cause, c.name)
			require.Equal(t, c.from, got.From, c.name)
			require.Equal(t, c.slots, got.Slots, c.name)
			require.Greater(t, got.Agents, 0.0, c.name)
		}
	}
}
