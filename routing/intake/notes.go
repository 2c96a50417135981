package intake

import "muster/tenants/tabular"

// unknowns says what figures will lack because the mapping has no column for it.
func unknowns(kind Kind, m tabular.Mapping) []string {
	has := func(names ...string) bool {
		for _, n := range names {
			if _, bound := m.Fields[n]; bound {
				return true
			}
		}
		return false
	}
	var out []string
	note := func(missing bool, text string) {
		if missing {
			out = append(out, text)
		}
	}
	switch kind {
	case Intervals:
		note(!has("within_threshold", "service_level"), "No column tells what was answered within the threshold, so the service level of these intervals counts as zero.")
		note(!has("handle", "mean_handle"), "No column tells the handling time, so it counts as zero.")
		note(!has("wait", "mean_wait"), "No column tells the wait, so it counts as zero.")
		note(!has("answered", "abandoned"), "No column tells what was answered, so all offered contacts count as answered.")
	case Contacts:
		note(!has("handle", "talk", "ended_at", "wrapped_at"), "No column tells the handling time, so it counts as zero.")
		note(!has("wait", "answered_at"), "No column tells the wait, so answered contacts count as answered at once.")
		note(!has("agent"), "No column tells the agent, so no agent's time is known from these contacts.")
	case States, People, Codes:
	}
	return out
}
