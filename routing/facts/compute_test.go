package facts_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/routing/facts"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

const monday = calendar.Instant(1_772_409_600_000_000) // 2026-03-02T00:00:00Z

func id[T ~[16]byte](n int) T {
	var v T
	v[15] = byte(n)
	return v
}

func at(seconds int64) *calendar.Instant {
	v := monday + calendar.Instant(seconds)*calendar.Second
	return &v
}

// quarters lists buckets from monday on.
func quarters(n int) []calendar.Instant {
	out := make([]calendar.Instant, n)
	for i := range out {
		out[i] = monday + calendar.Instant(i)*calendar.Quarter
	}
	return out
}

func limits(ids.Queue, calendar.Instant) facts.Limits {
	return facts.Limits{ThresholdMS: 20_000, ShortAbandonMS: 5_000}
}

func TestContactsCountWhereTheyArrive(t *testing.T) {
	contacts := []records.Contact{
		{ArrivedAt: *at(0), Outcome: records.Answered, WaitMS: 20_000, HandleMS: 5000, QueuedAt: at(0)},
		{ArrivedAt: *at(899), Outcome: records.Answered, WaitMS: 20_001, HandleMS: 7000, QueuedAt: at(899)},
		{ArrivedAt: *at(10), Outcome: records.Answered},
		{ArrivedAt: *at(20), Outcome: records.Abandoned, WaitMS: 4_999},
		{ArrivedAt: *at(30), Outcome: records.Abandoned, WaitMS: 5_000},
		{ArrivedAt: *at(40), Outcome: records.Abandoned, WaitMS: 60_000},
		{ArrivedAt: *at(50), Outcome: records.Overflowed, WaitMS: 90_000},
		{ArrivedAt: *at(60), Outcome: records.Other},
		{ArrivedAt: *at(70), Outcome: records.SelfService, WaitMS: 1},
		{ArrivedAt: *at(900), Outcome: records.SelfService},
	}
	got := facts.QueueFacts(id[ids.Queue](1), id[ids.Client](2), quarters(3), contacts, nil, limits)
	require.Equal(t, []facts.QueueFact{
		{QueueID: id[ids.Queue](1), ClientID: id[ids.Client](2), StartAt: monday, Offered: 8, Queued: 6, Answered: 3, AnsweredWithin: 2, Abandoned: 3, AbandonedWithin: 2, AbandonedShort: 1,
			Overflowed: 1, Other: 1, WaitAnsweredMS: 40_001, WaitAbandonedMS: 69_999, WaitMaxMS: 90_000, HandleMS: 12_000},
		{QueueID: id[ids.Queue](1), ClientID: id[ids.Client](2), StartAt: monday + calendar.Quarter},
	}, got)
}

func TestIntervalsShareTheirCountsExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.Int64Range(0, 3600).Draw(t, "start") // whole seconds, any offset to the grid
		minutes := rapid.SampledFrom([]int64{5, 6, 10, 15, 20, 30, 60, 1440}).Draw(t, "minutes")
		r := records.IntervalRecord{StartAt: *at(start), LengthMS: minutes * 60_000, Answered: rapid.Int64Range(0, 1e12).Draw(t, "answered"),
			Abandoned: rapid.Int64Range(0, 50).Draw(t, "abandoned"), WaitMS: rapid.Int64Range(0, 1e15).Draw(t, "wait"), HandleMS: rapid.Int64Range(0, 1e9).Draw(t, "handle")}
		r.Offered = r.Answered + r.Abandoned + rapid.Int64Range(0, 3).Draw(t, "rest")
		r.WithinThreshold = r.Answered / 2
		all := facts.QueueFacts(id[ids.Queue](1), id[ids.Client](2), quarters(104), nil, []records.IntervalRecord{r}, limits)
		sum := facts.Sum(all)
		require.Equal(t, []int64{r.Offered, r.Answered, r.Abandoned, r.WithinThreshold, r.WaitMS, r.HandleMS},
			[]int64{sum.Offered, sum.Answered, sum.Abandoned, sum.AnsweredWithin, sum.WaitAnsweredMS, sum.HandleMS})
		for _, f := range all {
			require.Equal(t, f.Offered, f.Answered+f.Abandoned+f.Other)
		}
	})
}

func TestContactsWinOverIntervals(t *testing.T) {
	r := records.IntervalRecord{StartAt: monday, LengthMS: 30 * 60_000, Offered: 10, Answered: 10}
	c := records.Contact{ArrivedAt: *at(1), Outcome: records.Answered}
	all := facts.QueueFacts(id[ids.Queue](1), id[ids.Client](2), quarters(2), []records.Contact{c}, []records.IntervalRecord{r}, limits)
	require.Equal(t, []int64{1, 5}, []int64{all[0].Offered, all[1].Offered})
}

func TestConcurrentWorkNeverExceedsTheClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "pieces")
		var segments []records.Segment
		var states []records.State
		var covered []calendar.Interval
		for i := range n {
			from := rapid.Int64Range(0, 3500).Draw(t, "from")
			length := rapid.Int64Range(0, 2500).Draw(t, "length")
			jitter := calendar.Instant(rapid.Int64Range(0, 999_999).Draw(t, "micros"))
			start, end := *at(from)+jitter, *at(from + length)+jitter
			segments = append(segments, records.Segment{ID: id[ids.Segment](i + 1), ClientID: id[ids.Client](i % 2), AcceptedAt: &start, EndedAt: &end})
			states = append(states, records.State{ID: id[ids.State](i + 1), ClientID: id[ids.Client](i % 2), StartedAt: start, EndedAt: &end, Activity: records.Work, Paid: true, Billable: i%2 == 0})
			covered = append(covered, calendar.Interval{Start: start, End: end})
		}
		got := facts.AgentFacts(id[ids.Agent](9), quarters(8), states, segments, func(ids.Queue) ids.LOB { return ids.LOB{} })
		handled, total := map[calendar.Instant]int64{}, map[calendar.Instant]int64{}
		var sum int64
		for _, f := range got {
			handled[f.StartAt] += f.HandleMS
			total[f.StartAt] += f.TotalMS
			sum += f.HandleMS
			require.LessOrEqual(t, f.BillableMS, f.PaidMS)
			require.LessOrEqual(t, f.PaidMS, f.TotalMS)
		}
		for b := range handled {
			require.LessOrEqual(t, handled[b], int64(900_000))
			require.LessOrEqual(t, total[b], int64(900_000))
			require.Equal(t, handled[b], total[b])
		}
		require.Equal(t, union(covered), sum, "no moment is lost either")
		slices.Reverse(segments)
		slices.Reverse(states)
		require.Equal(t, got, facts.AgentFacts(id[ids.Agent](9), quarters(8), states, segments, func(ids.Queue) ids.LOB { return ids.LOB{} }), "the order of rows does not matter")
	})
}

// union gives the whole milliseconds that the intervals cover together.
func union(all []calendar.Interval) int64 {
	slices.SortFunc(all, func(a, b calendar.Interval) int { return int(a.Start - b.Start) })
	var sum, end int64
	for _, v := range all {
		from, to := int64(v.Start/calendar.Millisecond), int64(v.End/calendar.Millisecond)
		from = max(from, end)
		if to > from {
			sum += to - from
			end = to
		}
	}
	return sum
}

func TestParallelChatsShareTheirTime(t *testing.T) {
	segments := []records.Segment{
		{ID: id[ids.Segment](1), ClientID: id[ids.Client](1), AcceptedAt: at(0), EndedAt: at(600)},
		{ID: id[ids.Segment](2), ClientID: id[ids.Client](2), AcceptedAt: at(300), EndedAt: at(500), WrappedAt: at(900)},
		{ID: id[ids.Segment](3), ClientID: id[ids.Client](2), AcceptedAt: at(300), EndedAt: at(600)},
	}
	got := facts.AgentFacts(id[ids.Agent](9), quarters(1), nil, segments, func(ids.Queue) ids.LOB { return ids.LOB{} })
	var out []string
	for _, f := range got {
		out = append(out, fmt.Sprint(f.ClientID[15], " ", f.HandleMS))
	}
	require.Equal(t, []string{"1 400000", "2 500000"}, out)
}
