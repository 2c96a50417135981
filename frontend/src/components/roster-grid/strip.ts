/** The grid of requirements and rosters. */
export const SLOT_MS = 900_000;

/** Required and scheduled agents per quarter-hour from an instant on. */
export interface StripData {
  /** The first quarter-hour, in milliseconds. */
  origin: number;
  required: Float32Array;
  scheduled: Float32Array;
  /** Missing agents, queue by queue: what one queue has too many does not help another. */
  under: Float32Array;
  over: Float32Array;
  /** Expected service of a simulation, if there is one. */
  service?: ServiceData;
}

/** A strip of its own for a part of the requirement, under its name. */
export interface StripLane {
  key: string;
  name: string;
  /** What of the name's requirement it is, if not all. */
  detail?: string;
  data: StripData;
}

/** Expected service level per quarter-hour, as fractions; NaN where no contact is expected. */
export interface ServiceData {
  origin: number;
  level: Float32Array;
  low: Float32Array;
  high: Float32Array;
  goal: number;
  /** The roster was edited after it was simulated. */
  stale: boolean;
}

/** Agent seconds that are required and not scheduled, per day. */
export function shortage(data: StripData | undefined, starts: number[]): number[] {
  return perDay(data, data?.under, starts);
}

/** Agent seconds that are scheduled beyond the requirement, per day. */
export function surplus(data: StripData | undefined, starts: number[]): number[] {
  return perDay(data, data?.over, starts);
}

function perDay(data: StripData | undefined, agents: Float32Array | undefined, starts: number[]): number[] {
  const short = starts.slice(1).map(() => 0);
  if (!data || !agents) return short;
  for (let day = 0; day < short.length; day++) {
    const first = Math.max(0, Math.round((starts[day]! - data.origin) / SLOT_MS));
    const last = Math.min(agents.length, Math.round((starts[day + 1]! - data.origin) / SLOT_MS));
    for (let k = first; k < last; k++) short[day]! += agents[k]! * (SLOT_MS / 1000);
  }
  return short;
}
