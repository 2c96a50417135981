import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Segmented, Select } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Forecast } from "../../api/models";
import { Problem } from "../../api/problem";
import { forecastQuery, forecastsQuery, queuesQuery, seriesQuery } from "../../api/queries";
import { useClients, useFrame, usePageFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded, problemText } from "../../components/states";
import { StateTag } from "../../components/status";
import { addDays, dateLabel, dayOf, dayStart } from "../../format/time";
import { useText } from "../../text/text";
import { Accuracy } from "./accuracy";
import { SeriesTable } from "./series-table";
import { byDay, withEarlier } from "./series";

const SeriesChart = lazy(() => import("./series-chart"));

/** Forecast against actuals, with the agents it asks for. */
export default function ForecastPage() {
  const t = useText();
  const { clientId } = useFrame();
  const forecasts = useQuery(forecastsQuery(clientId));
  return (
    <Loaded query={forecasts}>
      {(list) =>
        list.length === 0 ? (
          <EmptyView title={t("screen.forecast.none")} advice={t("screen.forecast.none_advice")} />
        ) : (
          <ForecastView key={clientId ?? "all"} forecasts={list} />
        )
      }
    </Loaded>
  );
}

/** The Monday on or before a calendar day. */
function mondayOf(day: string): string {
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}

/** What the curve shows: weeks on it, and the detail. */
interface Look {
  weeks: number;
  grain: "interval" | "day";
}

function ForecastView({ forecasts }: { forecasts: Forecast[] }) {
  const t = useText();
  const clients = useClients();
  const [chosen, setChosen] = useState<string>();
  const forecast =
    forecasts.find((f) => f.id === chosen) ?? forecasts.find((f) => f.status !== "draft") ?? forecasts[0]!;
  const queues = useQuery(queuesQuery(forecast.client_id));
  const [queueId, setQueueId] = useState<string>();
  const queue = queues.data?.find((q) => q.id === queueId) ?? queues.data?.[0];
  const detail = useQuery(forecastQuery(forecast.id));
  const title = `${clients.name(forecast.client_id)} · ${queue?.name ?? ""}`;
  return (
    <>
      <PageHeader
        title={t("screen.page.forecast")}
        facts={
          <>
            <Select
              aria-label={t("screen.forecast.version_label")}
              value={forecast.id}
              popupMatchSelectWidth={false}
              onChange={setChosen}
              options={forecasts.map((f) => ({
                value: f.id,
                label: `${clients.name(f.client_id)} · ${t("screen.forecast.version", { version: f.version })}`,
              }))}
            />
            <Select
              aria-label={t("screen.forecast.queue")}
              value={queue?.id}
              loading={queues.isPending}
              popupMatchSelectWidth={false}
              style={{ minWidth: 140 }}
              onChange={setQueueId}
              options={(queues.data ?? []).map((q) => ({ value: q.id, label: q.name }))}
            />
            <StateTag kind="version_state" state={forecast.status} />
            <Fact name={t("screen.forecast.horizon")}>
              {dateLabel(forecast.start_at, forecast.zone)} –{" "}
              {dateLabel(Date.parse(forecast.end_at) - 1, forecast.zone)}
            </Fact>
            {detail.data && queue && <Accuracy forecast={detail.data} queueId={queue.id} />}
          </>
        }
        actions={<ForecastActions forecast={forecast} />}
      />
      {queue && (
        <Curve
          key={forecast.id}
          forecast={forecast}
          earlier={earlierOf(forecast, forecasts)}
          queueId={queue.id}
          title={title}
        />
      )}
    </>
  );
}

/** The version that was in force right before a forecast's horizon. */
function earlierOf(forecast: Forecast, all: Forecast[]): Forecast | undefined {
  return all
    .filter(
      (f) =>
        f.client_id === forecast.client_id &&
        f.status !== "draft" &&
        Date.parse(f.start_at) < Date.parse(forecast.start_at) &&
        Date.parse(f.end_at) >= Date.parse(forecast.start_at),
    )
    .sort((a, b) => b.version - a.version)[0];
}

function Curve(props: { forecast: Forecast; earlier: Forecast | undefined; queueId: string; title: string }) {
  const { forecast, earlier, queueId, title } = props;
  const t = useText();
  const { chosenPeriod } = useFrame();
  const { zone } = forecast;
  const [look, setLook] = useState<Look>({ weeks: 2, grain: "interval" });

  // The week before the horizon shows what the forecast follows on from.
  const first = mondayOf(addDays(dayOf(forecast.start_at, zone), -1));
  usePageFrame("week", first, zone);
  const from = chosenPeriod ?? first;
  const instant = (day: string) => new Date(dayStart(day, zone)).toISOString();
  const to = instant(addDays(from, 7 * look.weeks));
  const series = useQuery({
    ...seriesQuery(forecast.id, queueId, instant(from), to),
    placeholderData: keepPreviousData,
  });
  const before = useQuery({
    ...seriesQuery(earlier?.id ?? "", queueId, instant(from), to),
    enabled: Boolean(earlier) && from < dayOf(forecast.start_at, zone),
  });
  const shown = useMemo(() => {
    if (!series.data) return undefined;
    const whole = withEarlier(series.data, before.data);
    return look.grain === "day" ? byDay(whole) : whole;
  }, [series.data, before.data, look.grain]);
  return (
    <>
      <Block
        title={title}
        extra={
          <>
            <Segmented
              aria-label={t("screen.forecast.span")}
              value={look.weeks}
              onChange={(weeks) => setLook({ ...look, weeks })}
              options={[1, 2, 4].map((n) => ({ value: n, label: t("screen.forecast.weeks", { count: n }) }))}
            />
            <Segmented
              aria-label={t("screen.forecast.grain")}
              value={look.grain}
              onChange={(grain: Look["grain"]) => setLook({ ...look, grain })}
              options={[
                { value: "interval", label: t("screen.forecast.by_interval") },
                { value: "day", label: t("screen.forecast.by_day") },
              ]}
            />
          </>
        }
      >
        <Loaded
          query={{ ...series, data: shown }}
          skeleton={<div className="skeleton" style={{ height: 432 }} />}
        >
          {(data) => (
            <Suspense fallback={<div className="skeleton" style={{ height: 432 }} />}>
              <SeriesChart series={data} name={title} />
            </Suspense>
          )}
        </Loaded>
      </Block>
      {shown && <SeriesTable series={shown} />}
    </>
  );
}

function ForecastActions({ forecast }: { forecast: Forecast }) {
  const t = useText();
  const session = useSession();
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const publish = useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/v1/forecasts/{id}/publish", { params: { path: { id: forecast.id } } })),
    onSuccess: () => {
      void message.success(t("screen.forecast.published"));
      return queries.invalidateQueries({ queryKey: ["forecasts"] });
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  if (forecast.status !== "draft" || !can(session, "forecasts", "publish")) return null;
  return (
    <Button
      type="primary"
      loading={publish.isPending}
      onClick={() =>
        modal.confirm({
          title: t("screen.forecast.publish"),
          content: t("screen.forecast.publish_consequence"),
          okText: t("screen.forecast.publish"),
          onOk: () => publish.mutateAsync(),
        })
      }
    >
      {t("screen.forecast.publish")}
    </Button>
  );
}
