// Package holidays keeps presets of public holidays, make-up working days and
// days of unusual demand by country and year, as data that a planner can replace.
//
// Each preset says where its dates come from and until when they are valid. In
// flow nothing, out flow dates with name and tag; what a queue does on them
// (close, or stay open with unusual demand) is decided where they are used.
package holidays
