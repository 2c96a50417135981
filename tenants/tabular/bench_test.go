package tabular_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"muster/tenants/tabular"
)

// endless writes a table of calls row by row, so that the table itself takes no memory.
type endless struct {
	rows, next int
	buffer     bytes.Buffer
}

func (e *endless) Read(p []byte) (int, error) {
	for e.buffer.Len() < len(p) && e.next < e.rows {
		if e.next == 0 {
			e.buffer.WriteString("call_id,queue,started,ended,wait,talk,result,agent\n")
		}
		second := e.next % 86400
		fmt.Fprintf(&e.buffer, "%d,sales,2024-01-%02d %02d:%02d:%02d,2024-01-%02d 23:59:59,%d,%d,ok,A%d\n", e.next, e.next/86400%31+1, second/3600, second/60%60, second%60, e.next/86400%31+1, e.next%300, e.next%900, e.next%250)
		e.next++
	}
	return e.buffer.Read(p)
}

const bigMapping = `
kind: calls
source: big
zone: Europe/Berlin
fields:
  id: {column: call_id}
  at: {column: started}
  end: {column: ended}
  talk: {column: talk, unit: s}
  result: {column: result, values: {ok: answered}}
  calls: {column: wait}
  note: {column: agent}
`

// drain decodes every row and gives the count and the largest heap seen in MiB.
func drain(b *testing.B, in io.Reader, m tabular.Mapping) (int, float64) {
	b.Helper()
	r, err := tabular.Open(in, m.Options())
	require.NoError(b, err)
	defer func() { require.NoError(b, r.Close()) }()
	d, err := tabular.Compile(schema, m, r)
	require.NoError(b, err)
	rows, peak := 0, uint64(0)
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, float64(peak) / (1 << 20)
		}
		require.NoError(b, err)
		if _, verdict, issues := d.Decode(row); verdict != tabular.Accepted {
			b.Fatal(issues)
		}
		if rows++; rows%100_000 == 1 {
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			peak = max(peak, s.HeapInuse)
		}
	}
}

// BenchmarkFiveMillionRows decodes CSV of 100 thousand and of 5 million rows: the heap
// must not grow with the rows (both stay far below 300 MiB).
func BenchmarkFiveMillionRows(b *testing.B) {
	m, err := tabular.ParseMapping([]byte(bigMapping))
	require.NoError(b, err)
	for _, n := range []int{100_000, 5_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				began := time.Now()
				rows, peak := drain(b, &endless{rows: n}, m)
				require.Equal(b, n, rows)
				require.Less(b, peak, 300.0)
				b.ReportMetric(peak, "MiB-heap")
				b.ReportMetric(float64(rows)/time.Since(began).Seconds(), "rows/s")
			}
		})
	}
}

// BenchmarkWorkbook decodes a worksheet of 200 thousand rows.
func BenchmarkWorkbook(b *testing.B) {
	const n = 200_000
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	require.NoError(b, err)
	require.NoError(b, w.SetRow("A1", []any{"call_id", "started", "ended", "wait", "talk", "result", "agent"}))
	for i := range n {
		at := 45292 + float64(i)/86400
		require.NoError(b, w.SetRow(fmt.Sprintf("A%d", i+2), []any{strconv.Itoa(i), at, at + 0.01, i % 300, i % 900, "ok", fmt.Sprint("A", i%250)}))
	}
	require.NoError(b, w.Flush())
	var file bytes.Buffer
	require.NoError(b, f.Write(&file))
	require.NoError(b, f.Close())
	m, err := tabular.ParseMapping([]byte(bigMapping))
	require.NoError(b, err)
	for b.Loop() {
		began := time.Now()
		rows, peak := drain(b, bytes.NewReader(file.Bytes()), m)
		require.Equal(b, n, rows)
		b.ReportMetric(peak, "MiB-heap")
		b.ReportMetric(float64(rows)/time.Since(began).Seconds(), "rows/s")
	}
}
