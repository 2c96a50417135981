package forecast

import (
	"math"
	"slices"
	"time"
)

// table is one series laid out on local days x slots of the day. On the day the
// clocks go back the repeated hour is averaged into its cells, on the day they
// go forward the skipped hour is missing.
type table struct {
	first Date // civil date of row 0
	slots int  // slots per day
	days  int  // rows, history and horizon
	vol   []float64
	aht   []float64 // nil = no handling times
}

// clock maps instants to cells.
type clock struct {
	zone     *time.Location
	interval time.Duration
	first    Date
	slots    int
}

// cell gives the flat index of an instant: day row x slots + slot.
func (k clock) cell(t time.Time) int {
	t = t.In(k.zone)
	h, m, _ := t.Clock()
	return int(DateOf(t)-k.first)*k.slots + (h*60+m)*k.slots/1440
}

// grid maps the instants of a run to cells, once for all series.
type grid struct {
	clock
	start time.Time // of the earliest series
	days  int       // rows, history and horizon
	cells []int32   // per interval from start to the origin
}

// newGrid lays the rows of a run, from the earliest history to the end of the forecast.
func newGrid(in *Input) *grid {
	origin := in.End()
	start := origin
	for i := range in.Series {
		if s := &in.Series[i]; len(s.Volume) > 0 && s.Start.Before(start) {
			start = s.Start
		}
	}
	zone := in.zone()
	g := &grid{start: start}
	g.clock = clock{zone: zone, interval: in.Interval, first: DateOf(start.In(zone)), slots: int(24 * time.Hour / in.Interval)}
	g.days = int(DateOf(in.Until.Add(-1).In(zone))-g.first) + 1
	g.cells = make([]int32, int(origin.Sub(start)/in.Interval))
	for i := range g.cells {
		g.cells[i] = int32(g.cell(start.Add(time.Duration(i) * in.Interval)))
	}
	return g
}

// table lays out one series.
func (g *grid) table(s *Series) table {
	t := table{first: g.first, slots: g.slots, days: g.days, vol: missing(g.days * g.slots)}
	if s.AHT != nil {
		t.aht = missing(g.days * g.slots)
	}
	if len(s.Volume) == 0 {
		return t
	}
	off := int(s.Start.Sub(g.start) / g.interval)
	for j := 0; j < len(s.Volume) && off+j < len(g.cells); j++ {
		c := g.cells[off+j]
		t.vol[c] = averageIn(t.vol[c], s.Volume[j])
		if s.AHT != nil {
			t.aht[c] = averageIn(t.aht[c], s.AHT[j])
		}
	}
	return t
}

// averageIn puts a value into a cell; a second value of the same cell (repeated hour) is averaged with the first.
func averageIn(old, v float64) float64 {
	switch {
	case math.IsNaN(v):
		return old
	case math.IsNaN(old):
		return v
	}
	return (old + v) / 2
}

// missing makes a slice of n NaN.
func missing(n int) []float64 { return slices.Repeat([]float64{math.NaN()}, n) }
