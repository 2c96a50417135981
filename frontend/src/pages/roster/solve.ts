/** How far a search is, as the job's note says it. */
export interface SolveProgress {
  stage: string;
  moves: number;
  /** Points by level, the weightiest level first. */
  levels: { level: string; points: number }[];
  bound: number;
}

/** The levels in the order in which they weigh. */
export const LEVELS = ["hard", "cover", "contract", "request", "cost"] as const;

/** Reads "improve: 1200 moves, hard 0, cover 310, ..., bound 250"; undefined for any other note. */
export function readProgress(note: string | undefined): SolveProgress | undefined {
  const [, stage = "", rest = ""] = /^(\w+): (.*)$/.exec(note ?? "") ?? [];
  const moves = /^(\d+) moves/.exec(rest)?.[1];
  const bound = /bound (-?\d+)$/.exec(rest)?.[1];
  if (moves === undefined || bound === undefined) return undefined;
  const levels = LEVELS.map((level) => ({
    level,
    points: Number(new RegExp(`\\b${level} (-?\\d+)`).exec(rest)?.[1] ?? 0),
  }));
  return { stage, moves: Number(moves), levels, bound: Number(bound) };
}

/** How far above the bound the cover level is, as a fraction; undefined where there is no bound. */
export function gapOf(progress: SolveProgress): number | undefined {
  if (progress.moves === 0) return undefined; // nothing is known of the first roster yet
  const cover = progress.levels.find((l) => l.level === "cover")!.points;
  if (progress.bound <= 0) return cover === 0 ? 0 : undefined;
  return Math.max(0, (cover - progress.bound) / progress.bound);
}
