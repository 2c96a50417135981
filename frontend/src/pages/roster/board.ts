import type {
  Coverage,
  Person,
  QueueCoverage,
  RosterAgent,
  RosterShift,
  RosterView,
  Shift,
  Violation,
} from "../../api/models";

/** The grid of requirements and rosters. */
const INTERVAL_SECONDS = 900;

/** The board's rows: the roster's agents with the names that the reader may see. */
export function boardAgents(
  roster: RosterView,
  people: Person[] | undefined,
  teams: { id: string; name: string }[] | undefined,
): RosterAgent[] {
  const names = new Map(people?.map((person) => [person.id, person.name]));
  const teamNames = new Map(teams?.map((team) => [team.id, team.name]));
  return (roster.agents ?? []).map((agent) => ({
    id: agent.id,
    label: agent.number || agent.label,
    name: names.get(agent.id) || agent.label,
    team: teamNames.get(agent.team_id),
    tier: agent.tier,
  }));
}

/** The board's shifts, each with the rules that its agent breaks on its day. */
export function boardShifts(shifts: RosterShift[], roster: RosterView): Shift[] {
  const broken = new Map<string, Violation[]>();
  for (const { agent_id, days, rule, reason, hard } of roster.summary.violations ?? [])
    for (const day of days ?? []) {
      const key = `${agent_id}|${day}`;
      broken.set(key, [...(broken.get(key) ?? []), { rule, reason, hard }]);
    }
  return shifts.map((shift) => ({
    id: shift.id,
    agent_id: shift.agent_id,
    business_date: shift.business_day,
    start: shift.start_at,
    end: shift.end_at,
    activities: (shift.activities ?? []).map((activity) => ({
      kind: activity.kind,
      client_id: activity.client_id,
      queue_id: activity.queue_id,
      start: activity.start_at,
      end: activity.end_at,
    })),
    violations: broken.get(`${shift.agent_id}|${shift.business_day}`),
  }));
}

/** Coverage of all queues together, by start; the queues' own points come in any order. */
export function totalCoverage(points: QueueCoverage[]): Coverage {
  const byStart = new Map<string, { start: string; required: number; scheduled: number }>();
  for (const point of points) {
    const sum = byStart.get(point.start_at);
    if (sum) {
      sum.required += point.required;
      sum.scheduled += point.scheduled;
    } else
      byStart.set(point.start_at, {
        start: point.start_at,
        required: point.required,
        scheduled: point.scheduled,
      });
  }
  return {
    interval_seconds: INTERVAL_SECONDS,
    points: [...byStart.values()].sort((a, b) => Date.parse(a.start) - Date.parse(b.start)),
  };
}
