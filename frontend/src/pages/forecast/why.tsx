import { Button, Checkbox, Drawer } from "antd";
import { useState } from "react";
import type { BacktestRow, Correction, Forecast, QueueExplain } from "../../api/models";
import { DataTable } from "../../components/data-table";
import { count, NONE, percent } from "../../format/number";
import { dateLabel, dateTime, weekday } from "../../format/time";
import { type Text, useText } from "../../text/text";
import "./why.css";

/** The reasoning for one queue of a version. */
export function explainOf(forecast: Forecast, queueId: string | undefined): QueueExplain | undefined {
  return forecast.explain.queues?.find((queue) => queue.queue_id === queueId);
}

/** The rows of the methods that were chosen, one per lead. */
export function chosenRows(explain: QueueExplain | undefined): BacktestRow[] {
  return explain?.backtest?.filter((row) => row.chosen) ?? [];
}

/** A lead as the engine names it ("weeks 3-4"), in the reader's language. */
export function leadText(t: Text, lead: string): string {
  const [, unit, range] = /^(day|weeks?) (.+)$/.exec(lead) ?? [];
  if (!unit || !range) return lead;
  return t(unit === "day" ? "screen.lead.day" : "screen.lead.week", { range: range.replace("-", "–") });
}

type Note = Correction["why"];

/** The first Sunday of 1970, from which the engine's weekdays (0 = Sunday) are counted. */
const SUNDAY = Date.UTC(1970, 0, 4);
const DAY = 86_400_000;

/** What the engine wants told, written for the reader: numbers, dates and lists of weekdays. */
function noteParams(note: Note): Record<string, string> {
  const text = (value: unknown): string => {
    if (typeof value === "number")
      return count(value, Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0);
    if (Array.isArray(value))
      return value.map((day) => weekday(SUNDAY + Number(day) * DAY, "UTC")).join(", ");
    const words = String(value);
    return /^\d{4}-\d\d-\d\d$/.test(words) ? dateLabel(`${words}T00:00:00Z`, "UTC") : words;
  };
  return Object.fromEntries(Object.entries(note.params ?? {}).map(([name, value]) => [name, text(value)]));
}

/** Why a correction was made, in the reader's language; versions made before reasons had codes keep their English. */
export function fixText(t: Text, fix: Correction): string {
  return t.of(`screen.fix.${fix.why?.code}`, fix.detail, fix.why && noteParams(fix.why));
}

/** What the engine says of the whole queue; methods, effects and corrections have their own places. */
export function noteTexts(t: Text, explain: QueueExplain): string[] {
  return (explain.notes ?? [])
    .map((note) => t.of(`screen.note.${note.code}`, "", noteParams(note)))
    .filter((text) => text !== "");
}

/** Why a lead's method was preferred; empty for versions made before reasons had codes. */
function preferredText(t: Text, explain: QueueExplain, lead: string): string {
  const why = explain.choices?.find((choice) => choice.lead === lead)?.why;
  return why ? t.of(`screen.choice.${why.code}`, "", noteParams(why)) : "";
}

/** Why a lead's method was chosen, in the reader's language. */
function choiceText(t: Text, row: BacktestRow, all: BacktestRow[]): string {
  const plain = all.find((other) => other.lead === row.lead && other.method === "mean8");
  return t("screen.why.choice", {
    lead: leadText(t, row.lead),
    method: t.of(`screen.method.${row.method}`, row.method),
    origins: row.origins,
    wape: percent(row.wape),
    plain: percent(plain?.wape),
    floor: percent(row.floor),
  });
}

/** The forecast's quality in one line; a click opens the reasons. */
export function WhyButton({ explain, onOpen }: { explain: QueueExplain | undefined; onOpen: () => void }) {
  const t = useText();
  const [first] = chosenRows(explain);
  if (!explain || !first) return null;
  return (
    <button type="button" className="plain why-button" onClick={onOpen} aria-haspopup="dialog">
      {t("screen.forecast.wape_day")} <strong>{percent(first.day_wape)}</strong>
      {" · "}
      {t("screen.forecast.bias")} <strong>{percent(first.bias)}</strong>
      {" · "}
      {t.of(`screen.method.${first.method}`, first.method)}
    </button>
  );
}

/** Everything behind a queue's figures: method per lead, back-test, effects, corrections. */
export function WhyPanel(props: {
  forecast: Forecast;
  explain: QueueExplain;
  queueName: string;
  onClose: () => void;
  /** Forecasts again without some corrections; absent where that is not allowed. */
  onRefuse?: (ids: string[]) => void;
}) {
  const t = useText();
  const { forecast, explain } = props;
  const backtest = explain.backtest ?? [];
  return (
    <Drawer
      open
      size={900}
      title={t("screen.why.title", { queue: props.queueName })}
      onClose={props.onClose}
      className="why-panel"
    >
      <h3>{t("screen.why.methods")}</h3>
      <ul className="why-list">
        {chosenRows(explain).map((row) => (
          <li key={row.lead}>
            {choiceText(t, row, backtest)} {preferredText(t, explain, row.lead)}
          </li>
        ))}
        {noteTexts(t, explain).map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <h3>{t("screen.why.backtest")}</h3>
      <p className="soft">{t("screen.why.backtest_help")}</p>
      <Backtest rows={backtest} />
      <h3>{t("screen.why.effects")}</h3>
      <Effects explain={explain} />
      <h3>{t("screen.why.corrections")}</h3>
      <Corrections
        corrections={explain.corrections ?? []}
        refused={forecast.settings.refused ?? []}
        zone={forecast.zone}
        onRefuse={props.onRefuse}
      />
    </Drawer>
  );
}

function Backtest({ rows }: { rows: BacktestRow[] }) {
  const t = useText();
  const tried = rows.filter((row) => row.wape !== null);
  const right = { align: "right" as const };
  return (
    <DataTable<BacktestRow>
      rowKey={(row) => `${row.lead} ${row.method}`}
      dataSource={tried}
      rowClassName={(row) => (row.chosen ? "why-chosen" : "")}
      columns={[
        {
          title: t("screen.forecast.lead"),
          render: (_, row) => leadText(t, row.lead),
          onCell: (row, index = 0) => {
            const first = tried.findIndex((other) => other.lead === row.lead);
            return { rowSpan: first === index ? tried.filter((other) => other.lead === row.lead).length : 0 };
          },
        },
        {
          title: t("screen.forecast.method"),
          render: (_, row) => (
            <>
              {t.of(`screen.method.${row.method}`, row.method)}
              {row.chosen && <strong> ✓ {t("screen.why.chosen")}</strong>}
            </>
          ),
        },
        { title: t("screen.forecast.wape_day"), ...right, render: (_, row) => percent(row.day_wape) },
        { title: t("screen.forecast.wape_interval"), ...right, render: (_, row) => percent(row.wape) },
        { title: t("screen.forecast.floor"), ...right, render: (_, row) => percent(row.floor) },
        { title: t("screen.forecast.bias"), ...right, render: (_, row) => percent(row.bias) },
        { title: "MASE", ...right, render: (_, row) => count(row.mase, 2) },
        { title: t("screen.why.origins"), ...right, render: (_, row) => count(row.origins) },
      ]}
    />
  );
}

function Effects({ explain }: { explain: QueueExplain }) {
  const t = useText();
  const effects = explain.effects ?? [];
  if (effects.length === 0) return <p className="soft">{t("screen.why.no_effects")}</p>;
  return (
    <ul className="why-list">
      {effects.map((effect) => (
        <li key={effect.name}>
          {t("screen.why.effect", {
            name: effect.name,
            factor: count(effect.factor, 2),
            days: count(effect.days),
          })}
        </li>
      ))}
    </ul>
  );
}

/** What the history was cleaned of; a planner who knows better refuses it. */
function Corrections(props: {
  corrections: Correction[];
  refused: string[];
  zone: string;
  onRefuse?: (ids: string[]) => void;
}) {
  const t = useText();
  const { corrections, zone } = props;
  const [marked, setMarked] = useState<string[]>([]);
  const known = corrections.length > 0;
  return (
    <>
      {!known && <p className="soft">{t("screen.why.no_corrections")}</p>}
      {props.refused.length > 0 && (
        <p className="soft">{t("screen.why.refused", { count: props.refused.length })}</p>
      )}
      {known && (
        <DataTable<Correction>
          rowKey="id"
          dataSource={corrections}
          columns={[
            ...(props.onRefuse
              ? [
                  {
                    title: t("screen.why.refuse"),
                    key: "refuse",
                    render: (_: unknown, c: Correction) => (
                      <Checkbox
                        aria-label={`${t("screen.why.refuse")}: ${fixText(t, c)}`}
                        checked={marked.includes(c.id)}
                        onChange={(event) =>
                          setMarked(
                            event.target.checked ? [...marked, c.id] : marked.filter((id) => id !== c.id),
                          )
                        }
                      />
                    ),
                  },
                ]
              : []),
            { title: t("screen.why.kind"), render: (_, c) => t.of(`screen.correction.${c.kind}`, c.kind) },
            { title: t("screen.why.from"), render: (_, c) => dateTime(c.from, zone) },
            { title: t("screen.why.to"), render: (_, c) => dateTime(c.to, zone) },
            { title: t("screen.why.before"), align: "right", render: (_, c) => count(c.before, 1) },
            {
              title: t("screen.why.after"),
              align: "right",
              render: (_, c) => (c.after === null ? NONE : count(c.after, 1)),
            },
            { title: t("screen.why.detail"), render: (_, c) => fixText(t, c) },
          ]}
        />
      )}
      {known && props.onRefuse && (
        <Button
          disabled={marked.length === 0}
          style={{ marginTop: 8 }}
          onClick={() => props.onRefuse?.([...props.refused, ...marked])}
        >
          {t("screen.why.again", { count: marked.length })}
        </Button>
      )}
    </>
  );
}
