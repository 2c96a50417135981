package forecast

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// longQueue is two and a half years of half hours: a yearly wave, weekdays, opening hours, growth and noise.
func longQueue(seed uint64) Series {
	r := rand.New(rand.NewPCG(seed, 11))
	s := Series{Key: fmt.Sprintf("q%04d", seed), Start: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), Volume: missing(913 * 48)}
	level, walk := math.Exp(6+4*r.Float64()), 0.0
	for i := range s.Volume {
		d, h := i/48, float64(i%48)/2
		if i%48 == 0 {
			walk += 0.01 * r.NormFloat64()
		}
		if h < 7 || h >= 21 {
			continue
		}
		m := level / 196 * (1.2 - 0.15*float64(d%7)) * math.Exp(-(h-12)*(h-12)/30+0.2*math.Sin(2*math.Pi*float64(d)/365.25)+walk)
		s.Volume[i] = math.Max(0, math.Round(m+math.Sqrt(1.5*m)*r.NormFloat64()))
	}
	return s
}

// BenchmarkSpeed forecasts queues of two and a half years four weeks ahead with the whole back-test: one, and as many as
// MUSTER_QUEUES says (8 without it).
//
//	MUSTER_QUEUES=1000 go test ./scheduling/forecast -run '^$' -bench Speed -benchtime 1x -timeout 1h
func BenchmarkSpeed(b *testing.B) {
	many, err := strconv.Atoi(os.Getenv("MUSTER_QUEUES"))
	if err != nil {
		many = 8
	}
	for _, n := range []int{1, many} {
		b.Run(fmt.Sprintf("queues=%d", n), func(b *testing.B) {
			in := Input{Interval: 30 * time.Minute, Quantiles: []float64{0.1, 0.9}}
			for i := range n {
				in.Series = append(in.Series, longQueue(uint64(i)))
			}
			in.Until = in.End().AddDate(0, 0, 28)
			for range b.N {
				_, err := Run(context.Background(), in)
				require.NoError(b, err)
			}
			var mem runtime.MemStats
			runtime.ReadMemStats(&mem)
			b.ReportMetric(float64(mem.Sys)/(1<<20), "MB")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N*n), "s/queue")
		})
	}
}
