import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Segmented, Select } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Forecast, Queue } from "../../api/models";
import { Problem } from "../../api/problem";
import { forecastsQuery, seriesQuery } from "../../api/queries";
import { useClients, useFrame, usePageFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded, problemText } from "../../components/states";
import { StateTag } from "../../components/status";
import { percent } from "../../format/number";
import { addDays, dateLabel, dayOf, dayStart } from "../../format/time";
import { useText } from "../../text/text";
import { SeriesTable } from "./series-table";
import { byDay } from "./by-day";

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

function ForecastView({ forecasts }: { forecasts: Forecast[] }) {
  const t = useText();
  const clients = useClients();
  const { clients: clientList, period } = useFrame();
  const [chosen, setChosen] = useState<{ forecast: string; queue: string }>();
  const forecast = forecasts.find((f) => f.id === chosen?.forecast) ?? forecasts[0]!;
  const queue = forecast.queues.find((q) => q.id === chosen?.queue) ?? forecast.queues[0];
  const zone = clientList.find((c) => c.id === forecast.client_id)?.zone ?? "UTC";
  const [weeks, setWeeks] = useState(2);
  const [grain, setGrain] = useState<"interval" | "day">("interval");

  // The week before the horizon shows how the forecast meets the actuals.
  const start = mondayOf(dayOf(forecast.from, zone));
  usePageFrame("week", addDays(start, -7), zone);
  const from = period ?? addDays(start, -7);
  const range = {
    from: new Date(dayStart(from, zone)).toISOString(),
    to: new Date(dayStart(addDays(from, 7 * weeks), zone)).toISOString(),
  };
  const series = useQuery({
    ...seriesQuery(forecast.id, queue?.id, range.from, range.to),
    enabled: Boolean(queue),
    placeholderData: keepPreviousData,
  });
  const shown = useMemo(
    () => (series.data && grain === "day" ? byDay(series.data) : series.data),
    [series.data, grain],
  );

  return (
    <>
      <PageHeader
        title={t("screen.page.forecast")}
        facts={
          <>
            <Select
              aria-label={t("screen.forecast.queue")}
              value={`${forecast.id}|${queue?.id ?? ""}`}
              popupMatchSelectWidth={false}
              style={{ minWidth: 260 }}
              showSearch={{ optionFilterProp: "label" }}
              onChange={(value: string) => {
                const [forecastId = "", queueId = ""] = value.split("|");
                setChosen({ forecast: forecastId, queue: queueId });
              }}
              options={forecasts.map((f) => ({
                label: `${clients.name(f.client_id)} · ${t("screen.forecast.version", { version: f.version })}`,
                options: f.queues.map((q: Queue) => ({
                  value: `${f.id}|${q.id}`,
                  label: `${clients.name(f.client_id)} · ${q.name}`,
                })),
              }))}
            />
            <StateTag kind="version_state" state={forecast.state} />
            <Fact name={t("screen.forecast.horizon")}>
              {dateLabel(forecast.from, zone)} – {dateLabel(Date.parse(forecast.to) - 1, zone)}
            </Fact>
            <Fact name={t("screen.forecast.wape")}>{percent(forecast.wape)}</Fact>
            <Fact name={t("screen.forecast.bias")}>{percent(forecast.bias)}</Fact>
            <Fact name={t("screen.forecast.method")}>
              {t.of(`screen.method.${forecast.method}`, forecast.method)}
            </Fact>
          </>
        }
        actions={<ForecastActions forecast={forecast} />}
      />
      <Block
        title={queue && `${clients.name(forecast.client_id)} · ${queue.name}`}
        extra={
          <>
            <Segmented
              aria-label={t("screen.forecast.span")}
              value={weeks}
              onChange={setWeeks}
              options={[1, 2, 4].map((n) => ({ value: n, label: t("screen.forecast.weeks", { count: n }) }))}
            />
            <Segmented
              aria-label={t("screen.forecast.grain")}
              value={grain}
              onChange={setGrain}
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
              <SeriesChart series={data} name={queue?.name ?? ""} />
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
  if (forecast.state !== "draft" || !can(session, "forecasts", "publish")) return null;
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
