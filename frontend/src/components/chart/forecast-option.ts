import type { EChartsCoreOption } from "echarts/core";
import type { Series } from "../../api/models";
import { count } from "../../format/number";
import { dayLabel, timeOfDay } from "../../format/time";
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
  requirement: string;
}

/**
 * Contacts above (actual, forecast with its band, last week), the agents they
 * need below, on one time axis. Points that the server does not know stay gaps.
 */
export function forecastOption(series: Series, words: ForecastWords): EChartsCoreOption {
  const { points, zone } = series;
  const daily = series.interval_seconds >= 86_400;
  // A category per interval: a day has as many as its clock has, 92 to 100, and none overlap.
  const starts = points.map((p) => p.start);
  const isDayStart = (index: number) => daily || timeOfDay(starts[index]!, zone) === "00:00";
  const values = (pick: (p: Series["points"][number]) => number | null) => points.map(pick);
  const line = {
    type: "line",
    showSymbol: false,
    emphasis: { disabled: true },
    animation: false,
    connectNulls: false,
  };
  const axis = {
    type: "category",
    data: starts,
    boundaryGap: false,
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
  return {
    aria: { enabled: false },
    textStyle: { fontFamily },
    grid: [
      { left: 52, right: 24, top: 46, height: "50%", outerBoundsMode: "none" },
      { left: 52, right: 24, top: "72%", bottom: 28, outerBoundsMode: "none" },
    ],
    legend: {
      top: 0,
      right: 16,
      itemWidth: 18,
      itemHeight: 8,
      icon: "roundRect",
      textStyle: { color: color.inkSoft },
      data: [words.actual, words.forecast, words.band, words.lastWeek, words.requirement],
      selected: { [words.lastWeek]: points.length <= 700 },
    },
    axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: color.inkFaint } },
    tooltip: {
      trigger: "axis",
      confine: true,
      borderColor: color.lineStrong,
      textStyle: { color: color.ink, fontSize: 12 },
      formatter: (hits: { dataIndex: number }[]) => {
        const index = hits[0]?.dataIndex ?? 0;
        const p = points[index];
        if (!p) return "";
        const row = (name: string, value: string) =>
          `<div style="display:flex;justify-content:space-between;gap:16px"><span>${name}</span><b>${value}</b></div>`;
        return [
          `<b>${dayLabel(p.start, zone)}${daily ? "" : ` ${timeOfDay(p.start, zone)}`}</b>`,
          row(words.actual, count(p.actual)),
          row(words.forecast, count(p.forecast, 1)),
          row(words.band, `${count(p.low, 1)}–${count(p.high, 1)}`),
          row(words.lastWeek, count(p.last_week)),
          row(words.requirement, count(p.requirement)),
        ].join("");
      },
    },
    xAxis: [
      { ...axis, gridIndex: 0, axisLabel: { show: false } },
      {
        ...axis,
        gridIndex: 1,
        axisLabel: {
          color: color.inkSoft,
          hideOverlap: true,
          interval: isDayStart,
          align: "left",
          formatter: (start: string) => dayLabel(start, zone),
        },
      },
    ],
    yAxis: [
      { ...named(words.contacts), gridIndex: 0 },
      { ...named(words.agents), gridIndex: 1, minInterval: 1, splitNumber: 2 },
    ],
    dataZoom: [{ type: "inside", xAxisIndex: [0, 1], zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false }],
    series: [
      {
        ...line,
        name: "low",
        stack: "band",
        stackStrategy: "all",
        data: values((p) => p.low),
        lineStyle: { opacity: 0 },
        tooltip: { show: false },
        silent: true,
      },
      {
        ...line,
        name: words.band,
        stack: "band",
        stackStrategy: "all",
        data: values((p) => (p.low === null || p.high === null ? null : p.high - p.low)),
        lineStyle: { opacity: 0 },
        areaStyle: { color: color.accent, opacity: 0.16 },
        itemStyle: { color: "#c5dfdd" },
        silent: true,
      },
      {
        ...line,
        name: words.lastWeek,
        data: values((p) => p.last_week),
        lineStyle: { color: "#9aa5ad", width: 1, type: "dashed" },
        itemStyle: { color: "#9aa5ad" },
      },
      {
        ...line,
        name: words.forecast,
        data: values((p) => p.forecast),
        lineStyle: { color: color.accent, width: 2 },
        itemStyle: { color: color.accent },
      },
      {
        ...line,
        name: words.actual,
        data: values((p) => p.actual),
        lineStyle: { color: color.ink, width: 1.3 },
        itemStyle: { color: color.ink },
      },
      {
        ...line,
        name: words.requirement,
        xAxisIndex: 1,
        yAxisIndex: 1,
        step: "end",
        data: values((p) => p.requirement),
        lineStyle: { color: "#d55e00", width: 1.4 },
        itemStyle: { color: "#d55e00" },
        areaStyle: { color: "#d55e00", opacity: 0.08 },
      },
    ],
  };
}

/** The chart's data as rows for CSV. */
export function forecastRows(series: Series, words: ForecastWords): (string | number | null)[][] {
  return [
    ["start", words.actual, words.forecast, "low", "high", words.lastWeek, words.requirement],
    ...series.points.map((p) => [p.start, p.actual, p.forecast, p.low, p.high, p.last_week, p.requirement]),
  ];
}
