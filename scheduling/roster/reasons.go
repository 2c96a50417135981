package roster

import "fmt"

// reason is why a rule is broken or a roster impossible: an English sentence with
// values, and the code under which a catalogue of messages has it in other languages.
type reason struct{ code, text string }

// say fills in the values.
func (r reason) say(args []any) (text, code string, values []string) {
	for _, a := range args {
		values = append(values, fmt.Sprint(a))
	}
	return fmt.Sprintf(r.text, args...), r.code, values
}

// because completes a proof.
func (p Proof) because(why reason, args ...any) Proof {
	p.Reason, p.Why, p.Values = why.say(args)
	return p
}

// Why a rule is broken.
var (
	whyRotation          = reason{"rotation", "the rotation has %s on this day"}
	whyRotationOff       = reason{"rotation_off", "the rotation has a day off"}
	whyRotationWork      = reason{"rotation_work", "the rotation has a shift on this day"}
	whySameShift         = reason{"same_shift", "%s after %s in one week"}
	whyMeal              = reason{"meal", "a meal of %d minutes in a shift of %d paid minutes, %d are due"}
	whyDayMinutes        = reason{"day_minutes", "%d paid minutes on one day, allowed are %d"}
	whyPeriodMinutes     = reason{"period_minutes", "%d paid minutes in the period, allowed are %d"}
	whyWeekends          = reason{"weekends", "works on %d weekends, allowed are %d"}
	whyHalfWeekend       = reason{"half_weekend", "works only one day of a weekend"}
	whyWeekendLoad       = reason{"weekend_load", "%d weekends, past ones included"}
	whyNightLoad         = reason{"night_load", "%d nights, past ones included"}
	whyNights            = reason{"nights", "%d nights, allowed are %d"}
	whyNightsInARow      = reason{"nights_in_a_row", "%d nights in a row, allowed are %d"}
	whyNightMinutes      = reason{"night_minutes", "%d minutes of night work, none is allowed"}
	whySuccession        = reason{"succession", "%s follows %s"}
	whyRequestsLoad      = reason{"requests_load", "%d requests not granted, past ones included"}
	whyShiftLoad         = reason{"shift_load", "%d such shifts, past ones included"}
	whySuchShifts        = reason{"such_shifts", "%d such shifts, allowed are %d"}
	whyRest              = reason{"rest", "rests %d minutes, %d are due"}
	whyWeekMinutes       = reason{"week_minutes", "%d paid minutes in the week, allowed are %d"}
	whyAverageMinutes    = reason{"average_minutes", "%d paid minutes in %d days, the average allows %d"}
	whyWeekShifts        = reason{"week_shifts", "%d shifts in the week, allowed are %d"}
	whyStartsApart       = reason{"starts_apart", "starts %d minutes apart from the day before"}
	whyPublished         = reason{"published", "differs from the published roster"}
	whyPinned            = reason{"pinned", "differs from the pinned cell"}
	whyOverlap           = reason{"overlap", "starts before the shift before has ended"}
	whyTimeOff           = reason{"time_off", "works during time off"}
	whyAvailability      = reason{"availability", "works outside the hours available"}
	whyOpening           = reason{"opening", "works while the site is closed"}
	whyTemplate          = reason{"template", "shift %s"}
	whyPay               = reason{"pay", "%d paid minutes, premiums included"}
	whyContractLeast     = reason{"contract_least", "%d paid minutes, the contract has at least %d"}
	whyContractMost      = reason{"contract_most", "%d paid minutes, the contract has at most %d"}
	whyContractWeekLeast = reason{"contract_week_least", "%d paid minutes in the week, the contract has at least %d"}
	whyContractWeekMost  = reason{"contract_week_most", "%d paid minutes in the week, the contract has at most %d"}
	whyWishedFree        = reason{"wished_free", "works %d minutes of a time wished free"}
	whyWishedWork        = reason{"wished_work", "works %d minutes of a time wished for work"}
	whyWorkInARow        = reason{"work_in_a_row", "%d days in a row, allowed are %d"}
	whyOffInARow         = reason{"off_in_a_row", "%d days off in a row, allowed are %d"}
	whyShortRun          = reason{"short_run", "%d days in a row, at least %d are due"}
	whyShortRestRun      = reason{"short_rest_run", "%d days off in a row, at least %d are due"}
)

// Why no roster can do it.
var (
	whyContractsAboveDemand = reason{"contracts_above_demand", "The contracts guarantee %d minutes, the requirement is %d: at least the difference is surplus or training time."}
	whySlotCapacity         = reason{"slot_capacity", "In %d intervals fewer agents have the skill and are available than are needed; up to %d are missing."}
	whyRunsContradict       = reason{"runs_contradict", "Hard rules ask for at least %d days of work in a row and allow at most %d: nobody can keep both."}
	whyNoShiftAllowed       = reason{"no_shift_allowed", "A hard rule allows this agent no shift at all."}
	whyRotationContradicts  = reason{"rotation_contradicts", "The rotation has %d days of work in a row, a hard rule allows %d."}
	whySkillUnused          = reason{"skill_unused", "No group asks for a skill of this agent; check the names of the skills and clients and how long they are valid."}
	whyAgentCannotWork      = reason{"agent_cannot_work", "At most %d paid minutes fit into the days this agent is available; the contract has at least %d."}
	whySkillMissing         = reason{"skill_missing", "No agent has the skill and tier this group needs."}
)

// ReasonCodes lists the codes that violations and proofs give as their reason.
func ReasonCodes() []string {
	var out []string
	for _, r := range []reason{
		whyRotation,
		whyRotationOff,
		whyRotationWork,
		whySameShift,
		whyMeal,
		whyDayMinutes,
		whyPeriodMinutes,
		whyWeekends,
		whyHalfWeekend,
		whyWeekendLoad,
		whyNightLoad,
		whyNights,
		whyNightsInARow,
		whyNightMinutes,
		whySuccession,
		whyRequestsLoad,
		whyShiftLoad,
		whySuchShifts,
		whyRest,
		whyWeekMinutes,
		whyAverageMinutes,
		whyWeekShifts,
		whyStartsApart,
		whyPublished,
		whyPinned,
		whyOverlap,
		whyTimeOff,
		whyAvailability,
		whyOpening,
		whyTemplate,
		whyPay,
		whyContractLeast,
		whyContractMost,
		whyContractWeekLeast,
		whyContractWeekMost,
		whyWishedFree,
		whyWishedWork,
		whyWorkInARow,
		whyOffInARow,
		whyShortRun,
		whyShortRestRun,
		whyContractsAboveDemand,
		whySlotCapacity,
		whyRunsContradict,
		whyNoShiftAllowed,
		whyRotationContradicts,
		whySkillUnused,
		whyAgentCannotWork,
		whySkillMissing,
	} {
		out = append(out, r.code)
	}
	return out
}
