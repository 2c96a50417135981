import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type Trial = Schemas["Trial"];
export type Played = Schemas["Played"];
export type PlayedPart = Schemas["PlayedPart"];
export type Difference = Schemas["TrialDifference"];
export type Band = Schemas["Band"];
export type TrialQuestion = Omit<Schemas["TrialQuestion"], "$schema">;

/** The figures that a comparison shows, in order, with what is better. */
export const FIGURES = [
  ["service_level", "share", 1],
  ["asa_s", "seconds", -1],
  ["abandonment", "share", -1],
  ["overflow", "share", -1],
  ["occupancy", "share", 0],
  ["cost", "money", -1],
  ["penalty", "money", -1],
] as const;

export type Figure = (typeof FIGURES)[number][0];
export type Unit = (typeof FIGURES)[number][1];

/** Whether a difference is for the better: 1, for the worse: -1, or cannot be told: 0. */
export function verdict(difference: Difference): -1 | 0 | 1 {
  const found = FIGURES.find(([name]) => name === difference.figure);
  const mean = difference.difference.mean;
  if (!found || difference.p >= 0.05 || mean === 0) return 0;
  return Math.sign(mean * found[2]) as -1 | 0 | 1;
}

/** The differences of one scope in the order of the figures; figures that nobody knows are left out. */
export function rowsOf(differences: Difference[], scope: string): Difference[] {
  return FIGURES.flatMap(([figure]) => {
    const found = differences.find((d) => d.scope === scope && d.figure === figure);
    return found && found.difference.n > 0 && !(found.a === 0 && found.b === 0) ? [found] : [];
  });
}

/** The text of a scenario file as JSON; throws when it is none. */
export function readScenario(text: string): Record<string, unknown> {
  const found: unknown = JSON.parse(text);
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw new Error("no object");
  return found as Record<string, unknown>;
}
