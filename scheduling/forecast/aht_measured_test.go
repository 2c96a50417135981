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

// technionAHT is the served calls of January and February with their mean service time, by half hour.
func technionAHT(tb testing.TB) Series {
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
			if r[col["outcome"]] != "AGENT" || r[col["ser_start"]] == "" {
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

// TestHandlingTimesBeatTheEightWeekMean compares volume-weighted absolute errors on the weeks of the shared part.
func TestHandlingTimesBeatTheEightWeekMean(t *testing.T) {
	s := technionAHT(t)
	var ours, plain float64
	for _, origin := range []string{"1999-01-15", "1999-02-08", "1999-02-15"} {
		d, err := ParseDate(origin)
		require.NoError(t, err)
		at := d.Time(time.UTC)
		in := Input{Interval: 30 * time.Minute, Series: []Series{s}, Origin: at, Until: at.AddDate(0, 0, 7)}
		out, err := Run(context.Background(), in)
		require.NoError(t, err)
		off := int(at.Sub(s.Start) / in.Interval)
		for i, p := range out.Series[0].Points {
			if off+i >= len(s.AHT) || math.IsNaN(s.AHT[off+i]) {
				continue
			}
			tot, n := 0.0, 0.0
			for w := 1; w <= 8; w++ {
				if j := off + i - w*7*48; j >= 0 && !math.IsNaN(s.AHT[j]) {
					tot += s.AHT[j]
					n++
				}
			}
			if n == 0 {
				continue
			}
			ours += s.Volume[off+i] * math.Abs(p.AHT-s.AHT[off+i])
			plain += s.Volume[off+i] * math.Abs(tot/n-s.AHT[off+i])
		}
	}
	t.Logf("volume-weighted absolute error against the 8-week mean: %.3f", ours/plain)
	require.Less(t, ours, 0.95*plain)
}
