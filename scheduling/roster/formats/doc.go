// Package formats reads benchmark and exchange files of roster problems and
// writes and reads rosters for them.
//
// nrp: agents x days x shift types (Curtois and Qu 2014, text sections);
// matsp: multi-activity multi-day shifts with free starts (Curtois, Qu 2020);
// inrc2: Second International Nurse Rostering Competition (scenario, history,
// weeks). Each has a judge written from the published rules alone, apart from
// the solvers: a roster is checked by other code than the code that made it.
package formats
