package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/tenants/calendar"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := calendar.Zone(name)
	require.NoError(t, err)
	return z
}

func TestDayLengthsFollowDaylightSaving(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct {
		day      string
		quarters int
	}{{"2026-03-28", 96}, {"2026-03-29", 92}, {"2026-10-25", 100}} {
		d, err := calendar.ParseDate(c.day)
		require.NoError(t, err)
		n := 0
		d.Span(berlin).Buckets(calendar.Quarter, func(calendar.Instant, calendar.Interval) { n++ })
		require.Equal(t, c.quarters, n, c.day)
	}
}

func TestLostMinuteBecomesFirstExisting(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	d, _ := calendar.ParseDate("2026-03-29")
	require.Equal(t, "2026-03-29T01:00:00Z", d.At(2*60+30, berlin).String())
	require.Equal(t, "2026-03-29T01:00:00Z", d.At(3*60, berlin).String())
}

func TestRepeatedMinuteMeansTheFirst(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	d, _ := calendar.ParseDate("2026-10-25")
	require.Equal(t, "2026-10-25T00:30:00Z", d.At(2*60+30, berlin).String())
}

func TestMinutesBeyondTheDayLieOnTheNext(t *testing.T) {
	sh := zone(t, "Asia/Shanghai")
	d, _ := calendar.ParseDate("2026-01-31")
	require.Equal(t, (d+1).At(60, sh), d.At(1500, sh))
	require.Equal(t, (d-1).At(1380, sh), d.At(-60, sh))
}

func TestOpenAcrossMidnight(t *testing.T) {
	sh := zone(t, "Asia/Shanghai")
	c := calendar.Calendar{Zone: sh, Hours: []calendar.Hours{{Weekday: time.Friday, Open: 22 * 60, Close: 30 * 60}}}
	require.NoError(t, c.Validate())
	fri, _ := calendar.ParseDate("2026-11-20")
	require.True(t, c.IsOpen((fri+1).At(5*60+59, sh)))
	require.False(t, c.IsOpen((fri+1).At(6*60, sh)))
	c.Special = []calendar.SpecialDay{{Date: fri, Kind: calendar.DayClosed}}
	require.False(t, c.IsOpen(fri.At(23*60, sh)))
}

func TestOverlappingHoursAreRefused(t *testing.T) {
	c := calendar.Calendar{Zone: time.UTC, Hours: []calendar.Hours{{Weekday: 1, Open: 0, Close: 600}, {Weekday: 1, Open: 540, Close: 700}}}
	require.ErrorContains(t, c.Validate(), "overlap")
}

func TestInstantTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := calendar.Instant(rapid.Int64Range(-1e15, 4e15).Draw(t, "micros"))
		b, err := i.MarshalJSON()
		require.NoError(t, err)
		var back calendar.Instant
		require.NoError(t, back.UnmarshalJSON(b))
		require.Equal(t, i, back)
	})
}

func TestBucketsCoverTheInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := calendar.Instant(rapid.Int64Range(-1e12, 1e12).Draw(t, "start"))
		v := calendar.Interval{Start: start, End: start + calendar.Instant(rapid.Int64Range(0, 1e10).Draw(t, "len"))}
		var sum time.Duration
		v.Buckets(calendar.Quarter, func(b calendar.Instant, part calendar.Interval) {
			require.Zero(t, b%calendar.Quarter)
			sum += part.Length()
		})
		require.Equal(t, v.Length(), sum)
	})
}
