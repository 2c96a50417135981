package simulation

import (
	"context"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/stat/distuv"
)

// Band is a mean over replications with a 95 % confidence band (Student). N is
// the number of replications in which the figure existed.
type Band struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	N    int     `json:"n"`
}

// Figures of a client, queue or the whole, of an interval or the run.
type Figures struct {
	Offered      Band `json:"offered"`
	Answered     Band `json:"answered"`
	Abandoned    Band `json:"abandoned"`
	Overflowed   Band `json:"overflowed"`
	Open         Band `json:"open"`          // still waiting at the end
	ServiceLevel Band `json:"service_level"` // answered within target / offered
	ASA          Band `json:"asa_s"`         // mean wait of the answered, seconds
	Wait         Band `json:"wait_s"`        // mean wait of everybody, seconds
	Abandonment  Band `json:"abandonment"`   // abandoned / offered
	Overflow     Band `json:"overflow"`      // overflowed / offered
	Occupancy    Band `json:"occupancy"`     // busy / (busy + idle while ready)
	BusyHours    Band `json:"busy_hours"`
	Cost         Band `json:"cost"`    // paid time and partners, the scenario's money
	Penalty      Band `json:"penalty"` // late or lost contacts × late cost
}

// Named figures of the run, with intervals where asked for.
type Named struct {
	Name      string    `json:"name"`
	Run       Figures   `json:"run"`
	Intervals []Figures `json:"intervals,omitempty"`
}

// ValueBand is the mean wait of answered contacts by customer value.
type ValueBand struct {
	From int  `json:"from"` // permille
	To   int  `json:"to"`
	Wait Band `json:"wait_s"`
}

// Result of a run.
type Result struct {
	Name         string      `json:"name"`
	Seed         uint64      `json:"seed"`
	Replications int         `json:"replications"`
	Total        Named       `json:"total"`
	Clients      []Named     `json:"clients"`
	Queues       []Named     `json:"queues"`
	Pools        []PoolUse   `json:"pools"`
	Values       []ValueBand `json:"value_bands"`
	LongestWait  Band        `json:"longest_wait_s"` // of the answered, per replication
	Events       int64       `json:"events"`         // engine events over all replications
	runs         []runTotals
}

// PoolUse is the use of a pool over the run.
type PoolUse struct {
	Name      string `json:"name"`
	Occupancy Band   `json:"occupancy"`
	BusyHours Band   `json:"busy_hours"`
	Fairness  Band   `json:"fairness"` // Jain's index of the agents' occupancies, 1 is even
}

// runTotals are one replication's totals, for paired comparison.
type runTotals struct {
	total  metrics
	client []metrics
}

// metrics in the order of metricNames; NaN where a figure does not exist.
type metrics [14]float64

const (
	mOffered = iota
	mAnswered
	mAbandoned
	mOverflowed
	mOpen
	mServiceLevel
	mASA
	mWait
	mAbandonment
	mOverflow
	mOccupancy
	mBusyHours
	mCost
	mPenalty
)

var metricNames = [...]string{"offered", "answered", "abandoned", "overflowed", "open", "service_level", "asa_s", "wait_s",
	"abandonment", "overflow", "occupancy", "busy_hours", "cost", "penalty"}

func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}

func metricsOf(c *counts, lateCost float64) metrics {
	done := float64(c.answered + c.abandoned + c.overflowed + c.open)
	return metrics{float64(c.offered), float64(c.answered), float64(c.abandoned), float64(c.overflowed), float64(c.open),
		ratio(float64(c.inTarget), float64(c.offered)), ratio(float64(c.wait)/1e6, float64(c.answered)),
		ratio(float64(c.waitAll)/1e6, done), ratio(float64(c.abandoned), float64(c.offered)),
		ratio(float64(c.overflowed), float64(c.offered)), ratio(c.busy, c.busy+c.idle), c.busy / 3.6e9, c.cost + c.partner,
		float64(c.late) * lateCost}
}

// welford gathers mean and variance in one pass; NaN is left out.
type welford struct {
	n        int
	mean, m2 float64
}

func (w *welford) add(x float64) {
	if math.IsNaN(x) {
		return
	}
	w.n++
	d := x - w.mean
	w.mean += d / float64(w.n)
	w.m2 += d * (x - w.mean)
}

func (w *welford) band() Band {
	b := Band{Mean: w.mean, Low: w.mean, High: w.mean, N: w.n}
	if w.n > 1 {
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(w.n - 1)}
		h := t.Quantile(0.975) * math.Sqrt(w.m2/float64(w.n-1)/float64(w.n))
		b.Low, b.High = b.Mean-h, b.Mean+h
	}
	return b
}

type figureSums [len(metrics{})]welford

func (f *figureSums) add(m *metrics) {
	for i := range m {
		f[i].add(m[i])
	}
}

func (f *figureSums) figures() Figures {
	b := func(i int) Band { return f[i].band() }
	return Figures{Offered: b(mOffered), Answered: b(mAnswered), Abandoned: b(mAbandoned), Overflowed: b(mOverflowed), Open: b(mOpen),
		ServiceLevel: b(mServiceLevel), ASA: b(mASA), Wait: b(mWait), Abandonment: b(mAbandonment), Overflow: b(mOverflow),
		Occupancy: b(mOccupancy), BusyHours: b(mBusyHours), Cost: b(mCost), Penalty: b(mPenalty)}
}

// Options of a run.
type Options struct {
	Workers  int // replications at once; 0 means one per core. It never changes the result.
	Progress func(done, of int)
	Observer *Observer
}

// Run simulates all replications of a scenario. The error is a *fault.Error of
// kind Invalid for a scenario that cannot be used, or the context's.
func Run(ctx context.Context, sc Scenario) (Result, error) { return RunWith(ctx, sc, Options{}) }

// RunWith is Run with options.
func RunWith(ctx context.Context, sc Scenario, opt Options) (Result, error) {
	m, err := compile(sc)
	if err != nil {
		return Result{}, err
	}
	n := m.sc.Replications
	agg := newAggregate(m)
	workers := opt.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, n)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	results := make(chan finished, workers)
	for range workers {
		wg.Go(func() {
			for {
				i := int(next.Add(1) - 1)
				if i >= n || ctx.Err() != nil {
					return
				}
				r, err := newReplication(m, i, opt.Observer)
				if err == nil {
					err = r.run(ctx)
				}
				if err != nil {
					cancel(err)
					return
				}
				r.st.settle()
				select {
				case results <- finished{i, r.st, r.events}:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	go func() { wg.Wait(); close(results) }()
	agg.collect(results, opt.Progress)
	if err := context.Cause(ctx); err != nil {
		return Result{}, err
	}
	return agg.result(), nil
}

// Generate plays one replication (number 0) and hands every record to the
// observer: the way to make a history.
func Generate(ctx context.Context, sc Scenario, obs Observer) error {
	sc.Replications = 1
	_, err := RunWith(ctx, sc, Options{Workers: 1, Observer: &obs})
	return err
}

type finished struct {
	rep    int
	st     *stats
	events int64
}

// aggregate folds replications in their own order, whatever order they end in.
type aggregate struct {
	m       *model
	waiting map[int]finished
	next    int
	total   figureSums
	totalI  []figureSums
	client  []figureSums
	clientI []figureSums
	queue   []figureSums
	poolOcc []welford
	poolB   []welford
	fair    []welford
	value   [valueBands]welford
	longest welford
	runs    []runTotals
	events  int64
}

func newAggregate(m *model) *aggregate {
	n := len(m.cfg.Clients)
	return &aggregate{m: m, waiting: map[int]finished{}, totalI: make([]figureSums, m.intervals), client: make([]figureSums, n),
		clientI: make([]figureSums, n*m.intervals), queue: make([]figureSums, len(m.queues)),
		poolOcc: make([]welford, len(m.cfg.Pools)), poolB: make([]welford, len(m.cfg.Pools)),
		fair: make([]welford, len(m.cfg.Pools))}
}

func (g *aggregate) collect(results <-chan finished, progress func(done, of int)) {
	done := 0
	for f := range results {
		g.waiting[f.rep] = f
		done++
		for {
			f, ok := g.waiting[g.next]
			if !ok {
				break
			}
			delete(g.waiting, g.next)
			g.next++
			g.fold(f)
		}
		if progress != nil {
			progress(done, g.m.sc.Replications)
		}
	}
}

func (g *aggregate) fold(f finished) {
	st, m := f.st, g.m
	g.events += f.events
	n := len(m.cfg.Clients)
	perInterval := make([]counts, m.intervals)
	penaltyI := make([]float64, m.intervals)
	var all counts
	penalty := 0.0
	rt := runTotals{client: make([]metrics, n)}
	for cl := range n {
		var run counts
		for i := range m.intervals {
			c := &st.client[cl*m.intervals+i]
			perInterval[i].add(c)
			penaltyI[i] += float64(c.late) * m.lateCost[cl]
			mt := metricsOf(c, m.lateCost[cl])
			g.clientI[cl*m.intervals+i].add(&mt)
			if i >= m.sc.WarmUp {
				run.add(c)
			}
		}
		rt.client[cl] = metricsOf(&run, m.lateCost[cl])
		g.client[cl].add(&rt.client[cl])
		all.add(&run)
		penalty += float64(run.late) * m.lateCost[cl]
	}
	for i := range m.intervals {
		mt := metricsOf(&perInterval[i], 0)
		mt[mPenalty] = penaltyI[i]
		g.totalI[i].add(&mt)
	}
	rt.total = metricsOf(&all, 0)
	rt.total[mPenalty] = penalty
	g.total.add(&rt.total)
	for q := range st.queue {
		mt := metricsOf(&st.queue[q], m.lateCost[m.queues[q].client])
		mt[mOccupancy], mt[mCost], mt[mBusyHours] = math.NaN(), st.queue[q].partner, math.NaN()
		g.queue[q].add(&mt)
	}
	for p := range st.pool {
		g.poolOcc[p].add(ratio(st.pool[p].busy, st.pool[p].busy+st.pool[p].idle))
		g.poolB[p].add(st.pool[p].busy / 3.6e9)
		g.fair[p].add(st.fairness(p))
	}
	for b := range st.bandN {
		g.value[b].add(ratio(float64(st.bandWait[b])/1e6, float64(st.bandN[b])))
	}
	g.longest.add(float64(st.maxWait) / 1e6)
	g.runs = append(g.runs, rt)
}

func (g *aggregate) result() Result {
	m := g.m
	r := Result{Name: m.sc.Name, Seed: m.sc.Seed, Replications: m.sc.Replications, Events: g.events, runs: g.runs, LongestWait: g.longest.band(),
		Total: Named{Name: "total", Run: g.total.figures()}}
	for i := range g.totalI {
		r.Total.Intervals = append(r.Total.Intervals, g.totalI[i].figures())
	}
	for cl := range g.client {
		x := Named{Name: m.cfg.Clients[cl].Name, Run: g.client[cl].figures()}
		for i := range m.intervals {
			x.Intervals = append(x.Intervals, g.clientI[cl*m.intervals+i].figures())
		}
		r.Clients = append(r.Clients, x)
	}
	for q := range g.queue {
		r.Queues = append(r.Queues, Named{Name: m.cfg.Queues[q].Name, Run: g.queue[q].figures()})
	}
	for p := range g.poolOcc {
		r.Pools = append(r.Pools, PoolUse{Name: m.cfg.Pools[p].Name, Occupancy: g.poolOcc[p].band(), BusyHours: g.poolB[p].band(), Fairness: g.fair[p].band()})
	}
	for b := range g.value {
		r.Values = append(r.Values, ValueBand{From: b * 1000 / valueBands, To: (b + 1) * 1000 / valueBands, Wait: g.value[b].band()})
	}
	return r
}
