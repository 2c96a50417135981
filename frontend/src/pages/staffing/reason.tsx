import { useQuery } from "@tanstack/react-query";
import type { Forecast, LevelRow, Plan, QueueSetting } from "../../api/models";
import { levelsQuery, seriesQuery } from "../../api/queries";
import { Block } from "../../components/page-header";
import { count, NONE, percent } from "../../format/number";
import { dayLabel, dayOf, duration, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import { type PlanCell, planText } from "./plan-grid";

/** Why an interval needs what it needs: the demand, the goal that decided, and what the seats buy. */
export function Reason(props: {
  cell: PlanCell | undefined;
  plan: Plan;
  forecast: Forecast;
  setting: QueueSetting | undefined;
  zone: string;
}) {
  const t = useText();
  const { cell, forecast, setting, zone } = props;
  const end = cell && new Date(Date.parse(cell.start) + forecast.interval_ms).toISOString();
  const demand = useQuery({
    ...seriesQuery(forecast.id, setting?.queue_id, cell?.start, end),
    enabled: Boolean(cell),
    staleTime: Infinity,
  }).data?.points[0];
  const load =
    demand?.forecast && demand.aht_seconds
      ? (demand.forecast * demand.aht_seconds * 1000) / forecast.interval_ms
      : null;
  const point = cell?.point;
  const levels = useQuery({
    ...levelsQuery(props.plan.id, setting?.queue_id ?? "", cell ? dayOf(cell.start, zone) : ""),
    enabled: Boolean(cell && setting && setting.kind !== "deadline"),
  }).data;
  const level = levels?.find((row) => Date.parse(row.start) === Date.parse(cell?.start ?? ""));
  return (
    <Block title={t("screen.staffing.why")}>
      {!cell ? (
        <p className="soft">{t("screen.staffing.why_help")}</p>
      ) : (
        <dl className="reason" aria-live="polite">
          <Row name={t("screen.staffing.interval")}>
            {dayLabel(cell.start, zone)} {timeOfDay(cell.start, zone)}
          </Row>
          <Row name={t("screen.staffing.volume")}>{count(demand?.forecast, 1)}</Row>
          <Row name={t("screen.series.aht_seconds")}>
            {demand?.aht_seconds ? duration(demand.aht_seconds) : NONE}
          </Row>
          <Row name={t("screen.staffing.load")}>{count(load, 2)}</Row>
          <Row name={t("screen.staffing.measure_seats")}>
            <strong>{count(cell.seats)}</strong>
          </Row>
          {point && (
            <>
              <Row name={t("screen.staffing.decided")}>
                {t.of(`screen.binding.${point.reason}`, point.reason)}
              </Row>
              <Row name={t("screen.staffing.measure_service_level")}>
                {percent(point.service_level)}
                {setting && ` (≥ ${percent(setting.service_level)})`}
              </Row>
              <Row name={t("screen.staffing.measure_asa")}>{planText(point.asa_ms / 1000, "asa")}</Row>
              <Row name={t("screen.staffing.measure_occupancy")}>
                {percent(point.occupancy)}
                {setting?.max_occupancy ? ` (≤ ${percent(setting.max_occupancy)})` : ""}
              </Row>
              <Row name={t("screen.staffing.measure_abandonment")}>
                {percent(point.abandonment)}
                {setting?.abandonment ? ` (≤ ${percent(setting.abandonment)})` : ""}
              </Row>
            </>
          )}
          {setting && <Row name={t("screen.staffing.shrinkage")}>{percent(setting.shrinkage)}</Row>}
          <Row name={t("screen.staffing.measure_scheduled")}>
            <strong>{count(cell.scheduled, 1)}</strong>
          </Row>
          {!point && <p className="soft">{t("screen.staffing.why_sum")}</p>}
        </dl>
      )}
      {level && setting && cell && <Levels level={level} goal={setting.service_level} seats={cell.seats} />}
    </Block>
  );
}

/** What a seat more or less would do to the service level. */
function Levels({ level, goal, seats }: { level: LevelRow; goal: number; seats: number }) {
  const t = useText();
  const shown = [-2, -1, 0, 1, 2]
    .map((by) => seats + by)
    .filter((n) => n > 0 && level.levels?.[n] !== undefined);
  return (
    <table className="levels">
      <caption>{t("screen.staffing.levels")}</caption>
      <tbody>
        {shown.map((n) => {
          const value = level.levels![n]!;
          return (
            <tr key={n} className={n === seats ? "levels-now" : undefined}>
              <th scope="row">{t("screen.staffing.seats", { count: n })}</th>
              <td>
                <span className="levels-bar" style={{ width: `${value * 100}%` }} aria-hidden />
              </td>
              <td className="num">{percent(value)}</td>
              <td>{value >= goal ? "✓" : ""}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Row(props: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
