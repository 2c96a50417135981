import type { Accuracy } from "../../api/models";
import { addDays } from "../../format/time";

/** Scores of several weeks or queues together, weighted by what came. */
export interface Score {
  key: string;
  actual: number;
  forecast: number;
  wape: number | null;
  day_wape: number | null;
  floor: number | null;
  bias: number | null;
}

/** Weeks that are over: a running one is scored by its first days only. */
export function finished(rows: Accuracy[], today: string): Accuracy[] {
  return rows.filter((row) => addDays(row.week, 7) <= today && row.actual > 0);
}

/** A ratio of several rows: its numerators over their denominators, which are the actual contacts. */
function weighted(rows: Accuracy[], pick: (row: Accuracy) => number | null): number | null {
  let work = 0;
  let weight = 0;
  for (const row of rows) {
    const value = pick(row);
    if (value === null) continue;
    work += value * row.actual;
    weight += row.actual;
  }
  return weight > 0 ? work / weight : null;
}

export function scoreOf(key: string, rows: Accuracy[]): Score {
  return {
    key,
    actual: rows.reduce((sum, row) => sum + row.actual, 0),
    forecast: rows.reduce((sum, row) => sum + row.forecast, 0),
    wape: weighted(rows, (row) => row.wape),
    day_wape: weighted(rows, (row) => row.day_wape),
    floor: weighted(rows, (row) => row.floor),
    bias: weighted(rows, (row) => row.bias),
  };
}

/** Rows by some property, in the order of first appearance. */
export function grouped<T>(rows: T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/** How well each lead did, the nearest first. */
export function byLead(rows: Accuracy[]): Score[] {
  return [...grouped(rows, (row) => String(row.weeks_ahead)).entries()]
    .map(([key, group]) => scoreOf(key, group))
    .sort((a, b) => Number(a.key) - Number(b.key));
}

/** A queue's latest finished week from the version nearest to it, and the weeks before. */
export interface QueueScore {
  queueId: string;
  clientId: string;
  latest: Accuracy;
  /** WAPE by day of each week, the oldest first. */
  history: { week: string; day_wape: number | null }[];
}

export function byQueue(rows: Accuracy[]): QueueScore[] {
  return [...grouped(rows, (row) => row.queue_id).values()].map((group) => {
    const weeks = [...grouped(group, (row) => row.week).values()]
      .map((list) => list.reduce((best, row) => (nearer(row, best) ? row : best)))
      .sort((a, b) => a.week.localeCompare(b.week));
    const latest = weeks.at(-1)!;
    return {
      queueId: latest.queue_id,
      clientId: latest.client_id,
      latest,
      history: weeks.map(({ week, day_wape }) => ({ week, day_wape })),
    };
  });
}

/** The version made nearest to a week is the one that was staffed by. */
function nearer(a: Accuracy, b: Accuracy): boolean {
  return a.weeks_ahead < b.weeks_ahead || (a.weeks_ahead === b.weeks_ahead && a.version > b.version);
}
