import type {
  Activity,
  BoardView,
  Person,
  RosterAgent,
  RosterChange,
  RosterShift,
  Shift,
  Violation,
} from "../../api/models";
import { type StripData, SLOT_MS } from "../../components/roster-grid/strip";

/** What a slice of a shift is when it is not work for a queue; the server's codes. */
const SLICE_KINDS: Record<number, string> = { [-1]: "work", [-2]: "break", [-3]: "meal" };

/** Coverage of one queue per quarter-hour from the roster's first midnight. */
export interface QueueCurve {
  id: string;
  client_id: string;
  name: string;
  required: number[];
  scheduled: number[];
  /** Agents that others put up; they are required and at work beside ours. */
  external: number[];
}

/** A row of the board with what edits need to know about it. */
export interface BoardAgent extends RosterAgent {
  /** Skills in order, joined: people with the same ones can stand in for each other. */
  skills: string;
  /** Positions of the shift types that the agent works. */
  templates: number[];
  number: string;
}

/**
 * The board as the page holds it: the server's answer, kept up to date by the
 * changes that edits report. Shifts are made when a cell is first seen.
 */
export class Board {
  readonly origin: number;

  private constructor(
    readonly view: BoardView,
    readonly edition: number,
    readonly agents: BoardAgent[],
    private readonly cells: Map<string, Shift | (() => Shift)>,
    private readonly broken: Map<string, Violation[]>,
    readonly curves: QueueCurve[],
  ) {
    this.origin = Date.parse(view.origin);
  }

  static of(
    view: BoardView,
    people: Person[] | undefined,
    teams: { id: string; name: string }[] | undefined,
  ) {
    const names = new Map(people?.map((person) => [person.id, person.name]));
    const teamNames = new Map(teams?.map((team) => [team.id, team.name]));
    const agents = (view.agents ?? []).map((agent): BoardAgent => ({
      id: agent.id,
      number: agent.number,
      label: agent.number || agent.label,
      name: names.get(agent.id) || agent.label,
      team: teamNames.get(agent.team_id),
      tier: agent.tier,
      skills: (agent.skills ?? []).join(" + "),
      templates: agent.templates ?? [],
    }));
    const curves = (view.queues ?? []).map((queue) => ({
      ...queue,
      required: queue.required ?? [],
      scheduled: queue.scheduled ?? [],
      external: queue.external ?? [],
    }));
    const origin = Date.parse(view.origin);
    const cells = new Map<string, Shift | (() => Shift)>();
    for (const shift of view.shifts ?? []) {
      const agent = agents[shift.agent];
      if (agent) cells.set(`${agent.id}|${shift.day}`, () => unpacked(shift, agent.id, origin, curves, view));
    }
    const broken = new Map<string, Violation[]>();
    for (const violation of view.broken ?? []) addViolation(broken, violation);
    return new Board(view, view.edition, agents, cells, broken, curves);
  }

  /** What a cell holds. */
  at(agentId: string, day: string): Shift | undefined {
    const key = `${agentId}|${day}`;
    const held = this.cells.get(key);
    if (held === undefined) return undefined;
    if (typeof held !== "function") return held;
    const shift = { ...held(), violations: this.broken.get(key) };
    this.cells.set(key, shift);
    return shift;
  }

  /** What a cell breaks, with or without a shift. */
  brokenAt(agentId: string, day: string): Violation[] {
    return this.broken.get(`${agentId}|${day}`) ?? [];
  }

  /** Everything that is broken, by cell. */
  *violations(): Iterable<{ agentId: string; day: string; violation: Violation }> {
    for (const [key, list] of this.broken) {
      const [agentId = "", day = ""] = key.split("|");
      for (const violation of list) yield { agentId, day, violation };
    }
  }

  /** The board after an edit. */
  after(change: RosterChange): Board {
    const cells = new Map(this.cells);
    const broken = new Map(this.broken);
    const touched = new Set((change.cells ?? []).map((cell) => cell.agent_id));
    for (const key of broken.keys()) if (touched.has(key.slice(0, key.indexOf("|")))) broken.delete(key);
    for (const violation of change.broken ?? []) addViolation(broken, violation);
    for (const cell of change.cells ?? []) {
      const key = `${cell.agent_id}|${cell.day}`;
      if (cell.after) cells.set(key, shiftOf(cell.after));
      else cells.delete(key);
    }
    // The marks of a touched agent's other days may have changed too.
    for (const [key, held] of cells) {
      if (typeof held === "function" || !touched.has(key.slice(0, key.indexOf("|")))) continue;
      cells.set(key, { ...held, violations: broken.get(key) });
    }
    return new Board(this.view, change.edition, this.agents, cells, broken, this.covered(change));
  }

  private covered(change: RosterChange): QueueCurve[] {
    const changed = new Map<string, number[]>();
    for (const point of change.coverage ?? []) {
      const curve = this.curves.find((c) => c.id === point.queue_id);
      if (!curve) continue;
      let scheduled = changed.get(curve.id);
      if (!scheduled) changed.set(curve.id, (scheduled = [...curve.scheduled]));
      scheduled[Math.round((Date.parse(point.start_at) - this.origin) / SLOT_MS)] = point.scheduled;
    }
    return this.curves.map((curve) => {
      const scheduled = changed.get(curve.id);
      return scheduled ? { ...curve, scheduled } : curve;
    });
  }

  /** The strip of the queues chosen, with the change of a drag that is still in the air. */
  strip(chosen: (curve: QueueCurve) => boolean, pending?: RosterChange): StripData {
    const curves = (pending ? this.covered(pending) : this.curves).filter(chosen);
    const slots = Math.max(0, ...curves.map((curve) => curve.required.length));
    const data: StripData = {
      origin: this.origin,
      required: new Float32Array(slots),
      scheduled: new Float32Array(slots),
      under: new Float32Array(slots),
      over: new Float32Array(slots),
    };
    for (const curve of curves)
      for (let k = 0; k < slots; k++) {
        const need = curve.required[k] ?? 0;
        const have = curve.scheduled[k] ?? 0;
        const others = curve.external[k] ?? 0;
        data.required[k]! += need + others;
        data.scheduled[k]! += have + others;
        if (have < need) data.under[k]! += need - have;
        else data.over[k]! += have - need;
      }
    return data;
  }
}

function addViolation(
  broken: Map<string, Violation[]>,
  { agent_id, days, ...violation }: NonNullable<BoardView["broken"]>[number],
): void {
  for (const day of days ?? []) {
    const key = `${agent_id}|${day}`;
    broken.set(key, [...(broken.get(key) ?? []), violation]);
  }
}

/** Makes a shift of its packed form. */
function unpacked(
  packed: NonNullable<BoardView["shifts"]>[number],
  agentId: string,
  origin: number,
  curves: QueueCurve[],
  view: BoardView,
): Shift {
  const at = (minute: number) => new Date(origin + minute * 60_000).toISOString();
  const activities: Activity[] = [];
  let minute = packed.start;
  const slices = packed.slices ?? [];
  for (let k = 0; k + 1 < slices.length; k += 2) {
    const code = slices[k]!;
    const end = minute + slices[k + 1]!;
    const queue = curves[code];
    activities.push({
      kind: SLICE_KINDS[code] ?? "work",
      client_id: queue?.client_id,
      queue_id: queue?.id,
      start: at(minute),
      end: at(end),
    });
    minute = end;
  }
  return {
    id: `${agentId}|${packed.day}`,
    agent_id: agentId,
    business_date: packed.day,
    start: at(packed.start),
    end: at(packed.start + packed.minutes),
    template: view.templates?.[packed.template]?.id,
    pinned: packed.pinned,
    activities,
  };
}

/** A shift as edits report it. */
export function shiftOf(shift: RosterShift): Shift {
  return {
    id: `${shift.agent_id}|${shift.business_day}`,
    agent_id: shift.agent_id,
    business_date: shift.business_day,
    start: shift.start_at,
    end: shift.end_at,
    template: shift.template,
    pinned: shift.pinned,
    activities: (shift.activities ?? []).map((activity) => ({
      kind: activity.kind,
      client_id: activity.client_id,
      queue_id: activity.queue_id,
      start: activity.start_at,
      end: activity.end_at,
    })),
  };
}

/** A shift type without its site: "dalian/late#2" is "late". */
export function templateName(id: string): string {
  return id.slice(id.indexOf("/") + 1).replace(/#\d+$/, "");
}
