package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/tenants/calendar"
	"muster/tenants/fault"
)

// instant reads RFC 3339.
func instant(t *testing.T, text string) calendar.Instant {
	t.Helper()
	var i calendar.Instant
	require.NoError(t, i.UnmarshalText([]byte(text)))
	return i
}

// TestTimetableAtDaylightSaving: Berlin lost 02:00-03:00 on 2026-03-29 and
// repeated 02:00-03:00 on 2026-10-25; Lord Howe moves by half an hour.
func TestTimetableAtDaylightSaving(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		line, zone, after string
		want              []string
	}{
		"lost time is the first minute that exists": {"30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z",
			[]string{"2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"}},
		"several lost times are one": {"*/15 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z",
			[]string{"2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"}},
		"a lost time and the minute after the gap are one": {"0 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z",
			[]string{"2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"}},
		"repeated time runs once": {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		"each quarter of the repeated hour runs once": {"*/15 * * * *", "Europe/Berlin", "2026-10-25T00:40:00Z",
			[]string{"2026-10-25T00:45:00Z", "2026-10-25T02:00:00Z"}},
		"seen from within the repeated hour": {"30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z",
			[]string{"2026-10-26T01:30:00Z"}},
		"half an hour is lost": {"10 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z",
			[]string{"2026-10-03T15:30:00Z", "2026-10-04T15:10:00Z"}},
		"no daylight saving": {"30 6 * * 1-5", "Asia/Shanghai", "2026-11-20T00:00:00Z",
			[]string{"2026-11-22T22:30:00Z", "2026-11-23T22:30:00Z"}},
		"daily at midnight": {"@daily", "America/New_York", "2026-03-07T12:00:00Z",
			[]string{"2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timetable, err := ParseTimetable(test.line, test.zone)
			require.NoError(t, err)
			at := instant(t, test.after)
			for _, want := range test.want {
				next, found := timetable.Next(at)
				require.True(t, found)
				require.Equal(t, want, next.Time().Format(time.RFC3339))
				at = next
			}
		})
	}
}

func TestTimetableWithoutDueTimes(t *testing.T) {
	t.Parallel()
	never, err := ParseTimetable("0 0 30 2 *", "UTC")
	require.NoError(t, err)
	_, found := never.Next(0)
	require.False(t, found)
	_, found = never.Latest(0, calendar.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.False(t, found)
}

func TestWrongTimetables(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"", "* * * *", "61 * * * *", "@every 5m", "TZ=UTC 0 0 * * *", "CRON_TZ=UTC 0 0 * * *", "0 0 * * mon-x"} {
		_, err := ParseTimetable(line, "UTC")
		require.Equal(t, "jobs.cron", fault.CodeOf(err), line)
	}
	_, err := ParseTimetable("@daily", "Mars/Base")
	require.Equal(t, "jobs.zone", fault.CodeOf(err))
}

// TestDueTimesGoForward: whatever line, zone and start, due times strictly
// increase, lie on whole minutes, and Latest finds the last of those Next gives.
func TestDueTimesGoForward(t *testing.T) {
	t.Parallel()
	lines := []string{"*/7 * * * *", "30 2 * * *", "0 0 1 * *", "15 1,2,3 * * 0", "@hourly"}
	zones := []string{"Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Shanghai", "Africa/Casablanca"}
	rapid.Check(t, func(t *rapid.T) {
		timetable, err := ParseTimetable(rapid.SampledFrom(lines).Draw(t, "line"), rapid.SampledFrom(zones).Draw(t, "zone"))
		require.NoError(t, err)
		start := calendar.Instant(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "start")) * calendar.Second
		at := start
		for range 20 {
			next, found := timetable.Next(at)
			require.True(t, found)
			require.Greater(t, next, at)
			require.Equal(t, next, next.Floor(calendar.Minute))
			at = next
		}
		latest, found := timetable.Latest(start, at)
		require.True(t, found)
		require.Equal(t, at, latest)
	})
}

func FuzzParseTimetable(f *testing.F) {
	f.Add("*/5 * * * *", "UTC")
	f.Add("@daily", "Europe/Berlin")
	f.Fuzz(func(t *testing.T, line, zone string) {
		timetable, err := ParseTimetable(line, zone)
		if err != nil {
			return
		}
		if next, found := timetable.Next(1_700_000_000_000_000); found && next <= 1_700_000_000_000_000 {
			t.Fatalf("%q in %q: next is not later", line, zone)
		}
	})
}
