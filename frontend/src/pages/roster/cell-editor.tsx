import { Button, Input, type InputRef } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import type { BoardTemplate, CellEdit } from "../../api/models";
import type { CellRef } from "../../components/roster-grid/roster-grid";
import { timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import { type BoardAgent, templateName } from "./board";
import { JudgementNote } from "./judgement";
import type { Judgement } from "./use-check";

/** The cell that is being edited and where it stands on the screen. */
export interface OpenCell {
  cell: CellRef;
  box: DOMRect;
  typed: string;
}

const WIDTH = 320;
const HEIGHT = 330;

/** Minutes of the day as HH:MM. */
const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60) % 24).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/**
 * What a cell shall hold: written as planners write it, or picked by shift type
 * and start. The judgement follows every change; Enter stores, Escape leaves.
 */
export function CellEditor(props: {
  open: OpenCell;
  zone: string;
  templates: BoardTemplate[];
  judgement: Judgement | undefined;
  ask: (cells: CellEdit[] | undefined) => void;
  store: (cells: CellEdit[]) => void;
  close: () => void;
}) {
  const t = useText();
  const { open, zone, ask, close } = props;
  const { agent, day, shift } = open.cell;
  const now = shift ? `${timeOfDay(shift.start, zone)}-${timeOfDay(shift.end, zone)}` : "";
  const [text, setText] = useState(open.typed || now);
  const input = useRef<InputRef>(null);
  useEffect(() => input.current?.focus({ cursor: open.typed ? "end" : "all" }), [open]);
  const cells = useMemo(
    (): CellEdit[] => [{ agent_id: agent.id, day, text: text.trim() }],
    [agent.id, day, text],
  );
  useEffect(() => {
    if (text.trim() === now) return ask(undefined);
    const timer = setTimeout(() => ask(cells), 120);
    return () => clearTimeout(timer);
  }, [cells, text, now, ask]);

  const own = (agent as BoardAgent).templates.map((k) => props.templates[k]!).filter(Boolean);
  const kinds = [...new Map(own.map((template) => [templateName(template.id), template])).values()];
  const written = /(\d{1,2}:\d{2})/.exec(text)?.[1];
  const kind =
    kinds.find((template) => text.toLowerCase().startsWith(templateName(template.id))) ??
    kinds.find((template) => template.id === shift?.template) ??
    kinds[0];
  const family = own.filter((template) => kind && templateName(template.id) === templateName(kind.id));
  const starts = family.flatMap((template) => {
    const list = [];
    for (let at = template.start_from; at <= template.start_to; at += template.start_step) list.push(at);
    return list;
  });
  const left = Math.max(8, Math.min(open.box.left, window.innerWidth - WIDTH - 8));
  const below = open.box.bottom + HEIGHT < window.innerHeight;
  const store = () => (text.trim() === now ? close() : props.store(cells));
  return (
    <div
      role="dialog"
      aria-label={t("screen.roster.edit_cell", { agent: agent.label, day })}
      className="cell-editor"
      style={{
        left,
        width: WIDTH,
        ...(below ? { top: open.box.bottom + 2 } : { bottom: window.innerHeight - open.box.top + 2 }),
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
        else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) store();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <p className="cell-editor-head">
        <strong>{agent.label}</strong> {agent.name} · {day}
      </p>
      <Input
        ref={input}
        value={text}
        aria-label={t("screen.roster.cell_text")}
        placeholder={t("screen.roster.cell_hint")}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="cell-editor-kinds" role="group" aria-label={t("screen.roster.shift_type")}>
        {kinds.map((template) => (
          <Button
            key={template.id}
            size="small"
            type={template === kind && text !== "off" ? "primary" : "default"}
            onClick={() => setText(`${templateName(template.id)} ${clock(template.start_from)}`)}
          >
            {templateName(template.id)}
          </Button>
        ))}
        <Button size="small" type={text === "off" ? "primary" : "default"} onClick={() => setText("off")}>
          {t("screen.roster.off")}
        </Button>
      </div>
      <div className="cell-editor-starts" role="group" aria-label={t("screen.roster.start")}>
        {starts.slice(0, 28).map((at) => (
          <button
            key={at}
            type="button"
            className={clock(at) === written ? "plain start-chosen" : "plain"}
            onClick={() => setText(`${templateName(kind!.id)} ${clock(at)}`)}
          >
            {clock(at)}
          </button>
        ))}
      </div>
      <div aria-live="polite" className="cell-editor-note">
        {text.trim() !== now && <JudgementNote judgement={props.judgement} />}
      </div>
      <div className="cell-editor-actions">
        <span className="soft">{t("screen.roster.editor_keys")}</span>
        <Button size="small" type="primary" onClick={store}>
          {t("screen.roster.store")}
        </Button>
      </div>
    </div>
  );
}
