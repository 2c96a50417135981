import { useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import type { Queue, Scenario, WhatIf, WhatIfFigures } from "../../api/models";
import { outcomeQuery } from "../../api/queries";
import { DataTable } from "../../components/data-table";
import { Block } from "../../components/page-header";
import { Loaded } from "../../components/states";
import { count, money, NONE, percent } from "../../format/number";
import { useText } from "../../text/text";
import { type ComparedLine, compareOption, compareRows } from "./compare-option";
import { changeText, figures, figureText, numberOf } from "./figures";

const Chart = lazy(() => import("../../components/chart/chart").then((m) => ({ default: m.Chart })));

/** A scenario beside its base, from volume through people to cost. */
export function Outcome({ scenario, queues }: { scenario: Scenario; queues: Queue[] }) {
  const outcome = useQuery(outcomeQuery(scenario.id, scenario.edition));
  return (
    <Loaded query={outcome} skeleton={<div className="skeleton" style={{ height: 420 }} />}>
      {(found) => <OutcomeView found={found} name={scenario.name} queues={queues} />}
    </Loaded>
  );
}

function OutcomeView({ found, name, queues }: { found: WhatIf; name: string; queues: Queue[] }) {
  const t = useText();
  return (
    <>
      <div className="outcome-columns">
        <Totals found={found} />
        <DayChart found={found} name={name} />
      </div>
      <Queues found={found} queues={queues} />
      {(found.notes ?? []).map((note) => (
        <p key={note} className="soft">
          {note}
        </p>
      ))}
      <p className="soft">{t("screen.scenario.fte_is", { hours: count(found.week_hours, 1) })}</p>
    </>
  );
}

function Totals({ found }: { found: WhatIf }) {
  const t = useText();
  const right = { align: "right" as const };
  const shown = figures.filter(({ key }) => key !== "cost" || found.base.cost || found.scenario.cost);
  return (
    <Block flush title={t("screen.scenario.totals")}>
      <DataTable<(typeof figures)[number]>
        rowKey="key"
        dataSource={shown}
        columns={[
          { title: t("screen.measure.name"), render: (_, f) => t(f.name) },
          {
            title: t("screen.scenario.base"),
            ...right,
            render: (_, f) => figureText(found.base, f.key, f.digits),
          },
          {
            title: t("screen.scenario.changed"),
            ...right,
            render: (_, f) => <strong>{figureText(found.scenario, f.key, f.digits)}</strong>,
          },
          {
            title: t("screen.scenario.difference"),
            ...right,
            render: (_, f) => changeText(found.base, found.scenario, f.key, f.digits),
          },
        ]}
      />
    </Block>
  );
}

const charted = ["volume", "roster_hours", "fte"] as const;

function DayChart({ found, name }: { found: WhatIf; name: string }) {
  const t = useText();
  const [key, setKey] = useState<(typeof charted)[number]>("volume");
  const days = useMemo(() => found.days ?? [], [found.days]);
  const label = t(figures.find((f) => f.key === key)!.name);
  const [base, changed] = [t("screen.scenario.base"), t("screen.scenario.changed")];
  const lines: ComparedLine[] = useMemo(
    () => [
      { name: base, kind: "base", values: days.map((day) => numberOf(day.base, key)) },
      { name: changed, kind: "changed", values: days.map((day) => numberOf(day.scenario, key)) },
    ],
    [days, key, base, changed],
  );
  const dates = useMemo(() => days.map((day) => day.day), [days]);
  const option = useMemo(() => compareOption(dates, label, lines), [dates, label, lines]);
  return (
    <Block
      title={t("screen.scenario.by_day")}
      extra={
        <Segmented
          aria-label={t("screen.measure.name")}
          value={key}
          onChange={setKey}
          options={charted.map((k) => ({ value: k, label: t(figures.find((f) => f.key === k)!.name) }))}
        />
      }
    >
      <Suspense fallback={<div className="skeleton" style={{ height: 240 }} />}>
        <Chart
          option={option}
          height={210}
          name={`scenario-${name}`}
          label={t("screen.scenario.chart_label", { name, measure: label })}
          rows={() => compareRows(dates, lines)}
        />
      </Suspense>
    </Block>
  );
}

/** A line of the table by queue: the queue itself, or a tier of it. */
interface Line {
  key: string;
  queue: string;
  tier?: string;
  share?: number;
  volume?: [number, number];
  hours: [number, number];
  fte?: [number, number];
  cost: [WhatIfFigures["cost"], WhatIfFigures["cost"]];
}

function Queues({ found, queues }: { found: WhatIf; queues: Queue[] }) {
  const t = useText();
  const right = { align: "right" as const };
  const lines: Line[] = (found.queues ?? []).flatMap((q) => {
    const queue = queues.find((known) => known.id === q.queue_id)?.name ?? NONE;
    return [
      {
        key: q.queue_id,
        queue,
        volume: [q.base.volume, q.scenario.volume],
        hours: [q.base.roster_hours, q.scenario.roster_hours],
        fte: [q.base.fte, q.scenario.fte],
        cost: [q.base.cost, q.scenario.cost],
      } satisfies Line,
      ...(q.tiers ?? []).map((tier): Line => ({
        key: `${q.queue_id} ${tier.tier}`,
        queue: "",
        tier: tier.tier,
        share: tier.share,
        hours: [tier.base_hours, tier.scenario_hours],
        cost: [tier.base_cost, tier.scenario_cost],
      })),
    ];
  });
  const arrow = (pair: [number, number] | undefined, digits = 0) =>
    pair ? (
      <>
        {count(pair[0], digits)} → <strong>{count(pair[1], digits)}</strong>
      </>
    ) : (
      ""
    );
  const amount = (value: WhatIfFigures["cost"]) => (value ? money(value.value, value.currency) : NONE);
  const priced = lines.some((line) => line.cost[0] || line.cost[1]);
  return (
    <Block flush title={t("screen.scenario.by_queue")}>
      <DataTable<Line>
        rowKey="key"
        dataSource={lines}
        columns={[
          { title: t("screen.forecast.queue"), render: (_, line) => <strong>{line.queue}</strong> },
          {
            title: t("screen.people.tier"),
            render: (_, line) =>
              line.tier && `${t.of(`screen.tier.${line.tier}`, line.tier)} · ${percent(line.share)}`,
          },
          { title: t("screen.scenario.volume"), ...right, render: (_, line) => arrow(line.volume) },
          { title: t("screen.staffing.roster_hours"), ...right, render: (_, line) => arrow(line.hours) },
          { title: t("screen.scenario.fte"), ...right, render: (_, line) => arrow(line.fte, 1) },
          ...(priced
            ? [
                {
                  title: t("screen.scenario.cost"),
                  key: "cost",
                  ...right,
                  render: (_: unknown, line: Line) => (
                    <>
                      {amount(line.cost[0])} → <strong>{amount(line.cost[1])}</strong>
                    </>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Block>
  );
}
