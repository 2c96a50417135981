package staffing

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"muster/tenants/fault"
)

// RequireAll computes the requirement of many queues on up to workers goroutines
// (0 = one per processor). The answers lie in the order of inputs and do not
// depend on workers. progress, if given, is called with the number of queues done,
// from one goroutine at a time. The error is that of the first queue in order that
// fails, or the context's.
func RequireAll(ctx context.Context, inputs []Input, workers int, progress func(done int)) ([][]Requirement, error) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	out := make([][]Requirement, len(inputs))
	errs := make([]error, len(inputs))
	var next atomic.Int64
	var mu sync.Mutex
	done := 0
	var group sync.WaitGroup
	for range min(workers, len(inputs)) {
		group.Go(func() {
			p := new(planner)
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(inputs) {
					return
				}
				out[i], errs[i] = p.require(inputs[i])
				mu.Lock()
				done++
				if progress != nil {
					progress(done)
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ServiceLevelTable gives, for every interval of a queue in which customers wait, the
// expected service level with 0, 1, ..., most seats, by the formula and threshold of
// its goals: the value of one seat more or less, for a roster that must choose. A
// closed interval has an empty row.
func ServiceLevelTable(in Input, most int) ([][]float64, error) {
	if in.Kind == Deadline {
		return nil, in.named(fault.New(fault.Invalid, "staffing.bad_kind", "work with a deadline has no service level by seats; use its requirement"))
	}
	if most < 0 || most > MaxAgents {
		return nil, in.named(fault.Newf(fault.Invalid, "staffing.bad_agents", "the most seats must lie between 0 and %d, not %d", MaxAgents, most))
	}
	if _, err := in.validate(); err != nil {
		return nil, err
	}
	curve := new(Curve)
	table := make([][]float64, len(in.Demands))
	for i, d := range in.Demands {
		if d.Closed {
			continue
		}
		if err := curve.reset(in.load(i)); err != nil {
			return nil, in.named(fmt.Errorf("interval %d: %w", i+1, err))
		}
		table[i] = curve.ServiceLevels(most, in.Goals.Formula, in.Goals.Threshold)
	}
	return table, nil
}
