import type { WhatIfFigures } from "../../api/models";
import { count, money, NONE, share } from "../../format/number";
import type { MessageKey } from "../../text/text";

/** The figures of a what-if, in the order in which one causes the next. */
export const figures: { key: keyof WhatIfFigures; name: MessageKey; digits: number }[] = [
  { key: "volume", name: "screen.scenario.volume", digits: 0 },
  { key: "seat_hours", name: "screen.staffing.seat_hours", digits: 0 },
  { key: "roster_hours", name: "screen.staffing.roster_hours", digits: 0 },
  { key: "fte", name: "screen.scenario.fte", digits: 1 },
  { key: "peak_seats", name: "screen.staffing.peak", digits: 0 },
  { key: "cost", name: "screen.scenario.cost", digits: 0 },
];

/** A figure as a number; a cost that is not the reader's to see is null. */
export function numberOf(of: WhatIfFigures, key: keyof WhatIfFigures): number | null {
  if (key !== "cost") return of[key];
  return of.cost ? Number(of.cost.value) : null;
}

export function figureText(of: WhatIfFigures, key: keyof WhatIfFigures, digits: number): string {
  if (key === "cost") return of.cost ? money(of.cost.value, of.cost.currency) : NONE;
  return count(of[key], digits);
}

/** The change of a figure, signed, with its share of the base. */
export function changeText(
  base: WhatIfFigures,
  changed: WhatIfFigures,
  key: keyof WhatIfFigures,
  digits: number,
): string {
  const [before, after] = [numberOf(base, key), numberOf(changed, key)];
  if (before === null || after === null) return NONE;
  const difference = after - before;
  const sign = difference > 0 ? "+" : "";
  return `${sign}${count(difference, digits)} (${difference > 0 ? "+" : ""}${share(difference, before)})`;
}
