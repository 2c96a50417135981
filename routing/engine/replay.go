package engine

import (
	"iter"

	"muster/tenants/fault"
)

// Version names the decision rules of this engine; it is stored beside snapshots
// and logs. It is raised whenever the same inputs may lead to other decisions.
const Version = 2

// Entry is one input of a domain's log: sequence numbers have no gaps.
type Entry struct {
	Seq   int64
	At    int64
	Event Event
}

// Replay rebuilds the engine of a snapshot taken after entry "after" and feeds it
// the entries that follow; each, if given, gets the effects (valid during the
// call). A gap in the sequence, an instant that goes back or an error of each
// ends it: errors are *fault.Error of kind Invalid or the callback's own.
func Replay(s Snapshot, after int64, entries iter.Seq[Entry], each func(Entry, []Effect) error) (*Engine, error) {
	e, err := Rebuild(s)
	if err != nil {
		return nil, err
	}
	last := s.Now
	for x := range entries {
		after++
		if x.Seq != after {
			return nil, fault.Newf(fault.Invalid, "routing.log_gap", "the log goes on with entry %d where %d is due; entries are missing or out of order", x.Seq, after)
		}
		if x.At < last {
			return nil, fault.Newf(fault.Invalid, "routing.log_back_in_time", "entry %d is at %d, before the one ahead of it at %d", x.Seq, x.At, last)
		}
		last = x.At
		effects := e.Apply(x.At, x.Event)
		if each != nil {
			if err := each(x, effects); err != nil {
				return nil, err
			}
		}
	}
	return e, nil
}
