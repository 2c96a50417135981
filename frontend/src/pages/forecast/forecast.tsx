import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Segmented, Select } from "antd";
import { type ReactNode, useMemo, useState } from "react";
import type { Forecast } from "../../api/models";
import { forecastQuery, forecastsQuery, queuesQuery } from "../../api/queries";
import { useClients, useFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Fact, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded } from "../../components/states";
import { dateLabel } from "../../format/time";
import { useText } from "../../text/text";
import { Adjustments } from "./adjustments";
import { Curve } from "./curve";
import { useEdits } from "./edits";
import { ExportButtons } from "./exchange";
import { LongRange } from "./long-range";
import { isLong, LONG_RANGE } from "./long-series";
import { RangeDialog } from "./range-dialog";
import { NewForecastDialog } from "./new-forecast";
import { VersionActions } from "./version-actions";
import { comparable, earlierOf, NEW_VERSION } from "./versions";
import { explainOf, WhyButton, WhyPanel } from "./why";

/** Contacts to come: by interval with the agents they ask for, and the long range by week and day. */
export default function ForecastPage() {
  const session = useSession();
  const { version } = useSearch({ from: "__root__" });
  const tabs = can(session, "forecasts", "edit") && <HorizonTabs long={isLong(version)} />;
  return isLong(version) && tabs ? <LongRange tabs={tabs} /> : <IntervalForecast tabs={tabs} />;
}

/** Leads from one horizon to the other; the address keeps which. */
function HorizonTabs({ long }: { long: boolean }) {
  const t = useText();
  const navigate = useNavigate();
  return (
    <Segmented
      aria-label={t("screen.long.view")}
      value={long ? "long" : "interval"}
      onChange={(next) =>
        void navigate({
          to: ".",
          search: (old) => ({ ...old, version: next === "long" ? LONG_RANGE : undefined }),
          replace: true,
        })
      }
      options={[
        { value: "interval", label: t("screen.long.weeks_ahead") },
        { value: "long", label: t("screen.long.title") },
      ]}
    />
  );
}

/** Forecast against actuals, with the agents it asks for. */
function IntervalForecast({ tabs }: { tabs: ReactNode }) {
  const t = useText();
  const session = useSession();
  const { clientId } = useFrame();
  const forecasts = useQuery(forecastsQuery(clientId));
  const { version } = useSearch({ from: "__root__" });
  const [planning, setPlanning] = useState(version === NEW_VERSION);
  const show = useShowVersion();
  return (
    <>
      <Loaded query={forecasts}>
        {(list) =>
          list.length === 0 ? (
            <EmptyView
              title={t("screen.forecast.none")}
              advice={t("screen.forecast.none_advice")}
              action={
                can(session, "forecasts", "edit") && (
                  <Button type="primary" onClick={() => setPlanning(true)}>
                    {t("screen.forecast.new")}
                  </Button>
                )
              }
            />
          ) : (
            <ForecastView
              key={clientId ?? "all"}
              forecasts={list}
              tabs={tabs}
              onPlan={() => setPlanning(true)}
            />
          )
        }
      </Loaded>
      {planning && (
        <NewForecastDialog
          clientId={clientId}
          forecasts={forecasts.data ?? []}
          onClose={() => setPlanning(false)}
          onDone={show}
        />
      )}
    </>
  );
}

/** Puts a version into the address, where it survives reloading and can be passed on. */
function useShowVersion(): (id: string) => void {
  const navigate = useNavigate();
  return (version) => void navigate({ to: ".", search: (old) => ({ ...old, version }), replace: true });
}

/** What a version is called in lists. */
function useVersionName(): (forecast: Forecast) => string {
  const t = useText();
  return (f) =>
    [
      t("screen.forecast.version", { version: f.version }),
      t.of(`screen.version_state.${f.status}`, f.status),
      f.settings.source === "client" ? t("screen.forecast.of_client") : f.name,
    ]
      .filter(Boolean)
      .join(" · ");
}

function ForecastView({
  forecasts,
  tabs,
  onPlan,
}: {
  forecasts: Forecast[];
  tabs: ReactNode;
  onPlan: () => void;
}) {
  const t = useText();
  const session = useSession();
  const clients = useClients();
  const versionName = useVersionName();
  const { version } = useSearch({ from: "__root__" });
  const show = useShowVersion();
  const forecast = forecasts.find((f) => f.id === version) ?? startOf(forecasts);
  const queues = useQuery(queuesQuery(forecast.client_id));
  const [queueId, setQueueId] = useState<string>();
  const all = queueId === ALL_QUEUES;
  const queue = all ? undefined : (queues.data?.find((q) => q.id === queueId) ?? queues.data?.[0]);
  const detail = useQuery(forecastQuery(forecast.id));
  const adjustments = useMemo(
    () => detail.data?.settings.adjustments ?? [],
    [detail.data?.settings.adjustments],
  );
  const editable = can(session, "forecasts", "edit");
  const edits = useEdits(forecast, adjustments, (next) => show(next.id));
  const [panel, setPanel] = useState<"why" | "multiply">();
  const explain = detail.data && explainOf(detail.data, queue?.id);
  const queueIds = useMemo(
    () => (queue ? [queue.id] : (queues.data ?? []).map((q) => q.id)),
    [queue, queues.data],
  );
  const [again, setAgain] = useState<string[]>();
  const single = new Set(forecasts.map((f) => f.client_id)).size === 1;
  return (
    <>
      <PageHeader
        title={t("screen.page.forecast")}
        facts={
          <>
            {tabs}
            <Select
              aria-label={t("screen.forecast.version_label")}
              value={forecast.id}
              popupMatchSelectWidth={false}
              onChange={show}
              options={byClient(forecasts).map(([id, list]) => ({
                label: clients.name(id),
                options: list.map((f) => ({
                  value: f.id,
                  label: single ? versionName(f) : `${clients.name(id)} · ${versionName(f)}`,
                })),
              }))}
            />
            <Select
              aria-label={t("screen.forecast.queue")}
              value={all ? ALL_QUEUES : queue?.id}
              loading={queues.isPending}
              popupMatchSelectWidth={false}
              style={{ minWidth: 140 }}
              onChange={setQueueId}
              options={[
                ...(queues.data ?? []).map((q) => ({ value: q.id, label: q.name })),
                ...((queues.data?.length ?? 0) > 1
                  ? [{ value: ALL_QUEUES, label: t("screen.forecast.all_queues") }]
                  : []),
              ]}
            />
            <Fact name={t("screen.forecast.horizon")}>
              {dateLabel(forecast.start_at, forecast.zone)} –{" "}
              {dateLabel(Date.parse(forecast.end_at) - 1, forecast.zone)}
            </Fact>
            <WhyButton explain={explain} onOpen={() => setPanel("why")} />
          </>
        }
        actions={
          <VersionActions forecast={forecast} queues={queues.data ?? []} onPlan={onPlan} onVersion={show} />
        }
      />
      {queues.data && (
        <Curve
          key={forecast.client_id}
          forecast={forecast}
          adjustments={adjustments}
          earlier={earlierOf(forecast, forecasts)}
          others={comparable(forecast, forecasts).map((f) => ({ id: f.id, name: versionName(f) }))}
          queueId={queue?.id}
          queueIds={queueIds}
          title={`${clients.name(forecast.client_id)} · ${queue?.name ?? t("screen.forecast.all_queues")}`}
          editable={editable}
          edits={edits}
          exports={<ExportButtons forecast={forecast} />}
        />
      )}
      {(editable || adjustments.length > 0) && (
        <Adjustments
          forecast={forecast}
          adjustments={adjustments}
          queues={queues.data ?? []}
          edits={edits}
          editable={editable}
          onMultiply={() => setPanel("multiply")}
        />
      )}
      {panel === "why" && detail.data && explain && (
        <WhyPanel
          forecast={detail.data}
          explain={explain}
          queueName={queue?.name ?? ""}
          onClose={() => setPanel(undefined)}
          onRefuse={editable ? setAgain : undefined}
        />
      )}
      {panel === "multiply" && (
        <RangeDialog
          forecast={forecast}
          queues={queues.data ?? []}
          queueId={queue?.id}
          title={t("screen.adjust.range_title")}
          okText={t("screen.adjust.range_do")}
          onClose={() => setPanel(undefined)}
          onApply={(change) => edits.adjust([change])}
        />
      )}
      {again && detail.data && (
        <NewForecastDialog
          clientId={forecast.client_id}
          forecasts={forecasts}
          again={{ forecast: detail.data, refused: again }}
          onClose={() => setAgain(undefined)}
          onDone={(id) => {
            setPanel(undefined);
            show(id);
          }}
        />
      )}
    </>
  );
}

const ALL_QUEUES = "all";

/** What the page opens with: our latest version that is in force. */
function startOf(forecasts: Forecast[]): Forecast {
  const ours = forecasts.filter((f) => f.settings.source !== "client");
  return ours.find((f) => f.status !== "draft") ?? ours[0] ?? forecasts[0]!;
}

function byClient(forecasts: Forecast[]): [string, Forecast[]][] {
  const groups = new Map<string, Forecast[]>();
  for (const forecast of forecasts) {
    const group = groups.get(forecast.client_id);
    if (group) group.push(forecast);
    else groups.set(forecast.client_id, [forecast]);
  }
  return [...groups.entries()];
}
