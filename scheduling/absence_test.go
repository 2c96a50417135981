package scheduling

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/facts"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

func TestAbsenceIsReadOffShiftsWithoutWork(t *testing.T) {
	agent := func(n byte) (a ids.Agent) { a[15] = n; return a }
	span := calendar.Interval{Start: 0, End: 100 * calendar.Day}
	var shifts []Shift
	var worked []facts.AgentFact
	for d := range 60 {
		for n := byte(1); n <= 2; n++ {
			sh := Shift{AgentID: agent(n), StartAt: calendar.Instant(d) * calendar.Day, EndAt: calendar.Instant(d)*calendar.Day + 8*calendar.Hour}
			shifts = append(shifts, sh)
			if n == 2 && d%5 == 0 {
				continue // did not come
			}
			for at := sh.StartAt; at < sh.EndAt; at += calendar.Quarter {
				worked = append(worked, facts.AgentFact{AgentID: sh.AgentID, StartAt: at, PaidMS: 900_000})
			}
		}
	}
	out := absenceOf(shifts, worked, span)
	require.Equal(t, AbsenceRate{Shifts: 120, Missed: 12, Share: 0.1, Known: true}, out)
	require.False(t, absenceOf(shifts, nil, span).Known, "nobody records what people do")
	require.False(t, absenceOf(shifts[:50], worked, span).Known, "too few shifts")
	require.Zero(t, absenceOf(shifts, worked, calendar.Interval{Start: 99 * calendar.Day, End: span.End}).Shifts)
}
