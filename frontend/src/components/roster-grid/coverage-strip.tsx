import { useEffect, useRef } from "react";
import { color } from "../../theme/tokens";
import { count } from "../../format/number";
import { shortage, SLOT_MS, type StripData, surplus } from "./strip";

export interface StripProps {
  /** One strip for everything, or several below each other. */
  lanes: StripData[];
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
 * line is what is needed, the area what is there, red and hatched where it falls
 * short, blue and dotted where it is more. Several strips lie below each other,
 * each with its hours per day, − short and + above. One alone has below it the
 * expected service level of the last simulation with its band.
 */
export function CoverageStrip(props: StripProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { lanes, starts, dayWidth, width, height, onScrollLeft } = props;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !canvas.current || width <= 0) return;
    const scale = devicePixelRatio || 1;
    canvas.current.width = width * scale;
    canvas.current.height = height * scale;
    const hatch = hatching(context);
    const drawn = lanes.map((data) => ({
      data,
      top: peak(data),
      signs: lanes.length > 1 ? { short: shortage(data, starts), over: surplus(data, starts) } : undefined,
    }));
    const lane = height / Math.max(1, drawn.length);
    const draw = (left: number) => {
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      drawn.forEach(({ data, top, signs }, k) => {
        context.setTransform(scale, 0, 0, scale, 0, k * lane * scale);
        const geometry = { starts, dayWidth, width, height: lane, left, headroom: signs ? 16 : 4 };
        drawStrip(context, data, top, geometry, hatch);
        if (signs) drawSigns(context, signs, geometry);
      });
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
  }, [lanes, starts, dayWidth, width, height, onScrollLeft]);
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
  /** What stays free above the highest value, in pixels. */
  headroom: number;
}

/** A day narrower than this has no room for its hours, in pixels. */
const SIGN_DAY = 64;

/** Fillings that differ without their colour. */
interface Hatching {
  under: CanvasPattern | string;
  over: CanvasPattern | string;
}

function hatching(context: CanvasRenderingContext2D): Hatching {
  const tile = (ground: string, draw: (ink: CanvasRenderingContext2D) => void): CanvasPattern | string => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 6;
    const ink = canvas.getContext("2d");
    if (!ink) return ground;
    ink.fillStyle = ground;
    ink.fillRect(0, 0, 6, 6);
    draw(ink);
    return context.createPattern(canvas, "repeat") ?? ground;
  };
  return {
    under: tile("#e2867f", (ink) => {
      ink.strokeStyle = "#8f2a22";
      ink.beginPath();
      for (const k of [-6, 0, 6]) {
        ink.moveTo(k - 1, 7);
        ink.lineTo(k + 7, -1);
      }
      ink.stroke();
    }),
    over: tile("#a9bfd8", (ink) => {
      ink.fillStyle = "#2f5585";
      ink.fillRect(1, 1, 1.5, 1.5);
      ink.fillRect(4, 4, 1.5, 1.5);
    }),
  };
}

/** The share of the height that service takes when there is a simulation. */
const SERVICE_SHARE = 0.3;

/** Draws the visible intervals; each day takes the same width whatever its length. */
export function drawStrip(
  context: CanvasRenderingContext2D,
  data: StripData,
  top: number,
  geometry: Geometry,
  hatch: Hatching,
): void {
  const { starts, dayWidth, width, height, left, headroom } = geometry;
  const first = Math.max(0, Math.floor(left / dayWidth));
  const last = Math.min(starts.length - 2, Math.floor((left + width) / dayWidth));
  if (last < first) return;
  const service = data.service;
  const floor = service ? height * (1 - SERVICE_SHARE) : height - 1;
  const y = (value: number) => floor - (value / top) * (floor - headroom);
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
    context.fillStyle = hatch.over;
    for (let k = 0; k < slots; k++) {
      const over = data.over[at + k] ?? 0;
      const need = data.required[at + k] ?? 0;
      if (over > 0) context.fillRect(x0 + k * w, y(need + over), w + 0.5, y(need) - y(need + over));
    }
    context.fillStyle = hatch.under;
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

/** Hours short and above of each visible day, with their signs. */
function drawSigns(
  context: CanvasRenderingContext2D,
  signs: { short: number[]; over: number[] },
  { starts, dayWidth, width, height, left }: Geometry,
): void {
  context.strokeStyle = color.line;
  context.lineWidth = 1;
  context.strokeRect(-1, height - 0.5, width + 2, 1);
  if (dayWidth < SIGN_DAY) return;
  context.font = "600 11px system-ui, sans-serif";
  context.textBaseline = "top";
  context.lineJoin = "round";
  for (let day = Math.max(0, Math.floor(left / dayWidth)); day < starts.length - 1; day++) {
    const x = day * dayWidth - left + 4;
    if (x > width) break;
    const words = signText(signs.short[day]!, signs.over[day]!);
    context.lineWidth = 3;
    context.strokeStyle = "#ffffff";
    context.strokeText(words, x, 3);
    context.fillStyle = color.ink;
    context.fillText(words, x, 3);
  }
}

/** Seconds short and above as signed hours, "−12 +3"; less than half an hour is nothing. */
export function signText(short: number, over: number): string {
  const words: string[] = [];
  if (short >= 1800) words.push(`−${count(short / 3600)}`);
  if (over >= 1800) words.push(`+${count(over / 3600)}`);
  return words.join(" ");
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
