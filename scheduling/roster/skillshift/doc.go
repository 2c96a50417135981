// Package skillshift rosters agents by day, shift type and skill where contract
// rules are soft: the problem of the Second International Nurse Rostering
// Competition (Ceschia, Dang, De Causmaecker, Haspeslagh, Schaerf 2019).
//
// In flows a [Problem] with history and requirement per week, out flows a
// [Result] with one row per agent. Hard are the skills, the forbidden
// successions and the least staffing; everything else has a price. The method is
// annealing over cells and exchanged blocks, a row being scored in full.
package skillshift
