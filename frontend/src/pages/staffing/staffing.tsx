import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Segmented, Select } from "antd";
import { type ReactNode, useMemo, useState } from "react";
import type { Forecast, Plan, Queue, QueueSetting } from "../../api/models";
import { forecastsQuery, planPointsQuery, plansQuery, queuesQuery } from "../../api/queries";
import { useClients, useFrame, usePageFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { EditGrid } from "../../components/edit-grid/edit-grid";
import type { Place } from "../../components/edit-grid/model";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded } from "../../components/states";
import { count, NONE, percent } from "../../format/number";
import { addDays, dateLabel, dayOf, daysBetween, duration } from "../../format/time";
import { useText } from "../../text/text";
import { mondayOf } from "../forecast/versions";
import { Capacity } from "./capacity";
import { NewPlanDialog } from "./new-plan";
import { planCells, planGrid, type PlanMeasure, planMeasures } from "./plan-grid";
import { Reason } from "./reason";
import { Tiers } from "./tiers";
import "./staffing.css";

/** What the forecasts need: agents per interval now, people per month ahead. */
export default function StaffingPage() {
  const t = useText();
  const session = useSession();
  const [view, setView] = useState<"intervals" | "months">("intervals");
  const tabs = can(session, "staffing", "edit") && (
    <Segmented
      aria-label={t("screen.staffing.view")}
      value={view}
      onChange={(next: "intervals" | "months") => setView(next)}
      options={[
        { value: "intervals", label: t("screen.staffing.by_interval") },
        { value: "months", label: t("screen.staffing.by_month") },
      ]}
    />
  );
  return view === "months" ? <Capacity tabs={tabs} /> : <Plans tabs={tabs} />;
}

/** Agents per interval, and the goal that decided. */
function Plans({ tabs }: { tabs: ReactNode }) {
  const t = useText();
  const session = useSession();
  const { clientId } = useFrame();
  const plans = useQuery(plansQuery({ client: clientId }));
  const forecasts = useQuery(forecastsQuery(clientId));
  const [planning, setPlanning] = useState(false);
  const navigate = useNavigate();
  const show = (version: string) =>
    void navigate({ to: ".", search: (old) => ({ ...old, version }), replace: true });
  const compute = can(session, "staffing", "edit") && (
    <Button type="primary" onClick={() => setPlanning(true)}>
      {t("screen.staffing.compute")}
    </Button>
  );
  const action = (
    <>
      {tabs}
      {compute}
    </>
  );
  return (
    <>
      <Loaded query={{ ...plans, data: forecasts.data && plans.data }}>
        {(list) =>
          list.length === 0 ? (
            <>
              <PageHeader title={t("screen.page.staffing")} actions={tabs} />
              <EmptyView
                title={t("screen.staffing.none")}
                advice={t("screen.staffing.none_advice")}
                action={compute}
              />
            </>
          ) : (
            <PlanView
              key={clientId ?? "all"}
              plans={list}
              forecasts={forecasts.data ?? []}
              action={action}
              onShow={show}
            />
          )
        }
      </Loaded>
      {planning && (
        <NewPlanDialog forecasts={forecasts.data ?? []} onClose={() => setPlanning(false)} onDone={show} />
      )}
    </>
  );
}

function PlanView(props: {
  plans: Plan[];
  forecasts: Forecast[];
  action: ReactNode;
  onShow: (id: string) => void;
}) {
  const t = useText();
  const clients = useClients();
  const { plans, forecasts } = props;
  const { version } = useSearch({ from: "__root__" });
  const plan = plans.find((p) => p.id === version) ?? plans[0]!;
  const forecast = forecasts.find((f) => f.id === plan.forecast_id);
  const queues = useQuery(queuesQuery(plan.client_id));
  // Empty: all queues together; nothing chosen yet: the first.
  const [queueId, setQueueId] = useState<string>();
  const settings = plan.settings.queues ?? [];
  const setting = queueId === "" ? undefined : (settings.find((s) => s.queue_id === queueId) ?? settings[0]);
  const zone = forecast?.zone ?? "UTC";
  const label = (p: Plan) => {
    const f = forecasts.find((v) => v.id === p.forecast_id);
    return [
      clients.name(p.client_id),
      t("screen.staffing.plan", { version: p.version }),
      f && t("screen.staffing.of_forecast", { version: f.version }),
    ]
      .filter(Boolean)
      .join(" · ");
  };
  return (
    <>
      <PageHeader
        title={t("screen.page.staffing")}
        facts={
          <>
            <Select
              aria-label={t("screen.staffing.plan_label")}
              value={plan.id}
              popupMatchSelectWidth={false}
              onChange={(id) => {
                setQueueId(undefined);
                props.onShow(id);
              }}
              options={plans.map((p) => ({ value: p.id, label: label(p) }))}
            />
            {forecast && (
              <Fact name={t("screen.forecast.horizon")}>
                {dateLabel(forecast.start_at, zone)} – {dateLabel(Date.parse(forecast.end_at) - 1, zone)}
              </Fact>
            )}
            <Fact name={t("screen.staffing.staffed_to")}>
              {plan.settings.quantile
                ? t("screen.staffing.quantile", { share: percent(plan.settings.quantile) })
                : t("screen.staffing.mean")}
            </Fact>
            <Fact name={t("screen.staffing.roster_hours")}>
              {count(settings.reduce((sum, s) => sum + s.roster_hours, 0))}
            </Fact>
          </>
        }
        actions={props.action}
      />
      <QueueBlock
        settings={settings}
        queues={queues.data ?? []}
        chosen={setting?.queue_id}
        onChoose={(id) => setQueueId(id ?? "")}
      />
      {forecast && (
        <Requirement
          key={plan.id}
          plan={plan}
          forecast={forecast}
          zone={zone}
          setting={setting}
          queueName={queues.data?.find((q) => q.id === setting?.queue_id)?.name}
        />
      )}
    </>
  );
}

/** How each queue was planned, and what it comes to. */
function QueueBlock(props: {
  settings: QueueSetting[];
  queues: Queue[];
  chosen: string | undefined;
  onChoose: (id: string | undefined) => void;
}) {
  const t = useText();
  const right = { align: "right" as const };
  const name = (id: string) => props.queues.find((queue) => queue.id === id)?.name ?? NONE;
  return (
    <Block flush title={t("screen.staffing.queues")}>
      <DataTable<QueueSetting>
        rowKey="queue_id"
        dataSource={props.settings}
        rowClassName={(s) => (s.queue_id === props.chosen ? "plan-chosen" : "")}
        columns={[
          {
            title: t("screen.forecast.queue"),
            render: (_, s) => (
              <Button
                type="link"
                aria-pressed={s.queue_id === props.chosen}
                onClick={() => props.onChoose(s.queue_id === props.chosen ? undefined : s.queue_id)}
              >
                {name(s.queue_id)}
              </Button>
            ),
          },
          {
            title: t("screen.staffing.roster_hours"),
            ...right,
            render: (_, s) => <strong>{count(s.roster_hours)}</strong>,
          },
          { title: t("screen.staffing.kind"), render: (_, s) => t.of(`screen.work_kind.${s.kind}`, s.kind) },
          {
            title: t("screen.staffing.goal"),
            render: (_, s) =>
              t("screen.staffing.goal_is", {
                share: percent(s.service_level),
                time: duration(s.threshold_s),
              }),
          },
          {
            title: t("screen.staffing.abandonment_goal"),
            ...right,
            render: (_, s) => percent(s.abandonment || null),
          },
          {
            title: t("screen.staffing.occupancy_cap"),
            ...right,
            render: (_, s) => percent(s.max_occupancy || null),
          },
          {
            title: t("screen.staffing.patience"),
            ...right,
            render: (_, s) => (s.patience_s ? duration(s.patience_s) : NONE),
          },
          { title: t("screen.staffing.concurrency"), ...right, render: (_, s) => count(s.concurrency) },
          { title: t("screen.staffing.shrinkage"), ...right, render: (_, s) => percent(s.shrinkage) },
          { title: t("screen.staffing.seat_hours"), ...right, render: (_, s) => count(s.seat_hours) },
        ]}
      />
    </Block>
  );
}

/** The requirement interval by interval; the cursor's cell says why. */
function Requirement(props: {
  plan: Plan;
  forecast: Forecast;
  zone: string;
  setting: QueueSetting | undefined;
  queueName: string | undefined;
}) {
  const t = useText();
  const { plan, forecast, zone, setting } = props;
  const { chosenPeriod } = useFrame();
  const first = mondayOf(dayOf(forecast.start_at, zone));
  usePageFrame("week", first, zone);
  const from = chosenPeriod ?? first;
  const [measure, setMeasure] = useState<PlanMeasure>("seats");
  const points = useQuery(planPointsQuery(plan.id));
  const cells = useMemo(
    () => points.data && planCells(points.data.filter((p) => !setting || p.queue_id === setting.queue_id)),
    [points.data, setting],
  );
  const offered = setting ? planMeasures : planMeasures.slice(0, 2);
  const shown = offered.includes(measure) ? measure : "seats";
  const [place, setPlace] = useState<Place>();
  const grid = useMemo(
    () =>
      cells &&
      planGrid(t, cells, {
        zone,
        hours: forecast.interval_ms / 3_600_000,
        measure: shown,
        days: daysBetween(from, addDays(from, 7)),
      }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `t` is new on every render; a change of language draws anew
    [cells, zone, forecast.interval_ms, shown, from],
  );
  const cell = grid && (place ? grid.cellAt(place.row, place.col) : grid.busiest);
  return (
    <div className="plan-columns">
      <Block
        flush
        title={`${t("screen.staffing.requirement")} · ${props.queueName ?? t("screen.forecast.all_queues")}`}
        extra={
          <Segmented
            aria-label={t("screen.forecast.measure")}
            value={shown}
            onChange={setMeasure}
            options={offered.map((m) => ({ value: m, label: t(`screen.staffing.measure_${m}`) }))}
          />
        }
      >
        <Loaded
          query={{ ...points, data: grid }}
          skeleton={<div className="skeleton" style={{ height: 430 }} />}
        >
          {(data) => (
            <EditGrid
              label={t("screen.staffing.requirement")}
              corner={t("screen.series.start", { zone })}
              columns={data.columns}
              rows={data.rows}
              frozen={2}
              height={430}
              onCursor={setPlace}
            />
          )}
        </Loaded>
      </Block>
      <div>
        <Reason cell={cell} plan={plan} forecast={forecast} setting={setting} zone={zone} />
        <Tiers key={plan.id} plan={plan} at={cell?.start} zone={zone} />
      </div>
    </div>
  );
}
