import type { CapacityAnswer, CapacityQuestion } from "../../api/models";
import type { GridCell, GridColumn, GridEdit, GridRow } from "../../components/edit-grid/model";
import { count, money, NONE, percent } from "../../format/number";
import { monthLabel } from "../../format/time";
import type { Text } from "../../text/text";

type Month = NonNullable<CapacityQuestion["months"]>[number];

/** An input of the plan: how it is read from a month, and written back. */
interface Input {
  key: string;
  label: string;
  digits: number;
  read: (month: Month) => number;
  write: (month: Month, value: number) => Month;
}

/** The month's inputs; a kind of shrinkage is an input of its own. Shares are shown in per cent. */
function inputs(t: Text, months: Month[]): Input[] {
  const kinds = [...new Set(months.flatMap((month) => (month.shrinkage ?? []).map((s) => s.type)))];
  return [
    {
      key: "required_hours",
      label: t("screen.capacity.required_hours"),
      digits: 0,
      read: (m) => m.required_hours,
      write: (m, value) => ({ ...m, required_hours: value }),
    },
    {
      key: "hours_per_fte",
      label: t("screen.capacity.hours_per_fte"),
      digits: 1,
      read: (m) => m.hours_per_fte,
      write: (m, value) => ({ ...m, hours_per_fte: value }),
    },
    ...kinds.map((kind): Input => ({
      key: `shrinkage ${kind}`,
      label: t("screen.capacity.shrinkage", { kind: t.of(`screen.shrinkage.${kind}`, kind) }),
      digits: 1,
      read: (m) => 100 * (m.shrinkage?.find((s) => s.type === kind)?.rate ?? 0),
      write: (m, value) => ({
        ...m,
        shrinkage: (m.shrinkage ?? []).map((s) => (s.type === kind ? { ...s, rate: value / 100 } : s)),
      }),
    })),
    {
      key: "attrition",
      label: t("screen.capacity.attrition"),
      digits: 1,
      read: (m) => 100 * m.attrition,
      write: (m, value) => ({ ...m, attrition: value / 100 }),
    },
    {
      key: "cost_per_head",
      label: t("screen.capacity.cost_per_head"),
      digits: 0,
      read: (m) => m.cost_per_head_minor / 100,
      write: (m, value) => ({ ...m, cost_per_head_minor: Math.round(value * 100) }),
    },
  ];
}

export interface CapacityGrid {
  columns: GridColumn[];
  rows: GridRow[];
  /** The question with typed figures in it. */
  apply: (edits: GridEdit[]) => CapacityQuestion;
}

/** Months across; what is asked on top, what it comes to below. */
export function capacityGrid(
  t: Text,
  question: CapacityQuestion,
  answer: CapacityAnswer | undefined,
): CapacityGrid {
  const months = question.months ?? [];
  const list = inputs(t, months);
  const asked: GridRow[] = list.map((input) => ({
    key: input.key,
    name: input.label,
    label: input.label,
    cells: months.map((month): GridCell => {
      const value = Number(input.read(month).toFixed(input.digits));
      return { text: count(value, input.digits), value, editable: true };
    }),
  }));
  return {
    columns: months.map((month) => ({
      key: month.name,
      head: /^\d{4}-\d{2}$/.test(month.name) ? monthLabel(month.name) : month.name,
    })),
    rows: [...asked, ...answerRows(t, months.length, answer)],
    apply: (edits) => ({
      ...question,
      months: months.map((month, col) =>
        edits
          .filter((edit) => edit.col === col)
          .reduce((changed, edit) => list[edit.row]?.write(changed, edit.value) ?? changed, month),
      ),
    }),
  };
}

function answerRows(t: Text, months: number, answer: CapacityAnswer | undefined): GridRow[] {
  const lines = answer?.lines ?? [];
  type Line = NonNullable<CapacityAnswer["lines"]>[number];
  const row = (
    key: string,
    label: string,
    show: (line: Line) => string,
    value: (line: Line) => number,
    className?: string,
    mark?: (line: Line) => string | undefined,
  ): GridRow => ({
    key,
    name: label,
    label,
    className,
    cells: Array.from({ length: months }, (_, i) => {
      const line = lines[i];
      return line
        ? { text: show(line), value: value(line), editable: false, className: mark?.(line) }
        : { text: NONE, value: null, editable: false };
    }),
  });
  const figure = (
    key: "start" | "leavers" | "joiners" | "in_ramp" | "productive_fte" | "required_fte",
    digits = 1,
  ) =>
    row(
      key,
      t(`screen.capacity.${key}`),
      (line) => count(line[key], digits),
      (line) => line[key],
    );
  return [
    row(
      "shrinkage",
      t("screen.capacity.shrinkage_total"),
      (l) => percent(l.shrinkage),
      (l) => l.shrinkage,
      "edit-grid-soft",
    ),
    figure("start"),
    figure("joiners", 0),
    figure("leavers"),
    figure("in_ramp"),
    { ...figure("required_fte"), className: "edit-grid-strong" },
    { ...figure("productive_fte"), className: "edit-grid-strong" },
    row(
      "gap",
      t("screen.capacity.gap"),
      (line) => `${line.gap_fte > 0 ? "+" : ""}${count(line.gap_fte, 1)}`,
      (line) => line.gap_fte,
      "edit-grid-strong",
      (line) => (line.gap_fte < -0.05 ? "capacity-short" : undefined),
    ),
    row(
      "cost",
      t("screen.capacity.cost"),
      (line) => money(line.cost_of_heads.value, line.cost_of_heads.currency),
      (line) => Number(line.cost_of_heads.value),
      "edit-grid-soft",
    ),
    row(
      "hire",
      t("screen.capacity.cost_to_hire"),
      (line) => money(line.cost_to_hire.value, line.cost_to_hire.currency),
      (line) => Number(line.cost_to_hire.value),
      "edit-grid-soft",
    ),
  ];
}
