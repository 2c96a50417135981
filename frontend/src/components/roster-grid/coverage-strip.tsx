import { useEffect, useRef } from "react";
import type { Coverage } from "../../api/models";
import { color } from "../../theme/tokens";

export interface StripProps {
  coverage: Coverage | undefined;
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
 * line is what is needed, the area what is there, red where it falls short.
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
    const draw = (left: number) => {
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      if (coverage) drawCoverage(context, coverage, { starts, dayWidth, width, height, left });
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

interface Geometry {
  starts: number[];
  dayWidth: number;
  width: number;
  height: number;
  left: number;
}

/** Draws the visible intervals; each day takes the same width whatever its length. */
export function drawCoverage(
  context: CanvasRenderingContext2D,
  coverage: Coverage,
  { starts, dayWidth, width, height, left }: Geometry,
): void {
  const step = coverage.interval_seconds * 1000;
  const first = Math.max(0, Math.floor(left / dayWidth));
  const last = Math.min(starts.length - 2, Math.floor((left + width) / dayWidth));
  if (last < first) return;
  const top = Math.max(1, ...coverage.points.map((p) => Math.max(p.required, p.scheduled)));
  const y = (value: number) => height - 2 - (value / top) * (height - 8);
  const visible: { x: number; w: number; required: number; scheduled: number }[] = [];
  let day = first;
  for (const point of coverage.points) {
    const at = Date.parse(point.start);
    if (at < starts[first]! || at >= starts[last + 1]!) continue;
    while (day < last && at >= starts[day + 1]!) day++;
    const length = starts[day + 1]! - starts[day]!;
    visible.push({
      x: (day + (at - starts[day]!) / length) * dayWidth - left,
      w: (step / length) * dayWidth,
      required: point.required,
      scheduled: point.scheduled,
    });
  }
  context.fillStyle = "#cfe3e1";
  for (const p of visible) context.fillRect(p.x, y(p.scheduled), p.w + 0.5, height - y(p.scheduled));
  context.fillStyle = "#e2867f";
  for (const p of visible) {
    if (p.scheduled < p.required)
      context.fillRect(p.x, y(p.required), p.w + 0.5, y(p.scheduled) - y(p.required));
  }
  context.strokeStyle = color.ink;
  context.lineWidth = 1;
  context.beginPath();
  visible.forEach((p, i) => {
    if (i === 0) context.moveTo(p.x, y(p.required));
    else context.lineTo(p.x, y(p.required));
    context.lineTo(p.x + p.w, y(p.required));
  });
  context.stroke();
  context.strokeStyle = color.line;
  for (let d = first; d <= last; d++) {
    context.beginPath();
    context.moveTo(Math.round(d * dayWidth - left) + 0.5, 0);
    context.lineTo(Math.round(d * dayWidth - left) + 0.5, height);
    context.stroke();
  }
}
