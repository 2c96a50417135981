import type { LongRow, LongTable } from "../../api/models";
import type { CurveLook, CurveSeries } from "../../components/chart/forecast-option";
import { plainLook } from "../../components/chart/forecast-option";
import type { GridColumn, GridRow } from "../../components/edit-grid/model";
import { count, NONE, percent } from "../../format/number";
import { addDays, dayStart, isoWeek, shortDate, weekday } from "../../format/time";
import type { Text } from "../../text/text";

/** The version in the address that means the long range, and one of its versions. */
export const LONG_RANGE = "long";

export const isLong = (version: string | undefined): boolean =>
  version === LONG_RANGE || Boolean(version?.startsWith(`${LONG_RANGE}.`));

export const longId = (version: string | undefined): string | undefined =>
  version?.startsWith(`${LONG_RANGE}.`) ? version.slice(LONG_RANGE.length + 1) : undefined;

/** The row of a queue; of the client's total without one. */
export function rowOf(table: LongTable, queueId: string | undefined): LongRow {
  const rows = table.rows ?? [];
  return rows.find((row) => row.queue_id === queueId) ?? rows[0]!;
}

/** One row as a curve: a point per week or day. */
export function longCurve(table: LongTable, row: LongRow): CurveSeries {
  const { zone } = table.forecast;
  return {
    zone,
    interval_seconds: (table.by === "week" ? 7 : 1) * 86_400,
    days: [],
    points: (table.periods ?? []).map((period, i) => ({
      start: new Date(dayStart(period.from, zone)).toISOString(),
      forecast: row.volume![i]!,
      low: row.low![i]!,
      high: row.high![i]!,
      actual: row.actual![i] ?? null,
      last_year: row.last_year![i] ?? null,
      last_week: null,
      requirement: null,
      aht_seconds: null,
    })),
  };
}

export const longLook: CurveLook = { ...plainLook, lastWeek: false, lastYear: true, requirement: false };

/** Weeks or days down; the chosen line with its band and last year, then every queue. */
export function longGrid(
  t: Text,
  table: LongTable,
  name: (queueId: string | undefined) => string,
): { columns: GridColumn[]; rows: GridRow[] } {
  const [total, ...queues] = table.rows ?? [];
  const columns: GridColumn[] = [
    { key: "total", head: t("screen.long.total") },
    { key: "band", head: t("screen.long.range") },
    { key: "year", head: t("screen.series.last_year") },
    { key: "change", head: t("screen.long.change") },
    { key: "actual", head: t("screen.series.actual") },
    ...queues.map((row) => ({ key: row.queue_id ?? "", head: name(row.queue_id) })),
  ];
  const figure = (value: number | null | undefined) => ({
    text: count(value),
    value: value ?? null,
    editable: false,
  });
  const rows = (table.periods ?? []).map((period, i): GridRow => {
    const year = total!.last_year![i] ?? null;
    const volume = total!.volume![i]!;
    const label = periodName(table, period.from, period.to);
    const change = year ? volume / year - 1 : null;
    return {
      key: period.from,
      name: label,
      label,
      cells: [
        figure(volume),
        {
          text: `${count(total!.low![i])}–${count(total!.high![i])}`,
          value: total!.low![i]!,
          editable: false,
        },
        figure(year),
        { text: change === null ? NONE : signed(change), value: change, editable: false },
        figure(total!.actual![i]),
        ...queues.map((row) => figure(row.volume![i])),
      ],
    };
  });
  return { columns, rows };
}

const signed = (share: number) => (share > 0 ? `+${percent(share)}` : percent(share));

/** A week by its number and first day, and how many days of it there are when cut; a day by its weekday. */
function periodName(table: LongTable, from: string, to: string): string {
  const year = from.slice(0, 4);
  if (table.by === "day")
    return `${weekday(Date.parse(`${from}T00:00:00Z`), "UTC")} ${shortDate(from)}/${year.slice(2)}`;
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
  const last = shortDate(addDays(to, -1));
  return `${year} · ${String(isoWeek(from)).padStart(2, "0")} · ${shortDate(from)}–${last}${days < 7 ? ` (${days})` : ""}`;
}
