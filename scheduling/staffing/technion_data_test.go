package staffing

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"os"
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
