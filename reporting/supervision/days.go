package supervision

import (
	"context"
	"slices"
	"strings"
	"time"

	"muster/routing"
	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// absenceLasts is how long those who are planned and missing now are taken to stay away.
const absenceLasts = calendar.Hour

// look gives the projection's input for every queue, at most outlookEvery old.
func (s *Service) look(ctx context.Context, f routing.Floor) (outlook, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outlook.days != nil && f.At >= s.outlook.at && f.At-s.outlook.at < outlookEvery {
		return s.outlook, nil
	}
	fresh, err := s.days(ctx)
	if err == nil {
		s.outlook = fresh
	}
	return fresh, err
}

// rest is what the rest of the day of one client is made of.
type rest struct {
	points map[ids.Queue]map[calendar.Instant]scheduling.ForecastPoint
	grid   calendar.Instant
	end    calendar.Instant // the client's midnight
}

// days reads forecast, roster and floor of the whole provider.
func (s *Service) days(ctx context.Context) (outlook, error) {
	f, err := s.Live.Floor(ctx, scope.Provider())
	if err != nil {
		return outlook{}, err
	}
	rests, last, err := s.rests(ctx, f.At)
	if err != nil {
		return outlook{}, err
	}
	shifts, err := s.Planning.PublishedShifts(ctx, scope.Provider(), nil, calendar.Interval{Start: f.At, End: last})
	if err != nil {
		return outlook{}, err
	}
	p := planOf(shifts)
	out := outlook{at: f.At, days: map[ids.Queue]Day{}, rest: map[ids.Queue]Outlook{}, recent: map[ids.Queue][2]float64{}, slot: calendar.Quarter}
	crew := crews(f)
	for _, q := range f.Queues {
		r := rests[q.Queue.ClientID]
		d := Day{Threshold: float64(q.Terms.ThresholdMS) / 1000, Goal: q.Terms.ServiceLevelGoal}
		if q.Terms.PatienceMS != nil {
			d.Patience = float64(*q.Terms.PatienceMS) / 1000
		}
		present := p.present(q.Queue.ID, f)
		for at := f.At; at < r.end; {
			start := at.Floor(r.grid)
			end := min(start+r.grid, r.end)
			point := r.points[q.Queue.ID][start]
			slot := Slot{Seconds: float64(end-at) / 1e6, Expected: point.Volume * float64(end-at) / float64(r.grid), AHT: point.AHTMS / 1000}
			if p.any {
				slot.Agents = p.agents(q.Queue.ID, calendar.Interval{Start: at, End: end})
				if at < f.At+absenceLasts {
					slot.Agents *= present
				}
			} else {
				slot.Agents = crew.share(q.Queue.ID, func(other ids.Queue) float64 {
					o := r.points[other][start]
					return o.Volume * o.AHTMS
				})
			}
			d.Slots = append(d.Slots, slot)
			at = end
		}
		full := f.At.Floor(calendar.Quarter) - calendar.Quarter
		out.recent[q.Queue.ID] = [2]float64{arrivals(f, q.Queue.ID, full) + float64(q.FedSince(calendar.Interval{Start: full, End: full + calendar.Quarter})), r.points[q.Queue.ID][full].Volume}
		out.days[q.Queue.ID], out.rest[q.Queue.ID] = d, Project(d)
	}
	return out, s.addArrived(ctx, f, &out)
}

// arrivals counts open contacts of the queue that arrived in the quarter that begins at start.
func arrivals(f routing.Floor, queue ids.Queue, start calendar.Instant) float64 {
	n := 0.0
	for _, c := range f.Contacts {
		if c.QueueID == queue && start <= c.ArrivedAt && c.ArrivedAt < start+calendar.Quarter {
			n++
		}
	}
	return n
}

// addArrived adds the finished contacts of the last full quarter.
func (s *Service) addArrived(ctx context.Context, f routing.Floor, out *outlook) error {
	full := f.At.Floor(calendar.Quarter) - calendar.Quarter
	rows, err := s.Facts.Queues(ctx, scope.Provider(), factsOf(full))
	if err != nil {
		return err
	}
	for _, r := range rows {
		v := out.recent[r.QueueID]
		v[0] += float64(r.Offered)
		out.recent[r.QueueID] = v
	}
	return nil
}

// rests reads the forecast in force for the rest of each client's day, and the last midnight.
func (s *Service) rests(ctx context.Context, now calendar.Instant) (map[ids.Client]rest, calendar.Instant, error) {
	all := scope.Provider()
	clients, err := s.Contracts.Clients(ctx, all)
	if err != nil {
		return nil, 0, err
	}
	versions, err := s.Planning.Forecasts(ctx, all, ids.Client{}, false)
	if err != nil {
		return nil, 0, err
	}
	out, last := map[ids.Client]rest{}, now
	for _, c := range clients {
		zone, err := calendar.Zone(c.Zone)
		if err != nil {
			return nil, 0, err
		}
		r := rest{points: map[ids.Queue]map[calendar.Instant]scheduling.ForecastPoint{}, grid: calendar.Quarter, end: calendar.DateOf(now, zone).Span(zone).End}
		last = max(last, r.end)
		if i := slices.IndexFunc(versions, func(f scheduling.Forecast) bool { return f.ClientID == c.ID && f.StartAt <= now && now < f.EndAt }); i >= 0 {
			if err := s.addPoints(ctx, &r, versions[i], now); err != nil {
				return nil, 0, err
			}
		}
		out[c.ID] = r
	}
	return out, last, nil
}

// addPoints reads the points from the last full quarter to the day's end.
func (s *Service) addPoints(ctx context.Context, r *rest, f scheduling.Forecast, now calendar.Instant) error {
	if f.IntervalMS > 0 {
		r.grid = calendar.Instant(f.IntervalMS) * calendar.Millisecond
	}
	var rows []scheduling.ForecastPoint
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		return tx.Where("forecast_id = ? AND start_at >= ? AND start_at < ?", f.ID, now.Floor(r.grid)-max(r.grid, calendar.Quarter), r.end).Find(&rows).Error
	})
	for _, p := range rows {
		if r.points[p.QueueID] == nil {
			r.points[p.QueueID] = map[calendar.Instant]scheduling.ForecastPoint{}
		}
		r.points[p.QueueID][p.StartAt] = p
	}
	return err
}

// plan is who the roster wants where.
type plan struct {
	any  bool
	work map[ids.Queue][]scheduling.Activity
}

func planOf(shifts []scheduling.Shift) plan {
	p := plan{any: len(shifts) > 0, work: map[ids.Queue][]scheduling.Activity{}}
	for _, shift := range shifts {
		for _, a := range shift.Activities {
			if a.Kind == "work" {
				a.AgentID = shift.AgentID
				p.work[a.QueueID] = append(p.work[a.QueueID], a)
			}
		}
	}
	return p
}

// agents is how many are planned for a queue on average over a stretch.
func (p plan) agents(queue ids.Queue, span calendar.Interval) float64 {
	total := calendar.Instant(0)
	for _, a := range p.work[queue] {
		if from, to := max(a.StartAt, span.Start), min(a.EndAt, span.End); to > from {
			total += to - from
		}
	}
	return float64(total) / float64(max(1, span.End-span.Start))
}

// present is the share of those planned for the queue now who are there.
func (p plan) present(queue ids.Queue, f routing.Floor) float64 {
	planned, there := 0, 0
	on := map[ids.Agent]bool{}
	for _, a := range f.Agents {
		on[a.Agent.ID] = a.Live.State == "ready" || a.Live.State == "paused"
	}
	for _, a := range p.work[queue] {
		if a.StartAt <= f.At && f.At < a.EndAt {
			planned++
			if on[a.AgentID] {
				there++
			}
		}
	}
	if planned == 0 {
		return 1
	}
	return float64(there) / float64(planned)
}

// crew counts agents who can serve the same queues.
type crew struct {
	queues []ids.Queue
	size   float64
}

type crewList []crew

// crews groups the ready agents by what they can serve, for a day without a roster.
func crews(f routing.Floor) crewList {
	index := map[string]int{}
	var out crewList
	for _, a := range f.Agents {
		if !a.ReadyHere() {
			continue
		}
		var queues []ids.Queue
		var key strings.Builder
		for _, q := range f.Queues {
			if a.Reaches(q) {
				queues = append(queues, q.Queue.ID)
				key.WriteString(q.Queue.ID.String())
			}
		}
		i, ok := index[key.String()]
		if !ok {
			i = len(out)
			index[key.String()] = i
			out = append(out, crew{queues: queues})
		}
		out[i].size++
	}
	return out
}

// share is the part of the crews that falls to a queue by its share of the load.
func (l crewList) share(queue ids.Queue, load func(ids.Queue) float64) float64 {
	total := 0.0
	for _, c := range l {
		if !slices.Contains(c.queues, queue) {
			continue
		}
		sum := 0.0
		for _, q := range c.queues {
			sum += load(q)
		}
		if sum > 0 {
			total += c.size * load(queue) / sum
		}
	}
	return total
}

// zoneOf loads a client's zone; the service that stored it has checked the name.
func zoneOf(name string) *time.Location {
	zone, err := calendar.Zone(name)
	if err != nil {
		return time.UTC
	}
	return zone
}
