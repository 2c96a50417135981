import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type ClipboardEvent,
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { RosterAgent, Shift } from "../../api/models";
import { isoWeek, timeOfDay, weekday } from "../../format/time";
import { count } from "../../format/number";
import { useText } from "../../text/text";
import { reasonText } from "./rule-name";
import { useBox } from "../use-box";
import { CoverageStrip, signText } from "./coverage-strip";
import type { Drag } from "./drag";
import {
  type Bar,
  barOf,
  type Cell,
  cellsIn,
  dayStarts,
  isMove,
  moved,
  pasteInto,
  rowsOf,
  selectionText,
  type ShiftSource,
} from "./model";
import { shortage, type StripData, type StripLane, surplus } from "./strip";
import { useDrag } from "./use-drag";
import "./roster-grid.css";

const ROW = 34;
const AGENT = 188;
const STRIP = 92;
const DAY_HEAD = 26;
/** The least height of one of several strips. */
const LANE = 38;
const NO_STRIP: StripData[] = [];
/** A day never gets narrower than a shift's times. */
const MIN_DAY = 76;
/** From here on a day's head has room for its shortage too. */
const ROOMY_DAY = 116;
/** From here on hours are marked. */
const HOURLY_DAY = 480;

/** A cell by what it is about. */
export interface CellRef {
  agent: RosterAgent;
  day: string;
  shift: Shift | undefined;
}

/** A shift that lands in another cell. */
export interface Landing {
  from: CellRef;
  to: CellRef;
  /** Its new start, in milliseconds. */
  start: number;
}

/** What people may do to cells; a board without it is for reading. */
export interface GridEditing {
  /** Enter, a double click, or the first character of what somebody writes. */
  begin: (cell: CellRef, box: DOMRect, typed: string) => void;
  clear: (cells: CellRef[]) => void;
  paste: (cells: { cell: CellRef; text: string }[]) => void;
  undo: () => void;
  redo: () => void;
  /** A shift hangs over another cell, or no more. */
  over: (landing: Landing | undefined) => void;
  drop: (landing: Landing) => void;
}

export interface RosterGridProps {
  agents: RosterAgent[];
  source: ShiftSource;
  /** Calendar days, one column each. */
  days: string[];
  zone: string;
  coverage?: StripData;
  /** Parts of the coverage, each on a strip of its own in its place. */
  lanes?: StripLane[];
  groupOf?: (agent: RosterAgent) => string;
  /** What stands over the rows that belong to no group. */
  noGroup?: string;
  colorOf: (activity: Shift["activities"][number]) => string;
  /** Days that share the width of the board; the rest is reached by scrolling. */
  daysInView: number;
  /** Space, or a click on the mark of a broken rule. */
  onOpen: (agent: RosterAgent, day: string, shift: Shift | undefined) => void;
  editing?: GridEditing;
  /** What is known about the shift that is being dragged. */
  dragNote?: ReactNode;
  /** The day to show, and the agent's row if there is one, whenever it changes. */
  focusOn?: { agentId?: string; day: string };
}

/**
 * The roster board: agents down, days across, coverage on top. Rows and days
 * are virtual; one pointer and one key handler serve all cells; the board keeps
 * the focus and names the current cell, so scrolling never loses it.
 */
export function RosterGrid(props: RosterGridProps) {
  const { agents, source: index, days, zone, groupOf, daysInView, colorOf, onOpen, editing } = props;
  const t = useText();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const box = useBox(scroller);
  const view = Math.max(0, box.width - AGENT);
  const dayWidth = Math.max(MIN_DAY, view / daysInView);
  const roomy = dayWidth >= ROOMY_DAY;

  const rows = useMemo(() => rowsOf(agents, groupOf), [agents, groupOf]);
  const starts = useMemo(() => dayStarts(days, zone), [days, zone]);
  const short = useMemo(() => shortage(props.coverage, starts), [props.coverage, starts]);
  const lanes = props.lanes?.length ? props.lanes : undefined;
  const strips = useMemo(
    () => lanes?.map((lane) => lane.data) ?? (props.coverage ? [props.coverage] : NO_STRIP),
    [lanes, props.coverage],
  );
  const stripHeight = Math.max(STRIP, LANE * strips.length);
  const head = stripHeight + DAY_HEAD;
  const bars = useMemo(() => new BarCache(starts, zone, colorOf), [starts, zone, colorOf]);

  const [now] = useState(() => Date.now());
  const first = rows.findIndex((row) => row.kind === "agent");
  const [cursor, setCursor] = useState<Cell>(() => ({
    row: Math.max(0, first),
    day: Math.max(
      0,
      starts.findIndex((at, k) => at <= now && now < (starts[k + 1] ?? -Infinity)),
    ),
  }));
  const [anchor, setAnchor] = useState<Cell>(cursor);

  const vertical = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 6,
    paddingStart: head,
    scrollPaddingStart: head,
  });
  const horizontal = useVirtualizer({
    horizontal: true,
    count: days.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => dayWidth,
    overscan: 1,
    paddingStart: AGENT,
    scrollPaddingStart: AGENT,
  });
  const measured = useRef(dayWidth);
  if (measured.current !== dayWidth) {
    measured.current = dayWidth;
    horizontal.measure();
  }

  // The board opens on the present day, when it lies within it.
  const opened = useRef(false);
  const shownDay = useRef(cursor.day);
  shownDay.current = cursor.day;
  useLayoutEffect(() => {
    // The days have another width now: the cursor's day stays in view.
    if (view === 0) return;
    if (shownDay.current > 0 || opened.current)
      horizontal.scrollToIndex(shownDay.current, { align: "start" });
    opened.current = true;
  }, [view, dayWidth, horizontal]);

  const onScrollLeft = useCallback((listener: (left: number) => void) => {
    const element = scroller.current;
    if (!element) return () => {};
    const tell = () => listener(element.scrollLeft);
    tell();
    element.addEventListener("scroll", tell, { passive: true });
    return () => element.removeEventListener("scroll", tell);
  }, []);

  const go = (to: Cell, extend: boolean) => {
    setCursor(to);
    if (!extend) setAnchor(to);
    vertical.scrollToIndex(to.row);
    horizontal.scrollToIndex(to.day);
  };
  const open = (cell: Cell) => {
    const row = rows[cell.row];
    const day = days[cell.day];
    if (row?.kind === "agent" && day) onOpen(row.agent, day, index.at(row.agent.id, day));
  };
  const refOf = (cell: Cell): CellRef | undefined => {
    const row = rows[cell.row];
    const day = days[cell.day];
    return row?.kind === "agent" && day
      ? { agent: row.agent, day, shift: index.at(row.agent.id, day) }
      : undefined;
  };
  const begin = (cell: Cell, typed = "") => {
    const ref = refOf(cell);
    const element = document.getElementById(`${id}-${cell.row}-${cell.day}`);
    if (editing && ref && element) editing.begin(ref, element.getBoundingClientRect(), typed);
    else open(cell);
  };
  const landingOf = (drag: Drag | undefined): Landing | undefined => {
    const from = drag && refOf(drag.from);
    const to = drag && refOf(drag.to);
    return drag && from && to ? { from, to, start: drag.start } : undefined;
  };
  const fine = dayWidth >= HOURLY_DAY;
  const dragging = useDrag({
    scroller,
    rows,
    starts,
    dayWidth,
    left: AGENT,
    top: head,
    rowHeight: ROW,
    fine,
    enabled: editing !== undefined,
    // What has begun stays where it is.
    shiftAt: (cell) => {
      const shift = refOf(cell)?.shift;
      return shift && Date.parse(shift.start) > now ? shift : undefined;
    },
    over: (drag) => editing?.over(landingOf(drag)),
    drop: (drag) => {
      const landing = landingOf(drag);
      if (!landing) return;
      setCursor(drag.to);
      setAnchor(drag.to);
      editing?.drop(landing);
    },
  });

  const withControl = (event: KeyboardEvent): boolean => {
    const key = event.key.toLowerCase();
    if (key === "c")
      void navigator.clipboard?.writeText(selectionText(anchor, cursor, rows, days, index, zone));
    else if (key === "z" && editing) (event.shiftKey ? editing.redo : editing.undo)();
    else if (key === "y" && editing) editing.redo();
    else return false;
    return true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    if (event.ctrlKey || event.metaKey) {
      if (!withControl(event)) return;
    } else if (isMove(event.key)) {
      const page = Math.max(1, Math.floor((box.height - head) / ROW) - 1);
      go(moved(cursor, event.key, rows, days.length, page), event.shiftKey);
    } else if (event.key === "Enter" || event.key === "F2") begin(cursor);
    else if (event.key === " ") open(cursor);
    else if (event.key === "Escape") dragging.cancel();
    else if ((event.key === "Delete" || event.key === "Backspace") && editing)
      editing.clear(cellsIn(anchor, cursor, rows).flatMap((cell) => refOf(cell) ?? []));
    else if (editing && event.key.length === 1 && /[\p{L}\p{N}-]/u.test(event.key)) begin(cursor, event.key);
    else return;
    event.preventDefault();
  };
  const onPaste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData("text/plain");
    if (!editing || event.target !== event.currentTarget || text === "") return;
    event.preventDefault();
    editing.paste(
      pasteInto(text, anchor, cursor, rows, days.length).flatMap(({ cell, text: field }) => {
        const ref = refOf(cell);
        return ref ? [{ cell: ref, text: field }] : [];
      }),
    );
  };
  const cellAt = (event: MouseEvent): Cell | undefined => {
    const cell = (event.target as Element).closest<HTMLElement>("[data-cell]");
    const [row, day] = cell?.dataset.cell?.split(":").map(Number) ?? [];
    return row === undefined || day === undefined ? undefined : { row, day };
  };
  const onMouseDown = (event: MouseEvent) => {
    const cell = cellAt(event);
    if (!cell) return;
    setCursor(cell);
    if (!event.shiftKey) setAnchor(cell);
    else event.preventDefault();
  };

  const [shown, setShown] = useState(props.focusOn);
  if (props.focusOn !== shown) {
    setShown(props.focusOn);
    const agentId = props.focusOn?.agentId;
    const row = agentId ? rows.findIndex((r) => r.kind === "agent" && r.agent.id === agentId) : cursor.row;
    const day = days.indexOf(props.focusOn?.day ?? "");
    if (row >= 0 && day >= 0) queueMicrotask(() => go({ row, day }, false));
  }

  const columns = horizontal.getVirtualItems();
  const firstDay = columns[0]?.index ?? 0;
  const lastDay = columns.at(-1)?.index ?? -1;
  const between = (value: number, a: number, b: number) => value >= Math.min(a, b) && value <= Math.max(a, b);

  return (
    <div
      ref={scroller}
      className="roster"
      role="grid"
      tabIndex={0}
      aria-label={t("screen.roster.board")}
      aria-rowcount={rows.length + 1}
      aria-colcount={days.length + 1}
      aria-multiselectable
      aria-activedescendant={`${id}-${cursor.row}-${cursor.day}`}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
      onMouseDown={onMouseDown}
      onClick={(event) => {
        const cell = cellAt(event);
        if (cell && (event.target as Element).closest(".shift-mark")) open(cell);
      }}
      onDoubleClick={(event) => {
        const cell = cellAt(event);
        if (cell) begin(cell);
      }}
      onPointerDown={(event) => {
        const cell = cellAt(event);
        if (cell && (event.target as Element).closest(".shift-bar, .shift-text")) dragging.take(event, cell);
      }}
      onPointerMove={dragging.move}
      onPointerUp={dragging.release}
      onPointerCancel={dragging.cancel}
    >
      <div
        role="presentation"
        className="roster-canvas"
        style={{ height: vertical.getTotalSize(), width: AGENT + dayWidth * days.length }}
      >
        <div role="row" aria-rowindex={1} className="roster-head" style={{ height: head }}>
          <div role="columnheader" aria-colindex={1} className="roster-corner" style={{ width: AGENT }}>
            {lanes ? (
              <LaneNames lanes={lanes} height={stripHeight / lanes.length} starts={starts} />
            ) : (
              <Legend service={props.coverage?.service} />
            )}
          </div>
          <div
            aria-hidden
            className="roster-strip"
            style={{ left: AGENT, width: view, height: stripHeight, marginTop: -head }}
          >
            <CoverageStrip
              lanes={strips}
              starts={starts}
              dayWidth={dayWidth}
              width={view}
              height={stripHeight}
              onScrollLeft={onScrollLeft}
            />
          </div>
          {columns.map((column) => (
            <div
              key={column.key}
              role="columnheader"
              aria-colindex={column.index + 2}
              className="roster-day"
              style={{ left: AGENT + column.index * dayWidth, width: dayWidth, top: stripHeight }}
            >
              <DayName day={days[column.index]!} week={roomy} />
              {dayWidth >= HOURLY_DAY && (
                <Hours from={starts[column.index]!} to={starts[column.index + 1]!} zone={zone} />
              )}
              {short[column.index]! >= 1800 && (
                <span
                  className={roomy ? "roster-short" : "visually-hidden"}
                  title={t("screen.coverage.short_title")}
                >
                  {t("screen.coverage.short_by", { hours: count(short[column.index]! / 3600) })}
                </span>
              )}
            </div>
          ))}
        </div>
        {vertical.getVirtualItems().map((item) => {
          const row = rows[item.index]!;
          if (row.kind === "group")
            return (
              <div
                key={`group ${row.name}`}
                role="row"
                aria-rowindex={item.index + 2}
                className="roster-group"
                style={{ transform: `translateY(${item.start}px)`, height: ROW }}
              >
                <div role="rowheader" aria-colindex={1}>
                  {row.name || (props.noGroup ?? "")} <span className="soft">{row.size}</span>
                </div>
              </div>
            );
          const selected = between(item.index, anchor.row, cursor.row);
          return (
            <AgentRow
              key={row.agent.id}
              id={id}
              agent={row.agent}
              row={item.index}
              top={item.start}
              days={days}
              firstDay={firstDay}
              lastDay={lastDay}
              dayWidth={dayWidth}
              index={index}
              bars={bars}
              cursorDay={item.index === cursor.row ? cursor.day : -1}
              selectedFrom={selected ? Math.min(anchor.day, cursor.day) : -1}
              selectedTo={selected ? Math.max(anchor.day, cursor.day) : -2}
              fine={fine}
              starts={starts}
              now={now}
            />
          );
        })}
        {dragging.drag && (
          <Ghost
            drag={dragging.drag}
            head={head}
            starts={starts}
            dayWidth={dayWidth}
            zone={zone}
            note={props.dragNote}
            edge={(scroller.current?.scrollLeft ?? 0) + box.width}
            floor={(scroller.current?.scrollTop ?? 0) + box.height}
          />
        )}
      </div>
    </div>
  );
}

/** Room that the note of a drag may take. */
const NOTE_WIDTH = 300;
const NOTE_HEIGHT = 190;

/** The dragged shift where it would land, with what that would do. */
function Ghost(props: {
  drag: Drag;
  /** The height of what stands over the rows. */
  head: number;
  starts: number[];
  dayWidth: number;
  zone: string;
  note: ReactNode;
  /** The right and lower ends of what is in view. */
  edge: number;
  floor: number;
}) {
  const { drag, starts, dayWidth, zone } = props;
  const from = starts[drag.to.day]!;
  const length = starts[drag.to.day + 1]! - from;
  const lasts = Date.parse(drag.shift.end) - Date.parse(drag.shift.start);
  const left = AGENT + (drag.to.day + (drag.start - from) / length) * dayWidth;
  const top = props.head + drag.to.row * ROW;
  const note: CSSProperties = {
    ...(left + NOTE_WIDTH > props.edge ? { right: 0 } : { left: 0 }),
    ...(top + NOTE_HEIGHT > props.floor ? { bottom: "100%" } : { top: "100%" }),
  };
  return (
    <div
      className="roster-ghost"
      style={{
        left,
        top,
        width: (lasts / length) * dayWidth,
        height: ROW,
      }}
    >
      <div className="roster-ghost-note" style={note}>
        <strong>
          {timeOfDay(drag.start, zone)}–{timeOfDay(drag.start + lasts, zone)}
        </strong>
        {props.note}
      </div>
    </div>
  );
}

/** Computes a bar when its cell is first seen. */
class BarCache {
  private readonly made = new WeakMap<Shift, Bar>();

  constructor(
    private readonly starts: number[],
    private readonly zone: string,
    private readonly colorOf: RosterGridProps["colorOf"],
  ) {}

  of(shift: Shift, day: number): Bar {
    let bar = this.made.get(shift);
    if (!bar) {
      bar = barOf(shift, this.starts[day]!, this.starts[day + 1]!, this.zone, this.colorOf);
      this.made.set(shift, bar);
    }
    return bar;
  }
}

/** Marks every second hour; a day on which clocks change has more or fewer. */
function Hours({ from, to, zone }: { from: number; to: number; zone: string }) {
  const marks = [];
  for (let at = from + 6 * 3_600_000; at < to; at += 2 * 3_600_000)
    marks.push(
      <span key={at} className="roster-hour" style={{ left: `${((at - from) / (to - from)) * 100}%` }}>
        {timeOfDay(at, zone)}
      </span>,
    );
  return <span aria-hidden>{marks}</span>;
}

function DayName({ day, week }: { day: string; week: boolean }) {
  const at = `${day}T00:00:00Z`;
  const monday = new Date(at).getUTCDay() === 1;
  return (
    <span className="roster-day-name">
      <strong>{weekday(at, "UTC")}</strong> {day.slice(8)}.{day.slice(5, 7)}
      {week && monday && <span className="soft"> · W{isoWeek(day)}</span>}
    </span>
  );
}

interface AgentRowProps {
  id: string;
  agent: RosterAgent;
  row: number;
  top: number;
  days: string[];
  firstDay: number;
  lastDay: number;
  dayWidth: number;
  index: ShiftSource;
  bars: BarCache;
  fine: boolean;
  starts: number[];
  now: number;
  cursorDay: number;
  selectedFrom: number;
  selectedTo: number;
}

/** One agent's row; drawn anew only when what it shows changes. */
const AgentRow = memo(function AgentRow(props: AgentRowProps) {
  const { id, agent, row, top, days, firstDay, lastDay, dayWidth, index, bars } = props;
  const cells = [];
  for (let day = firstDay; day <= lastDay; day++) {
    const shift = index.at(agent.id, days[day]!);
    const classes = ["roster-cell"];
    if (day === props.cursorDay) classes.push("roster-cursor");
    if (props.starts[day + 1]! <= props.now) classes.push("roster-past");
    if (day >= props.selectedFrom && day <= props.selectedTo) classes.push("roster-selected");
    cells.push(
      <div
        key={day}
        id={`${id}-${row}-${day}`}
        role="gridcell"
        aria-colindex={day + 2}
        aria-selected={day >= props.selectedFrom && day <= props.selectedTo}
        data-cell={`${row}:${day}`}
        className={classes.join(" ")}
        style={{ left: AGENT + day * dayWidth, width: dayWidth }}
      >
        {shift && <ShiftBar shift={shift} bar={bars.of(shift, day)} dayWidth={dayWidth} fine={props.fine} />}
      </div>,
    );
  }
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      className="roster-row"
      style={{ transform: `translateY(${top}px)`, height: ROW }}
    >
      <div role="rowheader" aria-colindex={1} className="roster-agent" style={{ width: AGENT }}>
        <strong>{agent.label}</strong>
        <span>{agent.name}</span>
        {agent.tier && <span className="soft">{agent.tier.slice(0, 1).toUpperCase()}</span>}
      </div>
      {cells}
    </div>
  );
});

const TEXT_WIDTH = 74;

/** Says that a shift breaks rules, and on hover which. */
function ShiftMark({ violations, left }: { violations: NonNullable<Shift["violations"]>; left?: number }) {
  const t = useText();
  const hard = violations.some((violation) => violation.hard);
  return (
    <span
      className={hard ? "shift-mark shift-mark-hard" : "shift-mark"}
      title={violations.map((violation) => reasonText(t, violation)).join("\n")}
      style={left === undefined ? undefined : { left }}
    >
      {hard ? "▲" : "△"}
    </span>
  );
}

function ShiftBar(props: { shift: Shift; bar: Bar; dayWidth: number; fine: boolean }) {
  const { shift, bar, dayWidth, fine } = props;
  const left = bar.left * dayWidth;
  // Wishes and fairness stand in the panel; a mark says that a rule is broken.
  const broken = shift.violations?.some((violation) => violation.hard || violation.owner !== "person");
  const mark = broken && <ShiftMark violations={shift.violations!} left={fine ? left - 3 : undefined} />;
  if (fine)
    return (
      <>
        <span
          className="shift-bar shift-bar-fine"
          style={{ left, width: bar.width * dayWidth, background: bar.background }}
        />
        {mark}
        <span className="visually-hidden">{bar.text}</span>
      </>
    );
  return (
    <>
      <span
        className={shift.pinned ? "shift-text shift-pinned" : "shift-text"}
        style={{ left: Math.max(2, Math.min(left, dayWidth - TEXT_WIDTH)) }}
      >
        {mark}
        {bar.text}
      </span>
      <span className="shift-bar" style={{ left, width: bar.width * dayWidth, background: bar.background }} />
    </>
  );
}

function Legend({ service }: { service: StripData["service"] }) {
  const t = useText();
  return (
    <>
      <span className="roster-legend">
        <i className="roster-key-required" /> {t("screen.coverage.required")}
      </span>
      <span className="roster-legend">
        <i className="roster-key-scheduled" /> {t("screen.coverage.scheduled")}
      </span>
      <span className="roster-legend">
        <i className="roster-key-under" /> {t("screen.coverage.under")}
      </span>
      <span className="roster-legend">
        <i className="roster-key-over" /> {t("screen.coverage.over")}
      </span>
      {service && (
        <span className="roster-legend">
          <i className="roster-key-service" />{" "}
          {t(service.stale ? "screen.coverage.service_stale" : "screen.coverage.service")}
        </span>
      )}
    </>
  );
}

/** The names of several strips, each with its hours short and above over all days. */
function LaneNames(props: { lanes: StripLane[]; height: number; starts: number[] }) {
  const t = useText();
  const total = (days: number[]) => days.reduce((sum, day) => sum + day, 0);
  return (
    <div className="roster-lane-names">
      <ul className="roster-lanes">
        {props.lanes.map((lane) => (
          <li key={lane.key} style={{ height: props.height }}>
            <span title={lane.name}>{lane.name}</span>
            <span className="soft">{lane.detail}</span>
            <span className="roster-lane-hours" title={t("screen.coverage.lane_hours")}>
              {signText(total(shortage(lane.data, props.starts)), total(surplus(lane.data, props.starts)))}
            </span>
          </li>
        ))}
      </ul>
      <div className="roster-lanes-key">
        <span className="roster-legend">
          <i className="roster-key-under" /> − {t("screen.coverage.under")}
        </span>
        <span className="roster-legend">
          <i className="roster-key-over" /> + {t("screen.coverage.over")}
        </span>
        <span className="soft">h</span>
      </div>
    </div>
  );
}
