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

// layout makes the tables of all series of the input on common rows.
func layout(in *Input) (clock, []table) {
	origin := in.End()
	start := origin
	for i := range in.Series {
		if s := &in.Series[i]; len(s.Volume) > 0 && s.Start.Before(start) {
			start = s.Start
		}
	}
	zone := in.zone()
	k := clock{zone: zone, interval: in.Interval, first: DateOf(start.In(zone)), slots: int(24 * time.Hour / in.Interval)}
	last := DateOf(in.Until.Add(-1).In(zone))
	days := int(last-k.first) + 1
	steps := int(origin.Sub(start) / in.Interval)
	cells := make([]int32, steps)
	for i := range cells {
		cells[i] = int32(k.cell(start.Add(time.Duration(i) * in.Interval)))
	}
	tables := make([]table, len(in.Series))
	for i := range in.Series {
		s := &in.Series[i]
		t := table{first: k.first, slots: k.slots, days: days, vol: missing(days * k.slots)}
		if s.AHT != nil {
			t.aht = missing(days * k.slots)
		}
		if len(s.Volume) > 0 {
			off := int(s.Start.Sub(start) / in.Interval)
			for j := 0; j < len(s.Volume) && off+j < len(cells); j++ {
				c := cells[off+j]
				t.vol[c] = averageIn(t.vol[c], s.Volume[j])
				if s.AHT != nil {
					t.aht[c] = averageIn(t.aht[c], s.AHT[j])
				}
			}
		}
		tables[i] = t
	}
	return k, tables
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
