// Package jobs owns durable background work: forecasts, solves, imports,
// reports, invoice runs, and the schedules that start them.
//
// In: a Spec, enqueued in the caller's transaction, so that the job exists
// exactly when the change that wanted it does. Out: a handler call on some
// node, progress, and a result or failure on the job's row.
//
// A worker claims a job by a lease (SKIP LOCKED on PostgreSQL, one immediate
// transaction on SQLite) and extends it while it works. A worker that dies is
// rescued: after its lease anyone may take the job again, so a handler runs at
// least once and must tie its effects to the lease by Running.Hold or
// Running.Finish inside its own transaction. Nodes' clocks must agree to a
// third of the lease.
//
// Schedules are cron lines in a zone. Each due time is claimed once per
// cluster by its key (name, due time). A time lost to daylight saving means
// the first minute that exists; a repeated time means its first occurrence;
// after an outage a schedule fires once, for its latest due time.
package jobs
