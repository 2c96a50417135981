// Package reporting owns scorecards and indicators: what was agreed with a client
// against what facts say, down to the rows behind every figure.
//
// Flow in: facts (counts per queue and agent on the quarter-hour grid), published
// forecasts, and the contract's measures with their formulas. Flow out: scorecards
// for people, and measure results for billing, which judges credits by them
// (Service is billing's Judge). Formulas live in reporting/measure and are pure.
//
// Values are ratios of counts added over the period; ratios are never averaged.
// A measure whose threshold differs from the queue's own is counted again from the
// contacts, since facts know only the threshold in force.
package reporting
