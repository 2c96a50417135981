package staffing

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
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
