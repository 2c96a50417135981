import {
  type ClipboardEvent,
  type KeyboardEvent,
  memo,
  type MouseEvent,
  type ReactNode,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import {
  area,
  clamp,
  type GridColumn,
  type GridEdit,
  type GridRow,
  moved,
  parseFigure,
  pasted,
  type Place,
  selectionText,
} from "./model";
import "./edit-grid.css";

export interface EditGridProps {
  label: string;
  /** What stands above the names of the rows. */
  corner: ReactNode;
  columns: GridColumn[];
  rows: GridRow[];
  height: number;
  /** Rows above this one stay in view. */
  frozen?: number;
  /** Figures that were typed or pasted; the caller makes them so. */
  onEdit?: (edits: GridEdit[]) => void;
  /** Some of what was pasted did not fit: no figure, or not to be changed. */
  onRefused?: (cells: number) => void;
  onUndo?: () => void;
  onRedo?: () => void;
  /** Hears where the cursor went. */
  onCursor?: (at: Place) => void;
}

const HEAD_HEIGHT = 40;
const ROW_HEIGHT = 26;

/**
 * A table of figures that is edited like a spreadsheet: arrows move, Shift
 * selects, Enter or a digit edits, Ctrl+C and Ctrl+V exchange with Excel,
 * Ctrl+Z and Ctrl+Y undo and redo. The table keeps the focus and names the
 * current cell.
 */
export function EditGrid(props: EditGridProps) {
  const { rows, columns, frozen = 0 } = props;
  const id = useId();
  const table = useRef<HTMLTableElement>(null);
  const [cursorAt, setCursor] = useState<Place>(() => firstEditable(rows));
  const [anchorAt, setAnchor] = useState<Place>(cursorAt);
  const [typed, setTyped] = useState<string>();
  const cursor = clamp(cursorAt, rows.length, columns.length);
  const anchor = clamp(anchorAt, rows.length, columns.length);
  const selected = area(anchor, cursor);
  const scroller = useRef<HTMLDivElement>(null);

  const go = (to: Place, extend: boolean) => {
    setCursor(to);
    props.onCursor?.(to);
    if (!extend) setAnchor(to);
    scrollTo(scroller.current, document.getElementById(`${id}-${to.row}-${to.col}`), to.row < frozen);
  };
  const editing = useRef(false);
  const begin = (text?: string) => {
    const cell = rows[cursor.row]?.cells[cursor.col];
    if (!cell?.editable) return;
    editing.current = true;
    setTyped(text ?? String(cell.value ?? ""));
  };
  const finish = (keep: boolean, next?: Place) => {
    // Taking the focus back makes the field lose it, which must not finish twice.
    if (!editing.current) return;
    editing.current = false;
    const value = keep && typed !== undefined ? parseFigure(typed) : undefined;
    const cell = rows[cursor.row]?.cells[cursor.col];
    setTyped(undefined);
    if (value !== undefined && cell && value !== cell.value) props.onEdit?.([{ ...cursor, value }]);
    if (next) go(clamp(next, rows.length, columns.length), false);
    table.current?.focus({ preventScroll: true });
  };
  const onEditKey = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Enter") finish(true, { ...cursor, row: cursor.row + (event.shiftKey ? -1 : 1) });
    else if (event.key === "Tab") finish(true, { ...cursor, col: cursor.col + (event.shiftKey ? -1 : 1) });
    else if (event.key === "Escape") finish(false);
    else return;
    event.preventDefault();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const to = moved(cursor, event.key, rows.length, columns.length, 12);
    if (control && key === "z" && !event.shiftKey) props.onUndo?.();
    else if (control && (key === "y" || (key === "z" && event.shiftKey))) props.onRedo?.();
    else if (control || event.altKey) return;
    else if (to) go(to, event.shiftKey);
    else if (event.key === "Enter" || event.key === "F2") begin();
    else if (/^[\d.]$/.test(event.key)) begin(event.key);
    else return;
    event.preventDefault();
  };
  const onCopy = (event: ClipboardEvent) => {
    if (typed !== undefined) return;
    event.clipboardData.setData("text/plain", selectionText(rows, anchor, cursor));
    event.preventDefault();
  };
  const onPaste = (event: ClipboardEvent) => {
    if (typed !== undefined) return;
    event.preventDefault();
    const { edits, refused } = pasted(rows, anchor, cursor, event.clipboardData.getData("text/plain"));
    if (refused > 0) props.onRefused?.(refused);
    if (edits.length > 0) props.onEdit?.(edits);
  };
  const onMouseDown = (event: MouseEvent) => {
    const cell = (event.target as Element).closest<HTMLElement>("[data-cell]");
    const [row, col] = cell?.dataset.cell?.split(":").map(Number) ?? [];
    if (row === undefined || col === undefined || typed !== undefined) return;
    setCursor({ row, col });
    props.onCursor?.({ row, col });
    if (event.shiftKey) event.preventDefault();
    else setAnchor({ row, col });
  };

  return (
    <div className="edit-grid-scroll" ref={scroller} style={{ maxHeight: props.height }}>
      <table
        ref={table}
        className="edit-grid"
        role="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable
        aria-activedescendant={`${id}-${cursor.row}-${cursor.col}`}
        onKeyDown={onKeyDown}
        onCopy={onCopy}
        onPaste={onPaste}
        onMouseDown={onMouseDown}
        onDoubleClick={() => begin()}
      >
        <thead>
          <tr>
            <th scope="col">{props.corner}</th>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={column.className}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => {
            const inside = index >= selected.top && index <= selected.bottom;
            return (
              <Row
                key={row.key}
                id={id}
                row={row}
                index={index}
                columns={columns}
                top={index < frozen ? HEAD_HEIGHT + index * ROW_HEIGHT : undefined}
                last={index === frozen - 1}
                cursor={index === cursor.row ? cursor.col : -1}
                from={inside ? selected.left : -1}
                to={inside ? selected.right : -2}
                typed={index === cursor.row ? typed : undefined}
                onType={setTyped}
                onEditKey={index === cursor.row ? onEditKey : undefined}
                onLeave={index === cursor.row ? () => finish(true) : undefined}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function firstEditable(rows: GridRow[]): Place {
  for (const [row, { cells }] of rows.entries()) {
    const col = cells.findIndex((cell) => cell.editable);
    if (col >= 0) return { row, col };
  }
  return { row: 0, col: 0 };
}

/** Brings a cell out from under the head and the names, and into view. */
function scrollTo(box: HTMLElement | null, cell: HTMLElement | null, frozen: boolean): void {
  if (!box || !cell) return;
  const outer = box.getBoundingClientRect();
  const inner = cell.getBoundingClientRect();
  const names = box.querySelector("tbody th")?.getBoundingClientRect().width ?? 0;
  const head = box.querySelector("thead")?.getBoundingClientRect().height ?? 0;
  const held = box.querySelectorAll(".edit-grid-frozen").length * ROW_HEIGHT;
  if (inner.left < outer.left + names) box.scrollLeft -= outer.left + names - inner.left;
  else if (inner.right > outer.right) box.scrollLeft += inner.right - outer.right + 4;
  if (frozen) return;
  if (inner.top < outer.top + head + held) box.scrollTop -= outer.top + head + held - inner.top;
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom + 4;
}

interface RowProps {
  id: string;
  row: GridRow;
  index: number;
  columns: GridColumn[];
  /** Distance from the top at which a frozen row stays. */
  top: number | undefined;
  last: boolean;
  cursor: number;
  from: number;
  to: number;
  typed: string | undefined;
  onType: (text: string) => void;
  onEditKey: ((event: KeyboardEvent) => void) | undefined;
  onLeave: (() => void) | undefined;
}

/** What decides how a row looks; the handlers of rows without the cursor never change. */
function sameRow(a: RowProps, b: RowProps): boolean {
  return (
    a.row === b.row &&
    a.columns === b.columns &&
    a.top === b.top &&
    a.cursor === b.cursor &&
    a.from === b.from &&
    a.to === b.to &&
    a.cursor === -1
  );
}

const Row = memo(function Row(props: RowProps) {
  const { id, row, index, columns, cursor, typed } = props;
  const classes = [row.className ?? ""];
  if (props.top !== undefined) classes.push("edit-grid-frozen");
  if (props.last) classes.push("edit-grid-last-frozen");
  const held = props.top === undefined ? undefined : { top: props.top };
  return (
    <tr className={classes.join(" ").trim() || undefined}>
      <th scope="row" style={held}>
        {row.name}
      </th>
      {row.cells.map((cell, col) => {
        const names = [cell.className ?? ""];
        if (cell.editable) names.push("edit-grid-editable");
        if (col === cursor) names.push("edit-grid-cursor");
        if (col >= props.from && col <= props.to) names.push("edit-grid-selected");
        return (
          <td
            key={columns[col]?.key ?? col}
            id={`${id}-${index}-${col}`}
            data-cell={`${index}:${col}`}
            className={names.join(" ").trim() || undefined}
            aria-selected={col >= props.from && col <= props.to}
            aria-readonly={!cell.editable}
            style={held}
          >
            {col === cursor && typed !== undefined ? (
              <Editor
                label={row.label}
                text={typed}
                onType={props.onType}
                onKey={props.onEditKey!}
                onLeave={props.onLeave!}
              />
            ) : (
              cell.text
            )}
          </td>
        );
      })}
    </tr>
  );
}, sameRow);

function Editor(props: {
  label: string;
  text: string;
  onType: (text: string) => void;
  onKey: (event: KeyboardEvent) => void;
  onLeave: () => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    input.current?.focus({ preventScroll: true });
  }, []);
  return (
    <input
      ref={input}
      className="edit-grid-input"
      aria-label={props.label}
      inputMode="decimal"
      value={props.text}
      onChange={(event) => props.onType(event.target.value)}
      onKeyDown={props.onKey}
      onBlur={props.onLeave}
    />
  );
}
