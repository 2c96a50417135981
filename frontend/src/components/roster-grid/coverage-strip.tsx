import { useEffect, useRef } from "react";
import { color } from "../../theme/tokens";
import { SLOT_MS, type StripData } from "./strip";

export interface StripProps {
  coverage: StripData | undefined;
  /** Starts of the days, and of the day after the last. */
  starts: number[];
  dayWidth: number;
  width: number;
  height: number;
  /** Calls back whenever the board scrolled sideways, with the new offset. */
  onScrollLeft: (listener: (left: number) => void) => () => void;
}

/**
 * Required against scheduled agents over the board's days, drawn on canvas: the
 * line is what is needed, the area what is there, red where it falls short, and
 * below it the expected service level of the last simulation with its band.
 */
export function CoverageStrip(props: StripProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { coverage, starts, dayWidth, width, height, onScrollLeft } = props;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !canvas.current || width <= 0) return;
    const scale = devicePixelRatio || 1;
    canvas.current.width = width * scale;
    canvas.current.height = height * scale;
    const top = coverage ? peak(coverage) : 1;
    const draw = (left: number) => {
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      if (coverage) drawStrip(context, coverage, top, { starts, dayWidth, width, height, left });
    };
    let frame = 0;
    const stop = onScrollLeft((left) => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => draw(left));
    });
    return () => {
      cancelAnimationFrame(frame);
      stop();
    };
  }, [coverage, starts, dayWidth, width, height, onScrollLeft]);
  // Its figures stand in words in the heads of the days.
  return <canvas ref={canvas} aria-hidden style={{ width, height, display: "block" }} />;
}

function peak(data: StripData): number {
  let top = 1;
  for (let k = 0; k < data.required.length; k++)
    top = Math.max(top, data.required[k]! + Math.max(0, data.over[k]!), data.scheduled[k]!);
  return top;
}

interface Geometry {
  starts: number[];
  dayWidth: number;
  width: number;
  height: number;
  left: number;
}

/** The share of the height that service takes when there is a simulation. */
const SERVICE_SHARE = 0.3;

/** Draws the visible intervals; each day takes the same width whatever its length. */
export function drawStrip(
  context: CanvasRenderingContext2D,
  data: StripData,
  top: number,
  geometry: Geometry,
): void {
  const { starts, dayWidth, width, height, left } = geometry;
  const first = Math.max(0, Math.floor(left / dayWidth));
  const last = Math.min(starts.length - 2, Math.floor((left + width) / dayWidth));
  if (last < first) return;
  const service = data.service;
  const floor = service ? height * (1 - SERVICE_SHARE) : height - 1;
  const y = (value: number) => floor - (value / top) * (floor - 4);
  for (let day = first; day <= last; day++) {
    const from = starts[day]!;
    const length = starts[day + 1]! - from;
    const w = (SLOT_MS / length) * dayWidth;
    const x0 = day * dayWidth - left;
    const slots = Math.round(length / SLOT_MS);
    const at = Math.round((from - data.origin) / SLOT_MS);
    context.fillStyle = "#cfe3e1";
    for (let k = 0; k < slots; k++) {
      const have = data.scheduled[at + k] ?? 0;
      if (have > 0) context.fillRect(x0 + k * w, y(have), w + 0.5, floor - y(have));
    }
    context.fillStyle = "#a9bfd8";
    for (let k = 0; k < slots; k++) {
      const over = data.over[at + k] ?? 0;
      const need = data.required[at + k] ?? 0;
      if (over > 0) context.fillRect(x0 + k * w, y(need + over), w + 0.5, y(need) - y(need + over));
    }
    context.fillStyle = "#e2867f";
    for (let k = 0; k < slots; k++) {
      const under = data.under[at + k] ?? 0;
      const need = data.required[at + k] ?? 0;
      if (under > 0) context.fillRect(x0 + k * w, y(need), w + 0.5, y(need - under) - y(need));
    }
    context.strokeStyle = color.ink;
    context.lineWidth = 1;
    context.beginPath();
    for (let k = 0; k < slots; k++) {
      const need = y(data.required[at + k] ?? 0);
      if (k === 0) context.moveTo(x0, need);
      else context.lineTo(x0 + k * w, need);
      context.lineTo(x0 + (k + 1) * w, need);
    }
    context.stroke();
    if (service) drawService(context, data, { x0, w, slots, from, floor, height });
    context.strokeStyle = color.line;
    context.beginPath();
    context.moveTo(Math.round(x0) + 0.5, 0);
    context.lineTo(Math.round(x0) + 0.5, height);
    context.stroke();
  }
}

/** Draws one day's expected service: band, line, red below the goal. */
function drawService(
  context: CanvasRenderingContext2D,
  data: StripData,
  day: { x0: number; w: number; slots: number; from: number; floor: number; height: number },
): void {
  const service = data.service!;
  const { x0, w, slots, from, floor, height } = day;
  const y = (share: number) => height - 2 - share * (height - floor - 4);
  const at = Math.round((from - service.origin) / SLOT_MS);
  context.globalAlpha = service.stale ? 0.35 : 1;
  context.fillStyle = "#d9d2e6";
  for (let k = 0; k < slots; k++) {
    const low = service.low[at + k] ?? NaN;
    const high = service.high[at + k] ?? NaN;
    if (low >= 0) context.fillRect(x0 + k * w, y(high), w + 0.5, Math.max(1, y(low) - y(high)));
  }
  for (let k = 0; k < slots; k++) {
    const level = service.level[at + k] ?? NaN;
    if (!(level >= 0)) continue;
    context.fillStyle = level < service.goal ? color.bad : "#5b3f8c";
    context.fillRect(x0 + k * w, y(level) - 0.75, w + 0.5, 1.5);
  }
  context.strokeStyle = color.inkFaint;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(x0, y(service.goal));
  context.lineTo(x0 + slots * w, y(service.goal));
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}
