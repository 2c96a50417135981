package simulation

import (
	"math"

	"muster/routing/engine"
)

// plan draws when an agent really starts and ends the parts of the day.
func (r *replication) plan(ai int32) {
	a, am := &r.agents[ai], &r.m.agents[ai]
	rng := keyed(r.m.sc.Seed, r.rep, forAgent, uint64(ai))
	a.absent = rng.uniform() < r.m.sc.Adherence.Absent
	a.slice, a.status, a.stateAt = engine.None, engine.Off, r.m.start
	a.since = r.m.start
	if a.absent {
		return
	}
	last := int64(math.MinInt64)
	shift := func(at int64) int64 {
		if at == math.MaxInt64 {
			return at
		}
		if sd := r.m.sc.Adherence.ShiftS; sd > 0 {
			at += int64(rng.normal() * sd * 1e6)
		}
		at = max(at, last+1, r.m.start)
		last = at
		return at
	}
	for i, s := range am.segments {
		from := shift(s.from)
		if i > 0 && am.segments[i-1].to == s.from {
			a.shifts[2*i-1] = from
		}
		a.shifts = append(a.shifts, from, 0)
		if i+1 == len(am.segments) || am.segments[i+1].from != s.to {
			a.shifts[2*i+1] = shift(s.to)
		}
	}
	r.push(simEvent{at: a.shifts[0], kind: evAgent, ref: int64(ai), arg: 0})
}

// shift takes an agent to the next part of the day.
func (r *replication) shift(at int64, ai int32, arg int) {
	a, am := &r.agents[ai], &r.m.agents[ai]
	if arg < 0 {
		if a.leaving && len(a.clients) == 0 {
			a.leaving = false
			r.apply(at, engine.SetStatus(ai, engine.Off, 0))
		}
		return
	}
	i := arg / 2
	s := &am.segments[i]
	if arg%2 == 1 {
		if len(a.clients) > 0 {
			a.leaving = true
			r.apply(at, engine.SetStatus(ai, engine.NotReady, int16(AuxOther)))
		} else {
			r.apply(at, engine.SetStatus(ai, engine.Off, 0))
		}
		if i+1 < len(am.segments) {
			r.push(simEvent{at: a.shifts[2*i+2], kind: evAgent, ref: int64(ai), arg: int32(2*i + 2)})
		}
		return
	}
	a.leaving = false
	if s.work {
		if s.client != a.slice {
			a.slice = s.client
			r.apply(at, engine.SetSlice(ai, s.client))
		}
		r.apply(at, engine.SetStatus(ai, engine.Ready, 0))
	} else {
		r.apply(at, engine.SetStatus(ai, engine.NotReady, s.aux))
	}
	if next := a.shifts[2*i+1]; next == 0 {
		r.push(simEvent{at: a.shifts[2*i+2], kind: evAgent, ref: int64(ai), arg: int32(2*i + 2)})
	} else if next < math.MaxInt64 {
		r.push(simEvent{at: next, kind: evAgent, ref: int64(ai), arg: int32(2*i + 1)})
	}
}

func (r *replication) agentSet(f *engine.Effect) {
	a := &r.agents[f.Agent]
	r.account(f.Agent, f.At)
	r.recordState(f.Agent, f.At)
	a.ready = f.Status == engine.Ready
	a.signed = f.Status != engine.Off
	a.status, a.stateAux, a.stateAt = f.Status, f.Aux, f.At
}

// account books an agent's time since the last change: busy time to the clients
// worked for in equal parts, idle time while ready, cost while signed in.
func (r *replication) account(ai int32, now int64) {
	a := &r.agents[ai]
	from, to := a.since, min(now, r.m.horizon)
	a.since = now
	if to <= from || (!a.signed && len(a.clients) == 0) {
		return
	}
	for from < to {
		i := (from - r.m.start) / r.m.interval
		end := min(to, r.m.start+(i+1)*r.m.interval)
		r.st.time(int(i), ai, a.slice, a.clients, a.ready, end-from)
		from = end
	}
}
