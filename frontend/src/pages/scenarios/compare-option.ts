import type { EChartsCoreOption } from "echarts/core";
import { count } from "../../format/number";
import { dayLabel } from "../../format/time";
import { fontFamily } from "../../theme/theme";
import { color } from "../../theme/tokens";

/** One line of a comparison over dates. */
export interface ComparedLine {
  name: string;
  values: (number | null)[];
  kind: "base" | "changed";
}

/** What was, or is asked, beside what would be, over dates or other named steps. */
export function compareOption(
  steps: string[],
  unit: string,
  lines: ComparedLine[],
  named = false,
): EChartsCoreOption {
  return {
    aria: { enabled: false },
    textStyle: { fontFamily },
    grid: { left: 56, right: 20, top: 40, bottom: 28, outerBoundsMode: "none" },
    legend: {
      top: 0,
      right: 12,
      itemWidth: 18,
      itemHeight: 8,
      icon: "roundRect",
      selectedMode: false,
      textStyle: { color: color.inkSoft },
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      borderColor: color.lineStrong,
      textStyle: { color: color.ink, fontSize: 12 },
      valueFormatter: (value: number) => count(value, value < 100 ? 1 : 0),
    },
    xAxis: {
      type: "category",
      data: named ? steps : steps.map((day) => dayLabel(`${day}T00:00:00Z`, "UTC")),
      axisLine: { lineStyle: { color: color.lineStrong } },
      axisTick: { show: false },
      axisLabel: { color: color.inkSoft, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      name: unit,
      nameTextStyle: { color: color.inkSoft, align: "left", padding: [0, 0, 0, -40] },
      axisLabel: { color: color.inkSoft },
      splitLine: { lineStyle: { color: color.line } },
    },
    series: lines.map((line) => ({
      type: "line",
      name: line.name,
      data: line.values,
      showSymbol: line.values.length < 40,
      symbolSize: 5,
      animation: false,
      lineStyle:
        line.kind === "base"
          ? { color: "#8d99a4", width: 1.4, type: "dashed" }
          : { color: color.accent, width: 2 },
      itemStyle: { color: line.kind === "base" ? "#8d99a4" : color.accent },
    })),
  };
}

/** The comparison as rows for CSV. */
export function compareRows(days: string[], lines: ComparedLine[]): (string | number | null)[][] {
  return [
    ["day", ...lines.map((line) => line.name)],
    ...days.map((day, i) => [day, ...lines.map((line) => line.values[i] ?? null)]),
  ];
}
