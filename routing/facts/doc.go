// Package facts owns the numbers that forecasts, reports and bills start from:
// counts and milliseconds per queue and per agent on the 15-minute UTC grid.
//
// In flow the current revisions of contacts, segments, states and interval records
// and the marks on buckets they touched; out flow queue facts and agent facts.
// Volume, waits and outcomes count in the interval of arrival, agent time in the
// interval worked; time of concurrent work is split, so that an agent's seconds
// never exceed the clock. A bucket's facts depend on its records alone, so rolling
// up marked buckets and rebuilding everything give identical rows.
package facts
