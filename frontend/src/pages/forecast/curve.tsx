import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { App, Checkbox, Input, Segmented, Select } from "antd";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import type { Adjustment, Forecast } from "../../api/models";
import { calendarsQuery, seriesQuery } from "../../api/queries";
import { useFrame, usePageFrame } from "../../app/frame";
import type { CurveLook, CurveSeries } from "../../components/chart/forecast-option";
import { EditGrid } from "../../components/edit-grid/edit-grid";
import type { GridEdit } from "../../components/edit-grid/model";
import { Block } from "../../components/page-header";
import { Loaded } from "../../components/states";
import { addDays, dayOf, dayStart } from "../../format/time";
import { useText } from "../../text/text";
import { adjustmentsOf, changedDays, dayGrid, type Measure, measures } from "./day-rows";
import type { Edits } from "./edits";
import { byDay, dayBands, specialDates, withCompared, withEarlier, YEAR_DAYS } from "./series";
import { horizonOf, mondayOf } from "./versions";
import "./forecast.css";

const SeriesChart = lazy(() => import("./series-chart"));

/** What the curve shows: weeks on it, the detail, and what it is compared with. */
interface Look {
  weeks: number;
  grain: "interval" | "day";
  lastWeek: boolean;
  lastYear: boolean;
  requirement: boolean;
  special: boolean;
}

const firstLook: Look = {
  weeks: 2,
  grain: "interval",
  lastWeek: true,
  lastYear: false,
  requirement: true,
  special: true,
};

export interface CurveProps {
  forecast: Forecast;
  adjustments: Adjustment[];
  /** The version in force before this one's horizon. */
  earlier: Forecast | undefined;
  /** Versions it can be compared with. */
  others: { id: string; name: string }[];
  queueId: string | undefined;
  /** The queues behind the curve: the one, or all. */
  queueIds: string[];
  title: string;
  editable: boolean;
  edits: Edits;
  exports: ReactNode;
}

/** The hero of the page: the curve, and the same figures as a table to be edited. */
export function Curve(props: CurveProps) {
  const { forecast, queueId } = props;
  const t = useText();
  const { chosenPeriod } = useFrame();
  const { zone } = forecast;
  const [look, setLook] = useState<Look>(firstLook);
  const [otherId, setOther] = useState<string>();
  const other = props.others.find((version) => version.id === otherId);

  // The week before the horizon shows what the forecast follows on from.
  const first = mondayOf(addDays(dayOf(forecast.start_at, zone), -1));
  usePageFrame("week", first, zone);
  const from = chosenPeriod ?? first;
  const instant = (day: string) => new Date(dayStart(day, zone)).toISOString();
  const to = addDays(from, 7 * look.weeks);
  const series = useQuery({
    ...seriesQuery(forecast.id, queueId, instant(from), instant(to)),
    placeholderData: keepPreviousData,
  });
  const before = useQuery({
    ...seriesQuery(props.earlier?.id ?? "", queueId, instant(from), instant(to)),
    enabled: Boolean(props.earlier) && from < dayOf(forecast.start_at, zone),
  });
  const lastYear = useQuery({
    ...seriesQuery(
      forecast.id,
      queueId,
      instant(addDays(from, -YEAR_DAYS)),
      instant(addDays(to, -YEAR_DAYS)),
    ),
    enabled: look.lastYear,
    staleTime: Infinity,
  });
  const compared = useQuery({
    ...seriesQuery(other?.id ?? "", queueId, instant(from), instant(to)),
    enabled: Boolean(other),
  });
  const calendars = useQuery(calendarsQuery(forecast.client_id));
  const special = useMemo(
    () => specialDates(calendars.data ?? [], props.queueIds),
    [calendars.data, props.queueIds],
  );
  const whole = useMemo(
    () =>
      series.data &&
      withCompared(
        withEarlier(series.data, before.data),
        look.lastYear ? lastYear.data : undefined,
        other ? compared.data : undefined,
      ),
    [series.data, before.data, look.lastYear, lastYear.data, other, compared.data],
  );
  const drawn = useMemo(() => whole && (look.grain === "day" ? byDay(whole) : whole), [whole, look.grain]);
  const editable = useEditable(props);
  const chartLook: CurveLook = useMemo(
    () => ({
      lastWeek: look.lastWeek,
      lastYear: look.lastYear,
      requirement: look.requirement && Boolean(drawn?.points.some((p) => p.requirement !== null)),
      other: Boolean(other),
      bands: drawn && look.special ? dayBands(drawn, special) : [],
      handles: props.editable && look.grain === "day",
    }),
    [look, other, drawn, special, props.editable],
  );
  return (
    <>
      <Block title={props.title} extra={<LookControls look={look} onLook={setLook} />}>
        <div className="curve-controls">
          <CompareControls look={look} onLook={setLook} special={special.length > 0} />
          {props.others.length > 0 && (
            <Select
              aria-label={t("screen.forecast.compare")}
              placeholder={t("screen.forecast.compare")}
              allowClear
              value={otherId}
              popupMatchSelectWidth={false}
              onChange={setOther}
              options={props.others.map((version) => ({ value: version.id, label: version.name }))}
            />
          )}
          {look.lastYear && lastYear.data?.points.every((p) => p.actual === null) && (
            <span className="soft">{t("screen.forecast.no_last_year")}</span>
          )}
        </div>
        <Loaded
          query={{ ...series, data: drawn }}
          skeleton={<div className="skeleton" style={{ height: 392 }} />}
        >
          {(data) => (
            <Suspense fallback={<div className="skeleton" style={{ height: 392 }} />}>
              <SeriesChart
                series={data}
                name={props.title}
                look={chartLook}
                otherName={other?.name ?? ""}
                exports={props.exports}
                draggable={(index) => editable(dayOf(data.points[index]!.start, zone))}
                onDrag={(index, value) =>
                  props.edits.adjust([
                    {
                      name: t("screen.adjust.dragged"),
                      kind: "day_total",
                      day: dayOf(data.points[index]!.start, zone),
                      value,
                      ...(queueId && { queue_id: queueId }),
                    },
                  ])
                }
              />
            </Suspense>
          )}
        </Loaded>
      </Block>
      {whole && (
        <DayTable {...props} series={whole} special={special} lastYear={look.lastYear} canEdit={editable} />
      )}
    </>
  );
}

/** Whether a day's figures may be changed: within the horizon, with the right. */
function useEditable({ forecast, editable }: CurveProps): (day: string) => boolean {
  return useMemo(() => {
    const { first, last } = horizonOf(forecast);
    return (day) => editable && day >= first && day <= last;
  }, [forecast, editable]);
}

function LookControls({ look, onLook }: { look: Look; onLook: (look: Look) => void }) {
  const t = useText();
  return (
    <>
      <Segmented
        aria-label={t("screen.forecast.span")}
        value={look.weeks}
        onChange={(weeks) => onLook({ ...look, weeks })}
        options={[1, 2, 4, 8].map((n) => ({ value: n, label: t("screen.forecast.weeks", { count: n }) }))}
      />
      <Segmented
        aria-label={t("screen.forecast.grain")}
        value={look.grain}
        onChange={(grain: Look["grain"]) => onLook({ ...look, grain })}
        options={[
          { value: "interval", label: t("screen.forecast.by_interval") },
          { value: "day", label: t("screen.forecast.by_day") },
        ]}
      />
    </>
  );
}

function CompareControls(props: { look: Look; onLook: (look: Look) => void; special: boolean }) {
  const t = useText();
  const { look, onLook } = props;
  const box = (key: "lastWeek" | "lastYear" | "requirement" | "special", label: string) => (
    <Checkbox checked={look[key]} onChange={(event) => onLook({ ...look, [key]: event.target.checked })}>
      {label}
    </Checkbox>
  );
  return (
    <>
      {box("lastWeek", t("screen.series.last_week"))}
      {box("lastYear", t("screen.series.last_year"))}
      {props.special && box("special", t("screen.forecast.special_days"))}
      {box("requirement", t("screen.series.requirement"))}
    </>
  );
}

/** The same figures as the curve, day by day; typed or pasted ones become adjustments. */
function DayTable(
  props: CurveProps & {
    series: CurveSeries;
    special: ReturnType<typeof specialDates>;
    lastYear: boolean;
    canEdit: (day: string) => boolean;
  },
) {
  const t = useText();
  const { message } = App.useApp();
  const { series, special, adjustments, queueId, canEdit, edits } = props;
  const [measure, setMeasure] = useState<Measure>("forecast");
  const [reason, setReason] = useState("");
  const grid = useMemo(() => {
    const days = [...new Set(series.points.map((p) => dayOf(p.start, series.zone)))];
    return dayGrid(t, {
      series,
      special,
      measure,
      lastYear: props.lastYear,
      single: queueId !== undefined,
      editable: canEdit,
      changed: changedDays(adjustments, series.zone, queueId, days),
    });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `t` is new on every render; a change of language draws anew
  }, [series, special, measure, props.lastYear, canEdit, adjustments, queueId]);
  const onEdit = (made: GridEdit[]) =>
    edits.adjust(
      adjustmentsOf(grid, made, {
        name: reason.trim() || t("screen.adjust.by_hand"),
        queueId,
        seconds: series.interval_seconds,
      }),
    );
  return (
    <Block
      flush
      title={t("screen.forecast.table")}
      extra={
        <>
          {props.editable && (
            <Input
              aria-label={t("screen.adjust.reason")}
              placeholder={t("screen.adjust.reason")}
              value={reason}
              maxLength={200}
              style={{ width: 220 }}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
          <Select
            aria-label={t("screen.forecast.measure")}
            value={measure}
            onChange={setMeasure}
            popupMatchSelectWidth={false}
            options={measures
              .filter((m) => m !== "last_year" || props.lastYear)
              .map((m) => ({ value: m, label: t(`screen.series.${m}`) }))}
          />
        </>
      }
    >
      <EditGrid
        label={t("screen.forecast.table")}
        corner={t("screen.series.start", { zone: series.zone })}
        columns={grid.columns}
        rows={grid.rows}
        frozen={grid.totals}
        height={430}
        onEdit={onEdit}
        onRefused={(cells) => void message.warning(t("screen.adjust.refused", { count: cells }))}
        onUndo={props.editable ? edits.undo : undefined}
        onRedo={props.editable ? edits.redo : undefined}
      />
      <p className="soft day-table-foot" role="status">
        {edits.busy
          ? t("screen.adjust.saving", { count: Math.max(1, edits.left) })
          : t(props.editable ? "screen.forecast.keys" : "screen.forecast.keys_read")}
      </p>
    </Block>
  );
}
