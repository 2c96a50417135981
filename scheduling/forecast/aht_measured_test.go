package forecast

import (
	"context"
	"encoding/csv"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// technionAHT is the served calls of January and February with their mean service time, by half hour; of one type of call, or
// of all for an empty type.
func technionAHT(tb testing.TB, kind string) Series {
	tb.Helper()
	const slots = 48
	start := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	n := 52 * slots
	s := Series{Key: "bank", Start: start, Volume: missing(n), AHT: missing(n)}
	work := make([]float64, n)
	for _, file := range []string{"technion_bank/calls_1999_01.csv.gz", "technion_bank/calls_1999_02.csv.gz"} {
		rows, err := csv.NewReader(dataFile(tb, file)).ReadAll()
		require.NoError(tb, err)
		col := map[string]int{}
		for i, name := range rows[0] {
			col[name] = i
		}
		for _, r := range rows[1:] {
			if r[col["outcome"]] != "AGENT" || r[col["ser_start"]] == "" || kind != "" && r[col["type"]] != kind {
				continue
			}
			at, err := time.Parse("2006-01-02 15:04:05", r[col["date"]]+" "+r[col["ser_start"]])
			require.NoError(tb, err)
			secs, err := strconv.ParseFloat(r[col["ser_secs"]], 64)
			require.NoError(tb, err)
			i := int(at.Sub(start) / (30 * time.Minute))
			s.Volume[i] = firstNumber(s.Volume[i], 0) + 1
			work[i] += secs
		}
	}
	for i, v := range s.Volume {
		if v > 0 {
			s.AHT[i] = work[i] / v
		}
	}
	return s
}

// dailyAHT is the daily call centre as a series with one open hour a day.
func dailyAHT(tb testing.TB) Series {
	tb.Helper()
	rows, err := csv.NewReader(dataFile(tb, "call_center_daily/daily.csv")).ReadAll()
	require.NoError(tb, err)
	s := Series{Key: "daily", Volume: missing(24 * (len(rows) - 1)), AHT: missing(24 * (len(rows) - 1))}
	for i, r := range rows[1:] {
		at, err := time.Parse(time.DateOnly, r[0])
		require.NoError(tb, err)
		if i == 0 {
			s.Start = at
		}
		c := int(at.Sub(s.Start)/time.Hour) + 12
		s.Volume[c], err = strconv.ParseFloat(r[2], 64)
		require.NoError(tb, err)
		s.AHT[c], err = strconv.ParseFloat(r[6], 64)
		require.NoError(tb, err)
	}
	return s
}

// ahtErrors gives the volume-weighted absolute errors of our handling times and of the mean of the same slot over eight weeks.
func ahtErrors(tb testing.TB, s Series, interval time.Duration, origins []string, days int) (ours, plain, volume float64) {
	for _, origin := range origins {
		d, err := ParseDate(origin)
		require.NoError(tb, err)
		at := d.Time(time.UTC)
		out, err := Run(context.Background(), Input{Interval: interval, Series: []Series{s}, Origin: at, Until: at.AddDate(0, 0, days)})
		require.NoError(tb, err)
		off, week := int(at.Sub(s.Start)/interval), int(7*24*time.Hour/interval)
		for i, p := range out.Series[0].Points {
			if off+i >= len(s.AHT) || math.IsNaN(s.AHT[off+i]) {
				continue
			}
			tot, n := 0.0, 0.0
			for w := i/week + 1; w <= i/week+8; w++ {
				if j := off + i - w*week; j >= 0 && !math.IsNaN(s.AHT[j]) {
					tot += s.AHT[j]
					n++
				}
			}
			if n == 0 {
				continue
			}
			ours += s.Volume[off+i] * math.Abs(p.AHT-s.AHT[off+i])
			plain += s.Volume[off+i] * math.Abs(tot/n-s.AHT[off+i])
			volume += s.Volume[off+i] * s.AHT[off+i]
		}
	}
	return ours, plain, volume
}

// TestHandlingTimesBeatTheEightWeekMean compares volume-weighted absolute errors on every set that has handling times.
func TestHandlingTimesBeatTheEightWeekMean(t *testing.T) {
	weeks := every("1999-01-18", "1999-02-15", 7)
	for _, c := range []struct {
		name     string
		series   Series
		interval time.Duration
		origins  []string
		days     int
	}{
		{"technion", technionAHT(t, ""), 30 * time.Minute, weeks, 7},
		{"technion PS", technionAHT(t, "PS"), 30 * time.Minute, weeks, 7},
		{"technion NE", technionAHT(t, "NE"), 30 * time.Minute, weeks, 7},
		{"technion NW", technionAHT(t, "NW"), 30 * time.Minute, weeks, 7},
		{"technion IN", technionAHT(t, "IN"), 30 * time.Minute, weeks, 7},
		{"call_center_daily", dailyAHT(t), time.Hour, every("2020-06-01", "2022-08-22", 56), 28},
	} {
		ours, plain, volume := ahtErrors(t, c.series, c.interval, c.origins, c.days)
		t.Logf("%-18s volume-weighted error %.1f %%, 8-week mean %.1f %%, ratio %.3f", c.name, 100*ours/volume, 100*plain/volume, ours/plain)
		require.Less(t, ours, plain, c.name)
	}
}
