import type { ECharts } from "echarts/core";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Chart } from "../../components/chart/chart";
import {
  type CurveLook,
  type CurveSeries,
  FORECAST_LINE,
  forecastOption,
  forecastRows,
  type ForecastWords,
} from "../../components/chart/forecast-option";
import { count } from "../../format/number";
import { dayLabel } from "../../format/time";
import { useText } from "../../text/text";

export interface SeriesChartProps {
  series: CurveSeries;
  name: string;
  look: CurveLook;
  /** What the forecast is compared with. */
  otherName: string;
  /** What the chart shows, where the page's own words are better. */
  label?: string;
  exports?: ReactNode;
  /** A point of the forecast was dragged to another value; only offered when the look has handles. */
  onDrag?: (index: number, value: number) => void;
  /** Which points can be dragged. */
  draggable?: (index: number) => boolean;
}

/** The curve of a queue. */
export default function SeriesChart(props: SeriesChartProps) {
  const { series, name, look, otherName } = props;
  const t = useText();
  const daily = series.interval_seconds >= 86_400;
  const contacts = daily
    ? t(series.interval_seconds > 86_400 ? "screen.series.contacts_week" : "screen.series.contacts_day")
    : t("screen.series.contacts_interval", { minutes: series.interval_seconds / 60 });
  const agents = t("screen.series.agents");
  const words: ForecastWords = useMemo(
    () => ({
      contacts,
      agents,
      forecast: t("screen.series.forecast"),
      band: t("screen.series.band"),
      actual: t("screen.series.actual"),
      lastWeek: t("screen.series.last_week"),
      lastYear: t("screen.series.last_year"),
      requirement: t("screen.series.requirement"),
      other: otherName,
    }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `t` is new on every render; the words change with these
    [contacts, agents, otherName],
  );
  const option = useMemo(() => forecastOption(series, words, look), [series, words, look]);
  const [chart, setChart] = useState<ECharts>();
  const dragged = useDrag(chart, props);
  const point = dragged && series.points[dragged.index];
  return (
    <div className="series-chart">
      <Chart
        option={option}
        height={360}
        name={`forecast-${name}`}
        label={props.label ?? t("screen.series.label", { name })}
        rows={() => forecastRows(series, words)}
        onChart={setChart}
        exports={props.exports}
      />
      {point && (
        <span className="series-drag" role="status">
          {dayLabel(point.start, series.zone)}: {count(point.forecast)} →{" "}
          <strong>{count(dragged.value)}</strong>
        </span>
      )}
    </div>
  );
}

interface Dragged {
  index: number;
  value: number;
}

/** How near the pointer must come to a point to take it, in pixels. */
const REACH = 12;

/** Lets the pointer take a point of the forecast's line and move it up and down. */
function useDrag(chart: ECharts | undefined, props: SeriesChartProps): Dragged | undefined {
  const [dragged, setDragged] = useState<Dragged>();
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const handles = props.look.handles;
  useEffect(() => {
    if (!chart || !handles) return;
    const area = chart.getZr();
    let held: Dragged | undefined;
    const near = (x: number, y: number): number | undefined => {
      if (!chart.containPixel({ gridIndex: 0 }, [x, y])) return undefined;
      const found = chart.convertFromPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [x, y]) as number[];
      const index = Math.round(found[0] ?? -1);
      const { series, draggable } = latest.current;
      const value = series.points[index]?.forecast;
      if (value === null || value === undefined || !draggable?.(index)) return undefined;
      const place = chart.convertToPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [index, value]);
      return Math.hypot(place[0]! - x, place[1]! - y) <= REACH ? index : undefined;
    };
    type Pointer = { offsetX: number; offsetY: number };
    const down = ({ offsetX, offsetY }: Pointer) => {
      const index = near(offsetX, offsetY);
      if (index === undefined) return;
      held = { index, value: latest.current.series.points[index]!.forecast! };
      setDragged(held);
    };
    const move = ({ offsetX, offsetY }: Pointer) => {
      if (!held) {
        area.setCursorStyle(near(offsetX, offsetY) === undefined ? "default" : "ns-resize");
        return;
      }
      const found = chart.convertFromPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [offsetX, offsetY]) as number[];
      held = { index: held.index, value: Math.max(0, Math.round(found[1] ?? 0)) };
      setDragged(held);
      const data = latest.current.series.points.map((p, i) => (i === held!.index ? held!.value : p.forecast));
      chart.setOption({ series: [{ id: FORECAST_LINE, data }] });
    };
    const up = () => {
      if (!held) return;
      const { index, value } = held;
      held = undefined;
      setDragged(undefined);
      if (value !== Math.round(latest.current.series.points[index]?.forecast ?? value))
        latest.current.onDrag?.(index, value);
    };
    area.on("mousedown", down);
    area.on("mousemove", move);
    area.on("mouseup", up);
    area.on("globalout", up);
    return () => {
      if (chart.isDisposed()) return;
      area.off("mousedown", down);
      area.off("mousemove", move);
      area.off("mouseup", up);
      area.off("globalout", up);
    };
  }, [chart, handles]);
  return dragged;
}
