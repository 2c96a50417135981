package jobs

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"muster/tenants/database"
	"muster/tenants/ids"
)

// Handler does the work of one job. Its result is stored as JSON. A fault that
// the caller could mend (invalid, not found, conflict, ...) is final; other
// errors are tried again after a growing wait. It must return soon after its
// context ends.
type Handler func(ctx context.Context, job *Running) (result any, err error)

// Options sets up a pool of workers; other zero fields than Workers mean the default.
type Options struct {
	Workers int           // jobs worked on at once; 0 takes none and still fires schedules
	Poll    time.Duration // time between two looks for work when no hint arrives; default 2 s
	Lease   time.Duration // a worker silent for so long loses its job; default 30 s
	Pulse   time.Duration // time between two exchanges about running jobs; default 1 s
	Grace   time.Duration // time running jobs get to end on shutdown; default 20 s
	Logger  *slog.Logger  // default: discarded
}

// withDefaults fills zero fields.
func (o Options) withDefaults() Options {
	if o.Poll == 0 {
		o.Poll = 2 * time.Second
	}
	if o.Lease == 0 {
		o.Lease = 30 * time.Second
	}
	if o.Pulse == 0 {
		o.Pulse = min(time.Second, o.Lease/4)
	}
	if o.Grace == 0 {
		o.Grace = 20 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Pool works on jobs of the kinds it has handlers for. Register handlers, then
// Run. To keep short work from waiting behind long, run two pools on the same
// queue with different handlers.
type Pool struct {
	queue    *Queue
	options  Options
	owner    string
	log      *slog.Logger
	handlers map[string]Handler
	versions map[string]int

	mu      sync.Mutex
	running map[ids.Job]*Running
	freed   chan struct{} // a worker became free
}

// NewPool makes a pool of workers on the queue.
func NewPool(q *Queue, o Options) *Pool {
	o = o.withDefaults()
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &Pool{
		queue: q, options: o, log: o.Logger, owner: fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:8]),
		handlers: map[string]Handler{}, versions: map[string]int{},
		running: map[ids.Job]*Running{}, freed: make(chan struct{}, 1),
	}
}

// Handle registers the handler of a kind that understands arguments up to the
// version. It panics when the kind has one already: that is a wiring mistake.
func (p *Pool) Handle(kind string, version int, h Handler) {
	if _, taken := p.handlers[kind]; taken || h == nil {
		panic("jobs: two handlers, or none, for " + kind)
	}
	p.handlers[kind], p.versions[kind] = h, version
}

// Run works until the context ends, then lets running jobs end within the
// grace time and puts the rest back in the queue. It returns nil after an
// orderly stop.
func (p *Pool) Run(ctx context.Context) error {
	hints, unwatch := p.queue.db.Watch(hintChannel)
	defer unwatch()
	poll := time.NewTicker(p.options.Poll)
	defer poll.Stop()
	beats, stopBeats := context.WithCancel(context.WithoutCancel(ctx))
	var beating sync.WaitGroup
	beating.Go(func() { p.beatUntil(beats) })
	defer beating.Wait()
	defer stopBeats()

	var working sync.WaitGroup
	for ctx.Err() == nil {
		p.look(ctx, &working)
		select {
		case <-ctx.Done():
		case <-poll.C:
		case <-hints:
		case <-p.freed:
		}
	}
	p.drain(&working)
	return nil
}

// look starts what is due and fits. Failures are logged: the next look tries again.
func (p *Pool) look(ctx context.Context, working *sync.WaitGroup) {
	if err := p.queue.fireSchedules(ctx); err != nil && ctx.Err() == nil {
		p.log.Error("schedules cannot be read", "error", err)
	}
	due, err := p.queue.anyDue(ctx)
	if err == nil && due {
		var rescued int
		if rescued, err = p.queue.rescue(ctx); rescued > 0 {
			p.log.Warn("jobs of a silent worker were put back", "jobs", rescued)
		}
	}
	if free := p.options.Workers - p.count(); err == nil && due && free > 0 && len(p.handlers) > 0 {
		var claimed []Job
		claimed, err = p.queue.claim(ctx, p.owner, p.versions, free, p.options.Lease)
		for _, job := range claimed {
			run := p.start(ctx, job)
			working.Go(func() { p.work(run) })
		}
	}
	if err != nil && ctx.Err() == nil {
		p.log.Error("jobs cannot be claimed", "error", err)
	}
}

// count gives the number of running jobs.
func (p *Pool) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.running)
}

// start enters a claimed job among the running ones. Its context outlives the
// pool's: shutdown gives it time.
func (p *Pool) start(ctx context.Context, job Job) *Running {
	inner, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	run := &Running{Job: job, pool: p, ctx: inner, cancel: cancel, renewed: time.Now()}
	p.mu.Lock()
	p.running[job.ID] = run
	p.mu.Unlock()
	return run
}

// work runs the handler and settles the job.
func (p *Pool) work(run *Running) {
	log := p.log.With("job", run.ID.String(), "kind", run.Kind, "attempt", run.Attempt)
	log.Info("job started")
	result, err := p.call(run)
	o := p.judge(run, result, err)
	if err != nil && o.status != Cancelled && !o.refund {
		log.Warn("job attempt failed", "error", err, "next", o.status)
	}
	p.finish(run, o, log)
	run.cancel(nil)
	p.mu.Lock()
	delete(p.running, run.ID)
	p.mu.Unlock()
	select {
	case p.freed <- struct{}{}:
	default:
	}
}

// call runs the handler and turns a panic into an error.
func (p *Pool) call(run *Running) (result any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("jobs: %s panicked: %v\n%s", run.Kind, r, debug.Stack())
		}
	}()
	return p.handlers[run.Kind](run.ctx, run)
}

// judge decides how an attempt ended.
func (p *Pool) judge(run *Running, result any, err error) outcome {
	if err == nil {
		text, marshalErr := json.Marshal(result)
		if marshalErr == nil {
			return outcome{status: Done, result: string(text)}
		}
		err = fmt.Errorf("jobs: the result of %s cannot be written as JSON: %w", run.Kind, marshalErr)
	}
	switch cause := context.Cause(run.ctx); {
	case errors.Is(cause, ErrCancelled):
		return outcome{status: Cancelled}
	case errors.Is(cause, ErrStopping):
		return outcome{status: Waiting, refund: true}
	case !curable(err) || run.Attempt >= run.MaxAttempts:
		return outcome{status: Failed, failure: failureOf(err)}
	default:
		return outcome{status: Waiting, failure: failureOf(err), delay: backoff(run.ID, run.Attempt)}
	}
}

// finish settles the job unless its handler did, or the lease is gone.
func (p *Pool) finish(run *Running, o outcome, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(run.ctx), p.options.Lease)
	defer cancel()
	var settled bool
	err := p.queue.db.Write(ctx, machine, func(tx *database.Tx) (err error) {
		settled, err = p.queue.settle(tx, run.lease(), o)
		return err
	})
	switch {
	case err != nil:
		log.Error("job cannot be settled; it will run again after its lease", "error", err)
	case settled || run.finished():
		log.Info("job ended", "status", o.status)
	default:
		log.Warn("job was settled elsewhere; its lease was lost")
	}
}

// beatUntil exchanges pulses about running jobs until the context ends.
func (p *Pool) beatUntil(ctx context.Context) {
	tick := time.NewTicker(p.options.Pulse)
	defer tick.Stop()
	var extended time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			extend := now.Sub(extended) >= p.options.Lease/3
			if p.exchange(ctx, now, extend) && extend {
				extended = now
			}
		}
	}
}

// exchange sends and hears one round of pulses and reports whether it worked.
func (p *Pool) exchange(ctx context.Context, now time.Time, extend bool) bool {
	p.mu.Lock()
	runs := slices.Collect(maps.Values(p.running))
	p.mu.Unlock()
	if len(runs) == 0 {
		return false
	}
	var pulses []pulse
	for _, r := range runs {
		if news := r.news(); news.progress != nil {
			pulses = append(pulses, news)
		}
	}
	found, err := p.queue.beat(ctx, p.owner, pulses, extend, p.options.Lease)
	for _, r := range runs {
		switch h, held := found[r.ID]; {
		case err != nil && now.Sub(r.renewed) > p.options.Lease:
			r.cancel(ErrLeaseLost) // nobody could be told that we live
		case err != nil:
		case r.finished():
		case !held || h.attempt != r.Attempt:
			r.cancel(ErrLeaseLost)
		default:
			if len(pulses) > 0 || extend {
				r.renewed = now
			}
			if h.cancel {
				r.cancel(ErrCancelled)
			}
		}
	}
	if err != nil && ctx.Err() == nil {
		p.log.Error("heartbeat failed", "error", err)
	}
	return err == nil
}

// drain waits for running jobs up to the grace time, then ends their contexts
// and waits for them to be put back.
func (p *Pool) drain(working *sync.WaitGroup) {
	done := make(chan struct{})
	go func() { working.Wait(); close(done) }()
	grace := time.NewTimer(p.options.Grace)
	defer grace.Stop()
	select {
	case <-done:
		return
	case <-grace.C:
	}
	p.mu.Lock()
	for _, r := range p.running {
		r.cancel(ErrStopping)
	}
	p.mu.Unlock()
	<-done
}

// sortedKeys gives the keys of a map in order.
func sortedKeys(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }
