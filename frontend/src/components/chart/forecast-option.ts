import type { EChartsCoreOption } from "echarts/core";
import type { Series, SeriesPoint } from "../../api/models";
import { count } from "../../format/number";
import { dayLabel, dayOf, shortDate, timeOfDay, weekday } from "../../format/time";
import { fontFamily } from "../../theme/theme";
import { color } from "../../theme/tokens";

/** The words on the chart, in the reader's language. */
export interface ForecastWords {
  contacts: string;
  agents: string;
  forecast: string;
  band: string;
  actual: string;
  lastWeek: string;
  lastYear: string;
  requirement: string;
  /** The version that the forecast is compared with. */
  other: string;
}

/** A point with what the page adds to the server's: a year before, another version. */
export interface CurvePoint extends SeriesPoint {
  last_year?: number | null;
  other?: number | null;
}

export interface CurveSeries extends Omit<Series, "points"> {
  points: CurvePoint[];
}

/** A special day on the curve: its name over the points from the first to the last. */
export interface DayBand {
  from: number;
  to: number;
  name: string;
}

/** What of the curve is drawn. */
export interface CurveLook {
  lastWeek: boolean;
  lastYear: boolean;
  other: boolean;
  requirement: boolean;
  bands: DayBand[];
  /** Points of the forecast can be taken by the pointer. */
  handles: boolean;
}

export const plainLook: CurveLook = {
  lastWeek: true,
  lastYear: false,
  other: false,
  requirement: true,
  bands: [],
  handles: false,
};

/** The id of the forecast's line, by which it is redrawn while somebody drags it. */
export const FORECAST_LINE = "forecast";

type Pick = (point: CurvePoint) => number | null;

/**
 * Contacts above (actual, forecast with its band, what they are compared with),
 * the agents they need below, on one time axis. Points that the server does not
 * know stay gaps.
 */
export function forecastOption(
  series: CurveSeries,
  words: ForecastWords,
  look: CurveLook = plainLook,
): EChartsCoreOption {
  const { points, zone } = series;
  const daily = series.interval_seconds >= 86_400;
  const lines = new Lines(points);
  const shown = lines.of(words, look, daily);
  return {
    aria: { enabled: false },
    textStyle: { fontFamily },
    legend: {
      top: 0,
      right: 16,
      itemWidth: 18,
      itemHeight: 8,
      icon: "roundRect",
      selectedMode: false,
      textStyle: { color: color.inkSoft },
      data: shown.map((line) => line.name).filter((name) => name !== "low"),
    },
    axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: color.inkFaint } },
    tooltip: {
      trigger: "axis",
      confine: true,
      borderColor: color.lineStrong,
      textStyle: { color: color.ink, fontSize: 12 },
      formatter: (hits: { dataIndex: number }[]) =>
        tooltip(points[hits[0]?.dataIndex ?? 0], zone, daily, words, look),
    },
    ...axes(series, words, look),
    series: shown,
  };
}

/** One or two grids on the same time axis: contacts, and agents when they are asked for. */
function axes(series: CurveSeries, words: ForecastWords, look: CurveLook): EChartsCoreOption {
  const { points, zone } = series;
  const daily = series.interval_seconds >= 86_400;
  // A category per interval: a day has as many as its clock has, 92 to 100, and none overlap.
  const starts = points.map((p) => p.start);
  const days = (points.length * series.interval_seconds) / 86_400;
  const isDayStart = (index: number) => daily || timeOfDay(starts[index]!, zone) === "00:00";
  const axis = {
    type: "category",
    data: starts,
    boundaryGap: daily,
    axisLine: { lineStyle: { color: color.lineStrong } },
    axisTick: { show: false },
    splitLine: { show: true, interval: isDayStart, lineStyle: { color: color.line } },
  };
  const named = (name: string) => ({
    type: "value",
    name,
    nameLocation: "end",
    nameTextStyle: { color: color.inkSoft, align: "left", padding: [0, 0, 0, -36] },
    axisLabel: { color: color.inkSoft },
    splitLine: { lineStyle: { color: color.line } },
    splitNumber: 4,
  });
  const labels = {
    color: color.inkSoft,
    hideOverlap: true,
    interval: isDayStart,
    align: daily ? "center" : "left",
    formatter: (start: string) => (days > 10 ? shortDay(start, zone) : dayLabel(start, zone)),
  };
  const box = { left: 52, right: 24, outerBoundsMode: "none" };
  const zoom = { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false };
  if (!look.requirement)
    return {
      grid: [{ ...box, top: 46, bottom: 40 }],
      xAxis: [{ ...axis, axisLabel: labels }],
      yAxis: [named(words.contacts)],
      dataZoom: [{ ...zoom, xAxisIndex: [0] }],
    };
  return {
    grid: [
      { ...box, top: 46, height: "46%" },
      { ...box, top: "70%", bottom: 40 },
    ],
    xAxis: [
      { ...axis, gridIndex: 0, axisLabel: { show: false } },
      { ...axis, gridIndex: 1, axisLabel: labels },
    ],
    yAxis: [
      { ...named(words.contacts), gridIndex: 0 },
      { ...named(words.agents), gridIndex: 1, minInterval: 1, splitNumber: 2 },
    ],
    dataZoom: [{ ...zoom, xAxisIndex: [0, 1] }],
  };
}

function tooltip(
  point: CurvePoint | undefined,
  zone: string,
  daily: boolean,
  words: ForecastWords,
  look: CurveLook,
): string {
  if (!point) return "";
  const row = (name: string, value: string) =>
    `<div style="display:flex;justify-content:space-between;gap:16px"><span>${escaped(name)}</span><b>${value}</b></div>`;
  const rows = [
    `<b>${dayLabel(point.start, zone)}${daily ? "" : ` ${timeOfDay(point.start, zone)}`}</b>`,
    row(words.actual, count(point.actual)),
    row(words.forecast, count(point.forecast, 1)),
    row(words.band, `${count(point.low, 1)}–${count(point.high, 1)}`),
  ];
  if (look.other) rows.push(row(words.other, count(point.other, 1)));
  if (look.lastWeek) rows.push(row(words.lastWeek, count(point.last_week)));
  if (look.lastYear) rows.push(row(words.lastYear, count(point.last_year)));
  if (look.requirement) rows.push(row(words.requirement, count(point.requirement)));
  return rows.join("");
}

/** A day where room is scarce: the weekday above the date. */
function shortDay(start: string, zone: string): string {
  return `${weekday(start, zone)}\n${shortDate(dayOf(start, zone))}`;
}

/** Names come from people; the tooltip is markup. */
function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

interface Line {
  name: string;
  [option: string]: unknown;
}

/** The lines of the curve, the rear ones first. */
class Lines {
  private readonly base = {
    type: "line",
    showSymbol: false,
    emphasis: { disabled: true },
    animation: false,
    connectNulls: false,
  };

  constructor(private readonly points: CurvePoint[]) {}

  private line(name: string, pick: Pick, stroke: string, style: Record<string, unknown>): Line {
    return {
      ...this.base,
      name,
      data: this.points.map(pick),
      lineStyle: { color: stroke, ...style },
      itemStyle: { color: stroke },
    };
  }

  of(words: ForecastWords, look: CurveLook, daily: boolean): Line[] {
    const lines = this.band(words.band);
    if (look.lastYear)
      lines.push(
        this.line(words.lastYear, (p) => p.last_year ?? null, "#b79a5b", { width: 1, type: "dotted" }),
      );
    if (look.lastWeek)
      lines.push(this.line(words.lastWeek, (p) => p.last_week, "#9aa5ad", { width: 1, type: "dashed" }));
    if (look.other)
      lines.push(this.line(words.other, (p) => p.other ?? null, "#0072b2", { width: 1.6, type: "dashed" }));
    lines.push({
      ...this.line(words.forecast, (p) => p.forecast, color.accent, { width: 2 }),
      id: FORECAST_LINE,
      ...(look.handles && { showSymbol: true, symbol: "circle", symbolSize: 9, z: 5 }),
      ...bandMarks(look.bands, this.points, daily),
    });
    // A closed hour in which nobody called is no zero.
    const came: Pick = (p) => (p.actual === 0 && p.forecast === null ? null : p.actual);
    lines.push(this.line(words.actual, came, color.ink, { width: 1.3 }));
    if (look.requirement)
      lines.push({
        ...this.line(words.requirement, (p) => p.requirement, "#d55e00", { width: 1.4 }),
        xAxisIndex: 1,
        yAxisIndex: 1,
        step: "end",
        areaStyle: { color: "#d55e00", opacity: 0.08 },
      });
    return lines;
  }

  /** The band: its lower end unseen, its width stacked upon that. */
  private band(name: string): Line[] {
    const stacked = {
      ...this.base,
      stack: "band",
      stackStrategy: "all",
      lineStyle: { opacity: 0 },
      silent: true,
    };
    return [
      { ...stacked, name: "low", data: this.points.map((p) => p.low), tooltip: { show: false } },
      {
        ...stacked,
        name,
        data: this.points.map((p) => (p.low === null || p.high === null ? null : p.high - p.low)),
        areaStyle: { color: color.accent, opacity: 0.16 },
        itemStyle: { color: "#c5dfdd" },
      },
    ];
  }
}

const bandLabel = { color: "#7a4a00", fontSize: 11, overflow: "truncate", width: 110 };

/** Special days behind the curve: an area over intervals, a broad line where a day is one point. */
function bandMarks(bands: DayBand[], points: CurvePoint[], daily: boolean): Record<string, unknown> {
  if (bands.length === 0) return {};
  const at = (index: number) => points[index]!.start;
  if (daily)
    return {
      markLine: {
        silent: true,
        symbol: "none",
        animation: false,
        lineStyle: { color: "#e69f00", width: 22, opacity: 0.18, type: "solid" },
        data: bands.flatMap((band) =>
          Array.from({ length: band.to - band.from + 1 }, (_, i) => ({
            xAxis: at(band.from + i),
            label: { ...bandLabel, formatter: i === 0 ? band.name : "", position: "end" },
          })),
        ),
      },
    };
  return {
    markArea: {
      silent: true,
      animation: false,
      itemStyle: { color: "#e69f00", opacity: 0.12 },
      label: { ...bandLabel, position: "insideTop" },
      data: bands.map((band) => [{ xAxis: at(band.from), name: band.name }, { xAxis: at(band.to) }]),
    },
  };
}

/** The chart's data as rows for CSV. */
export function forecastRows(series: CurveSeries, words: ForecastWords): (string | number | null)[][] {
  return [
    ["start", words.actual, words.forecast, "low", "high", words.lastWeek, words.lastYear, words.requirement],
    ...series.points.map((p) => [
      p.start,
      p.actual,
      p.forecast,
      p.low,
      p.high,
      p.last_week,
      p.last_year ?? null,
      p.requirement,
    ]),
  ];
}
