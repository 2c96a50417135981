package staffing

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bandDay is one hour of one day of the bank's call centre.
type bandDay struct{ offered, abandoned, answered, inTime, waited, handled float64 }

func (b *bandDay) add(o bandDay) {
	b.offered += o.offered
	b.abandoned += o.abandoned
	b.answered += o.answered
	b.inTime += o.inTime
	b.waited += o.waited
	b.handled += o.handled
}

const bankThreshold = 20.0

// readBank gives, by day (Sunday to Thursday) and hour, the calls that asked for an
// agent, internet support and phantoms left out.
func readBank(t *testing.T, path string) [][24]bandDay {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	in := csv.NewReader(z)
	header, err := in.Read()
	require.NoError(t, err)
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	index := map[string]int{}
	var days [][24]bandDay
	for {
		r, err := in.Read()
		if errors.Is(err, io.EOF) {
			return days
		}
		require.NoError(t, err)
		date, err := time.Parse("2006-01-02", r[at["date"]])
		require.NoError(t, err)
		hung := r[at["outcome"]] == "HANG"
		if date.Weekday() >= time.Friday || r[at["outcome"]] == "PHANTOM" || r[at["type"]] == "IN" || hung && r[at["q_start"]] == "" {
			continue
		}
		if _, ok := index[r[at["date"]]]; !ok {
			index[r[at["date"]]] = len(days)
			days = append(days, [24]bandDay{})
		}
		hour, err := strconv.Atoi(r[at["vru_exit"]][:2])
		require.NoError(t, err)
		wait, _ := strconv.ParseFloat(r[at["q_secs"]], 64) // empty = did not queue
		service, _ := strconv.ParseFloat(r[at["ser_secs"]], 64)
		b := &days[index[r[at["date"]]]][hour%24]
		b.offered++
		b.waited += wait
		if hung {
			b.abandoned++
			continue
		}
		b.answered++
		b.handled += service
		if wait <= bankThreshold {
			b.inTime++
		}
	}
}

// predictBank is the volume-weighted service level and abandonment of Erlang A over
// days, for seats that may be a fraction (interpolated).
func predictBank(t *testing.T, days []bandDay, aht, patience, seats float64) (level, lost float64) {
	total := 0.0
	for _, d := range days {
		if d.offered == 0 {
			continue
		}
		c, err := NewCurve(Load{Contacts: d.offered, Interval: 3600, AHT: aht, Patience: patience})
		require.NoError(t, err)
		n := int(seats)
		f := seats - float64(n)
		a, b := c.At(n), c.At(n+1)
		level += d.offered * ((1-f)*a.ServiceLevel("", bankThreshold) + f*b.ServiceLevel("", bankThreshold))
		lost += d.offered * ((1-f)*a.Abandonment() + f*b.Abandonment())
		total += d.offered
	}
	return level / total, lost / total
}

// TestTechnionErlangA predicts every day of a month from its volumes alone: seats,
// patience and handling time of an hour band are inferred on all other days of the
// month. Seats are the number, fractions interpolated, at which Erlang A misses
// service level and hang-ups of those days least, 3 points of one weighing as 2 of the
// other; patience is total wait over
// hang-ups, the maximum likelihood for exponential patience.
//
// What remains is not the formula's: the centre's seats changed from day to day,
// which an average over other days cannot know.
func TestTechnionErlangA(t *testing.T) {
	root := os.Getenv("MUSTER_TEST_DATA")
	if root == "" {
		t.Skip("MUSTER_TEST_DATA is not set")
	}
	bands, level3, lost2 := 0, 0, 0
	for _, month := range []string{"01", "02"} {
		days := readBank(t, filepath.Join(root, "technion_bank", "calls_1999_"+month+".csv.gz"))
		for hour := 8; hour <= 23; hour++ {
			var seen bandDay
			var level, lost, seats float64
			for left := range days {
				var known bandDay
				var others []bandDay
				for i, day := range days {
					if i != left {
						others = append(others, day[hour])
						known.add(day[hour])
					}
				}
				day := days[left][hour]
				if day.offered == 0 {
					continue
				}
				aht, patience := known.handled/known.answered, known.waited/known.abandoned
				n := inferSeats(t, others, known, aht, patience)
				l, a := predictBank(t, []bandDay{day}, aht, patience, n)
				level += l * day.offered
				lost += a * day.offered
				seats += n
				seen.add(day)
			}
			dl, da := (level-seen.inTime)/seen.offered, (lost-seen.abandoned)/seen.offered
			t.Logf("month %s %02d h: %4.0f calls, seats %.1f, service level %.3f (%+.1f points), hang-ups %.3f (%+.1f points)",
				month, hour, seen.offered, seats/float64(len(days)), level/seen.offered, 100*dl, lost/seen.offered, 100*da)
			bands++
			if math.Abs(dl) <= 0.03 {
				level3++
			}
			if math.Abs(da) <= 0.02 {
				lost2++
			}
		}
	}
	t.Logf("%d bands: service level within 3 points in %d, hang-ups within 2 points in %d", bands, level3, lost2)
	require.GreaterOrEqual(t, level3, bands*2/3)
	require.GreaterOrEqual(t, lost2, bands*2/3)
}

// inferSeats fits the seats of an hour band to what some days saw.
func inferSeats(t *testing.T, days []bandDay, seen bandDay, aht, patience float64) float64 {
	seats, best := 0.0, math.Inf(1)
	for try := 1.0; try < 15; try += 0.1 {
		level, lost := predictBank(t, days, aht, patience, try)
		if miss := math.Max(math.Abs(level-seen.inTime/seen.offered)/0.03, math.Abs(lost-seen.abandoned/seen.offered)/0.02); miss < best {
			seats, best = try, miss
		}
	}
	return seats
}
