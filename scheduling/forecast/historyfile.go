package forecast

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/tenants/fault"
)

// HistoryColumns describes the history file for help texts.
const HistoryColumns = "start,volume[,aht_seconds][,queue] (calls and arrivals are taken for volume)"

// ReadHistory reads a history in CSV: columns start, volume (or calls, arrivals), optionally aht_seconds and queue, in any
// order; other columns are ignored. Rows finer than the interval are added up (handling times weighted by volume).
// Times without a zone are local to zone; an absent row is a missing value. Series come in the order of first appearance.
func ReadHistory(r io.Reader, interval time.Duration, zone *time.Location) ([]Series, error) {
	rd := csv.NewReader(bufio.NewReaderSize(r, 1<<16))
	rd.ReuseRecord = true
	header, err := rd.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "forecast.history_csv", "the history has no header line; want "+HistoryColumns).Wrap(err)
	}
	col := map[string]int{"start": -1, "volume": -1, "aht_seconds": -1, "queue": -1}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		if name == "calls" || name == "arrivals" {
			name = "volume"
		}
		if at, known := col[name]; known && at < 0 {
			col[name] = i
		}
	}
	if col["start"] < 0 || col["volume"] < 0 {
		return nil, fault.New(fault.Invalid, "forecast.history_columns", "the history lacks the column start or volume; want "+HistoryColumns)
	}
	b := newHistoryBuilder(interval, zone)
	for line := 2; ; line++ {
		rec, err := rd.Read()
		if errors.Is(err, io.EOF) {
			return b.series(), nil
		}
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "forecast.history_csv", "history line %d cannot be read", line).Wrap(err)
		}
		if err := b.add(rec, col); err != nil {
			return nil, fault.Newf(fault.Invalid, "forecast.history_csv", "history line %d: %v", line, err)
		}
	}
}

// historyBuilder gathers rows per queue and bucket.
type historyBuilder struct {
	interval int64 // seconds
	zone     *time.Location
	order    []string
	queues   map[string]*queueRows
	lastText string // cache of the last parsed time
	lastUnix int64
}

// queueRows is a dense run of buckets, which is what a history nearly is; a thousand queues must fit in memory.
type queueRows struct {
	first       int64     // bucket of index 0
	volume      []float64 // contacts; NaN = no row
	work, timed []float64 // AHT x contacts, contacts with an AHT; nil until one is seen
}

// at gives the index of a bucket, growing the run on either side.
func (q *queueRows) at(bucket int64) int {
	if len(q.volume) == 0 {
		q.first = bucket
	}
	if bucket < q.first {
		gap := int(q.first - bucket)
		q.volume = append(missing(gap), q.volume...)
		if q.work != nil {
			q.work, q.timed = append(make([]float64, gap), q.work...), append(make([]float64, gap), q.timed...)
		}
		q.first = bucket
	}
	i := int(bucket - q.first)
	for len(q.volume) <= i {
		q.volume = append(q.volume, math.NaN())
	}
	return i
}

// time adds handling time to a bucket.
func (q *queueRows) time(i int, aht, volume float64) {
	for len(q.work) < len(q.volume) {
		q.work, q.timed = append(q.work, 0), append(q.timed, 0)
	}
	q.work[i] += aht * volume
	q.timed[i] += volume
}

// longestHistory bounds the buckets between the first and the last row of a queue.
const longestHistory = 4 << 20

func newHistoryBuilder(interval time.Duration, zone *time.Location) *historyBuilder {
	return &historyBuilder{interval: int64(interval / time.Second), zone: zone, queues: map[string]*queueRows{}}
}

func (b *historyBuilder) add(rec []string, col map[string]int) error {
	key := ""
	if i := col["queue"]; i >= 0 {
		key = rec[i]
	}
	text := strings.TrimSpace(rec[col["volume"]])
	if text == "" {
		return nil // an empty volume is a missing one
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return fault.Newf(fault.Invalid, "forecast.volume", "volume %q is not a finite number of at least zero", text)
	}
	at, err := b.instant(rec[col["start"]])
	if err != nil {
		return err
	}
	q := b.queues[key]
	if q == nil {
		q = &queueRows{}
		b.queues[strings.Clone(key)] = q
		b.order = append(b.order, strings.Clone(key))
	}
	k := int64(math.Floor(float64(at) / float64(b.interval)))
	if n := int64(len(q.volume)); n > 0 && (k-q.first > longestHistory || q.first+n-k > longestHistory) {
		return fault.Newf(fault.Invalid, "forecast.time", "time %q lies too far from the other rows of its queue", rec[col["start"]])
	}
	i := q.at(k)
	q.volume[i] = firstNumber(q.volume[i], 0) + v
	if j := col["aht_seconds"]; j >= 0 && rec[j] != "" {
		a, err := strconv.ParseFloat(strings.TrimSpace(rec[j]), 64)
		if err != nil || a < 0 || math.IsNaN(a) || math.IsInf(a, 0) {
			return fault.Newf(fault.Invalid, "forecast.aht", "handling time %q is not a finite number of seconds of at least zero", rec[j])
		}
		q.time(i, a, v)
	}
	return nil
}

// instant parses a time; most files repeat few distinct texts in a row, hence the cache of one.
func (b *historyBuilder) instant(text string) (int64, error) {
	if text == b.lastText && text != "" {
		return b.lastUnix, nil
	}
	t, err := ParseTime(text, b.zone)
	if err != nil {
		return 0, err
	}
	b.lastText, b.lastUnix = strings.Clone(text), t.Unix()
	return b.lastUnix, nil
}

func (b *historyBuilder) series() []Series {
	var out []Series
	for _, key := range b.order {
		q := b.queues[key]
		s := Series{Key: key, Start: time.Unix(q.first*b.interval, 0).In(b.zone), Volume: slices.Clip(q.volume)}
		if q.work != nil {
			s.AHT = missing(len(q.volume))
			for i, t := range q.timed {
				if t > 0 {
					s.AHT[i] = q.work[i] / t
				}
			}
		}
		out = append(out, s)
		delete(b.queues, key)
	}
	return out
}

// timeLayouts are the accepted spellings of a time, with and without a zone.
var timeLayouts = []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"}

// ParseTime reads a time; without a zone it is local to zone.
func ParseTime(text string, zone *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, l := range timeLayouts {
		if t, err := time.ParseInLocation(l, text, zone); err == nil {
			return t, nil
		}
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	if t, err := time.Parse("2006-01-02 15:04:05Z07:00", text); err == nil {
		return t, nil
	}
	return time.Time{}, fault.Newf(fault.Invalid, "forecast.time", "time %q: want 2006-01-02T15:04:05 with or without a zone", text)
}
