import type { CellEdit, Shift } from "../../api/models";
import type { Landing } from "../../components/roster-grid/roster-grid";

const shifted = (agentId: string, shift: Shift, start: number): CellEdit => ({
  agent_id: agentId,
  template: shift.template,
  start_at: new Date(start).toISOString(),
  minutes: Math.round((Date.parse(shift.end) - Date.parse(shift.start)) / 60_000),
});

/**
 * The cells of a dropped shift. Within its own cell it only starts at another
 * time; on a free cell it moves there; on another shift the two change places,
 * each keeping its own time of day.
 */
export function movedCells({ from, to, start }: Landing): CellEdit[] {
  const shift = from.shift!;
  const landed = shifted(to.agent.id, shift, start);
  if (from.agent.id === to.agent.id && from.day === to.day) return [{ ...landed, day: to.day }];
  if (!to.shift) return [{ agent_id: from.agent.id, day: from.day }, landed];
  const back = Date.parse(to.shift.start) - daysApart(from.day, to.day) * 86_400_000;
  return [shifted(from.agent.id, to.shift, back), landed];
}

function daysApart(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}
