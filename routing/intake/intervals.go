package intake

import (
	"github.com/shopspring/decimal"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/tabular"
)

// intervalDraft makes an interval record of a record. Means are multiplied by the
// answered; without abandoned they are what was offered and not answered; a service
// level is the share of the offered that was answered within the threshold.
func (d *directory) intervalDraft(f *fields, minutes int, seen map[ambiguous]bool) (records.IntervalDraft, *tabular.Issue) {
	line := f.record.Line
	start := f.get("start")
	r := records.IntervalDraft{StartAt: start.Instant(), LengthMS: int64(minutes) * 60_000, Offered: f.get("offered").Int, Answered: f.get("answered").Int, Abandoned: f.get("abandoned").Int, WithinThreshold: f.get("within_threshold").Int}
	queue, problem := d.queue(line, f.get("queue").Text)
	if problem != nil {
		return r, problem
	}
	r.QueueID = queue.ID
	if start.Local == tabular.LocalRepeated {
		// The hour that clocks show twice: the second row of the same label is the second hour.
		key := ambiguous{queue.ID, start.Int}
		if seen[key] {
			r.StartAt = calendar.Instant(start.Second)
		}
		seen[key] = true
	}
	if !f.mapped["answered"] {
		r.Answered = max(0, r.Offered-r.Abandoned)
	} else if !f.mapped["abandoned"] {
		r.Abandoned = max(0, r.Offered-r.Answered)
	}
	if v := f.get("service_level"); v.Set && !f.get("within_threshold").Set {
		share := v.Number
		if share.GreaterThan(decimal.NewFromInt(1)) {
			share = share.Shift(-2) // 80 can only be per cent
		}
		r.WithinThreshold = min(r.Answered, share.Mul(decimal.NewFromInt(r.Offered)).Round(0).IntPart())
	}
	switch {
	case r.Answered+r.Abandoned > r.Offered:
		return r, issue(line, "offered", "", "counts_disagree", "More contacts were answered and abandoned than offered; check the columns.")
	case r.WithinThreshold > r.Answered:
		return r, issue(line, "within_threshold", "", "counts_disagree", "More contacts were answered within the threshold than answered at all; check the columns.")
	}
	r.WaitMS, r.HandleMS = f.get("wait").Int, f.get("handle").Int
	if !f.get("wait").Set {
		r.WaitMS = f.get("mean_wait").Int * r.Answered
	}
	if !f.get("handle").Set {
		r.HandleMS = f.get("mean_handle").Int * r.Answered
	}
	return r, nil
}

// ambiguous names an interval in the hour that clocks show twice.
type ambiguous struct {
	queue ids.Queue
	first int64
}
