package intake_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/routing/intake"
	"muster/tenants/database/databasetest"
	"muster/tenants/scope"
)

// stream writes calls row by row, so that the file takes no memory.
type stream struct {
	rows, next int
	rest       []byte
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		switch {
		case s.next == 0:
			s.rest = []byte("id,queue,at,result,wait,talk,agent,customer\n")
		case s.next > s.rows:
			return 0, io.EOF
		default:
			i := s.next
			s.rest = fmt.Appendf(nil, "%d,sales,2026-%02d-%02d %02d:%02d:%02d,ok,%d,%d,A%d,c%d\n", i, i%3+1, i%27+1, i%20, i/20%60, i%60, i%90, i%400, i%2+1, i%5000)
		}
		s.next++
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *stream) Close() error { return nil }

// BenchmarkImport imports contacts with segments and customers into the embedded
// database, then the same rows again, then rolls the facts up.
func BenchmarkImport(b *testing.B) {
	const rows = 100_000
	for b.Loop() {
		w := build(b, databasetest.OpenSQLite(b), "Europe/Berlin", []string{"sales"}, []string{"A1", "A2"})
		r := file(intake.Contacts, nil, callMapping)
		r.Open = func() (io.ReadCloser, error) { return &stream{rows: rows}, nil }
		peak := uint64(0)
		r.Progress = func(int64, int64) {
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			peak = max(peak, s.HeapInuse)
		}
		for _, what := range []string{"new", "again", "dry"} {
			r.DryRun = what == "dry"
			began := time.Now()
			s, err := w.intake.Run(context.Background(), scope.Provider(), r)
			require.NoError(b, err)
			require.EqualValues(b, rows, s.Counts.New+s.Counts.Unchanged)
			b.ReportMetric(rows/time.Since(began).Seconds(), what+"-rows/s")
		}
		began := time.Now()
		buckets, err := w.facts.RollUp(context.Background(), nil)
		require.NoError(b, err)
		b.ReportMetric(float64(buckets)/time.Since(began).Seconds(), "buckets/s")
		b.ReportMetric(float64(peak)/(1<<20), "MiB-heap")
	}
}
