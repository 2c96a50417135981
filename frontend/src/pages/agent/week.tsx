import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import type { MyShift } from "../../api/models";
import { client, unwrap } from "../../api/client";
import { calendarUrlQuery, myShiftsQuery } from "../../api/queries";
import { usePageFrame } from "../../app/frame";
import { EmptyView, Loaded, TableSkeleton } from "../../components/states";
import { dayLabel, hours } from "../../format/time";
import { useText } from "../../text/text";
import { ActivityBar } from "./activity-bar";
import "./agent.css";

/** My shifts, and the address that brings them into my own calendar. */
export default function WeekPage() {
  const t = useText();
  const shifts = useQuery(myShiftsQuery);
  usePageFrame("none", undefined, shifts.data?.zone);
  return (
    <div className="agent">
      <div className="agent-head">
        <h1>{t("screen.page.my_week")}</h1>
      </div>
      <CalendarFeed />
      <Loaded query={shifts} skeleton={<TableSkeleton rows={7} />}>
        {(own) =>
          own.shifts.length === 0 ? (
            <EmptyView title={t("screen.agent.no_shifts")} advice={t("screen.agent.no_shifts_advice")} />
          ) : (
            <ul className="agent-shifts">
              {own.shifts.map((shift) => (
                <li key={shift.id} className="card">
                  <ShiftLine shift={shift} zone={own.zone} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </div>
  );
}

function ShiftLine({ shift, zone }: { shift: MyShift; zone: string }) {
  const t = useText();
  const seconds = (Date.parse(shift.end_at) - Date.parse(shift.start_at)) / 1000;
  return (
    <>
      <h2>
        {dayLabel(shift.start_at, zone)}{" "}
        <span className="soft">{t("screen.roster.hours", { hours: hours(seconds) })}</span>
      </h2>
      <ActivityBar shift={shift} zone={zone} />
    </>
  );
}

function CalendarFeed() {
  const t = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const feed = useQuery(calendarUrlQuery);
  const change = useMutation({
    mutationFn: (verb: "renew" | "revoke") =>
      unwrap(
        verb === "renew" ? client.POST("/api/v1/me/calendar-url") : client.DELETE("/api/v1/me/calendar-url"),
      ),
    onSuccess: (now) => queries.setQueryData(calendarUrlQuery.queryKey, now),
  });
  if (!feed.data) return null;
  const url = feed.data.url ? new URL(feed.data.url, location.origin).href : undefined;
  return (
    <section className="card">
      <h2>{t("screen.agent.calendar")}</h2>
      <p className="soft">{t(url ? "screen.agent.calendar_help" : "screen.agent.calendar_revoked")}</p>
      <div className="agent-feed">
        {url && (
          <>
            <code>{url}</code>
            <Button
              onClick={() =>
                void navigator.clipboard.writeText(url).then(() => message.success(t("screen.agent.copied")))
              }
            >
              {t("screen.agent.copy")}
            </Button>
          </>
        )}
        <Button loading={change.isPending} onClick={() => change.mutate("renew")}>
          {t("screen.agent.calendar_renew")}
        </Button>
        {url && (
          <Button danger loading={change.isPending} onClick={() => change.mutate("revoke")}>
            {t("screen.agent.calendar_revoke")}
          </Button>
        )}
      </div>
    </section>
  );
}
