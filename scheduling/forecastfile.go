package scheduling

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// forecastColumns are the columns of a forecast file; the first three are needed.
var forecastColumns = []string{"queue", "start", "volume", "low", "high", "aht_seconds"}

// maxFilePoints bounds an uploaded forecast.
const maxFilePoints = 500_000

// NewClientForecast is a forecast that the client made.
type NewClientForecast struct {
	Client ids.Client
	Name   string
	Text   []byte // CSV with the columns queue (slug), start, volume[, low, high, aht_seconds]
	Actor  ids.User
}

// ImportForecast stores a client's own forecast as a version beside ours, with the
// hash of the file and who sent it. Times without zone are local to the client.
// Low and high default to the volume, handling times to those of facts being
// unknown: three minutes. Every wrong line is an error that names it.
func (s *Service) ImportForecast(ctx context.Context, sc scope.Scope, n NewClientForecast) (Forecast, error) {
	client, err := s.Contracts.Client(ctx, sc, n.Client)
	if err != nil {
		return Forecast{}, err
	}
	zone, err := zoneOf(client.Zone)
	if err != nil {
		return Forecast{}, err
	}
	queues, err := s.Contracts.Queues(ctx, sc, n.Client)
	if err != nil {
		return Forecast{}, err
	}
	slugs := map[string]ids.Queue{}
	for _, q := range queues {
		slugs[q.Slug] = q.ID
	}
	points, err := readForecastFile(n.Text, zone, slugs)
	if err != nil {
		return Forecast{}, err
	}
	sum := sha256.Sum256(n.Text)
	first, last := points[0].StartAt, points[0].StartAt
	for i := range points {
		points[i].ClientID = n.Client
		first, last = min(first, points[i].StartAt), max(last, points[i].StartAt)
	}
	from, to := calendar.DateOf(first, zone), calendar.DateOf(last, zone)+1
	if n.Name == "" {
		n.Name = client.Name + " own " + from.String()
	}
	f := Forecast{ClientID: n.Client, Name: n.Name, Status: Draft, OriginAt: s.db.Now(), StartAt: from.At(0, zone), EndAt: to.At(0, zone), IntervalMS: int64(grid / calendar.Millisecond), Zone: client.Zone,
		CreatedBy: n.Actor, Settings: ForecastSettings{Source: "client", Days: int(to - from), FileSHA256: hex.EncodeToString(sum[:])}, Explain: ForecastExplain{Queues: []QueueExplain{}}}
	return s.storeForecast(ctx, sc, f, points)
}

// readForecastFile reads and checks the lines.
func readForecastFile(text []byte, zone *time.Location, slugs map[string]ids.Queue) ([]ForecastPoint, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "forecast.file", "The file has no header line.").Wrap(err)
	}
	column := map[string]int{}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(forecastColumns, name) {
			return nil, fault.Newf(fault.Invalid, "forecast.file_column", "The column %q is unknown: the columns are %s.", name, strings.Join(forecastColumns, ", ")).With("column", name)
		}
		column[name] = i
	}
	for _, name := range forecastColumns[:3] {
		if _, ok := column[name]; !ok {
			return nil, fault.Newf(fault.Invalid, "forecast.file_column", "The column %q is missing: queue, start and volume are needed.", name).With("column", name)
		}
	}
	seen := map[string]bool{}
	var out []ForecastPoint
	for line := 2; ; line++ {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var p ForecastPoint
		if err == nil {
			p, err = readForecastLine(rec, column, zone, slugs)
		}
		key := p.QueueID.String() + p.StartAt.String()
		if err == nil && seen[key] {
			err = errors.New("the queue has this interval already")
		}
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "forecast.file_line", "Line %d: %s.", line, err).With("line", line)
		}
		seen[key] = true
		if out = append(out, p); len(out) > maxFilePoints {
			return nil, fault.Newf(fault.TooLarge, "forecast.file_size", "The file has more than %d lines; split it.", maxFilePoints)
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "forecast.file", "The file has no line with a volume.")
	}
	return out, nil
}

// readForecastLine reads one line.
func readForecastLine(rec []string, column map[string]int, zone *time.Location, slugs map[string]ids.Queue) (ForecastPoint, error) {
	field := func(name string) string {
		if i, ok := column[name]; ok && i < len(rec) {
			return strings.TrimSpace(rec[i])
		}
		return ""
	}
	var p ForecastPoint
	id, ok := slugs[field("queue")]
	if !ok {
		return p, errors.New("the queue " + strconv.Quote(field("queue")) + " is none of the client's")
	}
	start, err := parseStart(field("start"), zone)
	if err != nil {
		return p, err
	}
	p.QueueID, p.StartAt = id, start
	if p.Volume, err = parseAmount(field("volume")); err != nil {
		return p, err
	}
	p.Low, p.High, p.AHTMS = p.Volume, p.Volume, fallbackAHTMS
	for name, into := range map[string]*float64{"low": &p.Low, "high": &p.High} {
		if text := field(name); text != "" {
			if *into, err = parseAmount(text); err != nil {
				return p, err
			}
		}
	}
	if text := field("aht_seconds"); text != "" {
		seconds, err := parseAmount(text)
		if err != nil {
			return p, err
		}
		p.AHTMS = seconds * 1000
	}
	return p, nil
}

// parseStart reads RFC 3339, or a local date and time of the zone, on the grid.
func parseStart(text string, zone *time.Location) (calendar.Instant, error) {
	t, err := time.Parse(time.RFC3339, text)
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if err == nil {
			break
		}
		t, err = time.ParseInLocation(form, text, zone)
	}
	if err != nil {
		return 0, errors.New("the start " + strconv.Quote(text) + " is no time: want YYYY-MM-DD HH:MM or RFC 3339")
	}
	at := calendar.At(t)
	if at%grid != 0 {
		return 0, errors.New("the start " + strconv.Quote(text) + " does not lie on a quarter of an hour")
	}
	return at, nil
}

// parseAmount reads a finite number of 0 or more.
func parseAmount(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || v < 0 || v > 1e9 {
		return 0, errors.New("the number " + strconv.Quote(text) + " is not 0 or more")
	}
	return v, nil
}

// ForecastCSV writes a version in the form that ImportForecast reads, times local
// to the client with their offset.
func (s *Service) ForecastCSV(ctx context.Context, sc scope.Scope, f Forecast) ([]byte, error) {
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return nil, err
	}
	queues, err := s.Contracts.Queues(ctx, sc, f.ClientID)
	if err != nil {
		return nil, err
	}
	slugs := map[ids.Queue]string{}
	for _, q := range queues {
		slugs[q.ID] = q.Slug
	}
	points, err := s.ForecastPoints(ctx, sc, f.ID, ids.Queue{})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{forecastColumns}
	exact := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	for _, p := range points {
		rows = append(rows, []string{slugs[p.QueueID], p.StartAt.In(zone).Format(time.RFC3339), exact(p.Volume), exact(p.Low), exact(p.High), exact(p.AHTMS / 1000)})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
