import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Segmented, Select } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { CalendarView, OpenHours, Queue, SpecialDay } from "../../api/models";
import { Problem } from "../../api/problem";
import { calendarsQuery, queuesQuery } from "../../api/queries";
import { useClients, useFrame, usePageFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded, problemText } from "../../components/states";
import { count } from "../../format/number";
import { dayOf, dayLabel } from "../../format/time";
import { useText } from "../../text/text";
import { DayPanel } from "./day-panel";
import { DaysImport } from "./days-import";
import { Events, type NewEvent } from "./events";
import { HoursBlock } from "./hours-block";
import { hoursText, openOn, withDays } from "./model";
import { MonthView, YearView } from "./month";
import { Proposals } from "./proposals";
import "./calendar.css";

/** When queues are open, and which dates differ from their weekday. */
export default function CalendarPage() {
  const t = useText();
  const { clientId, clients } = useFrame();
  const calendars = useQuery(calendarsQuery(clientId));
  const queues = useQueries({
    queries: (clientId ? [clientId] : clients.map((c) => c.id)).map((id) => queuesQuery(id)),
  }).flatMap((query) => query.data ?? []);
  return (
    <Loaded query={calendars}>
      {(list) =>
        list.length === 0 ? (
          <>
            <PageHeader title={t("screen.page.calendar")} />
            <EmptyView title={t("screen.calendar.none")} advice={t("screen.calendar.none_advice")} />
          </>
        ) : (
          <CalendarScreen key={clientId ?? "all"} calendars={list} queues={queues} />
        )
      }
    </Loaded>
  );
}

function CalendarScreen({ calendars, queues }: { calendars: CalendarView[]; queues: Queue[] }) {
  const t = useText();
  const session = useSession();
  const clients = useClients();
  const { period, setPeriod } = useFrame();
  const [id, setId] = useState<string>();
  const calendar = calendars.find((c) => c.id === id) ?? calendars[0]!;
  const today = dayOf(Date.now(), calendar.zone);
  usePageFrame("month", today.slice(0, 7), calendar.zone);
  const month = (period ?? today).slice(0, 7);
  const [view, setView] = useState<"month" | "year">("month");
  const [chosen, setChosen] = useState<string>();
  const [importing, setImporting] = useState(false);
  const editable = can(session, "forecasts", "edit");
  const saving = useSave(calendar);
  const label = (c: CalendarView) => {
    const own = queues.filter((queue) => c.queues?.includes(queue.id));
    const names = own.map((queue) => queue.name).join(", ");
    return own[0] ? `${clients.name(own[0].client_id)} · ${names}` : c.zone;
  };
  return (
    <>
      <PageHeader
        title={t("screen.page.calendar")}
        facts={
          <>
            <Select
              aria-label={t("screen.calendar.which")}
              value={calendar.id}
              popupMatchSelectWidth={false}
              style={{ minWidth: 220 }}
              onChange={(next) => {
                setId(next);
                setChosen(undefined);
              }}
              options={calendars.map((c) => ({ value: c.id, label: label(c) }))}
            />
            <Fact name={t("screen.calendar.special_count")}>{count(calendar.special?.length ?? 0)}</Fact>
            {!editable && <span className="soft">{t("screen.calendar.read_only")}</span>}
          </>
        }
        actions={
          <>
            <Segmented
              aria-label={t("screen.calendar.view")}
              value={view}
              onChange={(value: "month" | "year") => setView(value)}
              options={[
                { value: "month", label: t("screen.calendar.month") },
                { value: "year", label: t("screen.calendar.year") },
              ]}
            />
            {editable && (
              <Button type="primary" onClick={() => setImporting(true)}>
                {t("screen.calendar.import")}
              </Button>
            )}
          </>
        }
      />
      <div className="calendar-columns">
        <div>
          <Block>
            {view === "month" ? (
              <MonthView
                calendar={calendar}
                month={month}
                today={today}
                chosen={chosen}
                onChoose={setChosen}
              />
            ) : (
              <YearView
                calendar={calendar}
                year={month.slice(0, 4)}
                onMonth={(next) => {
                  setPeriod(next);
                  setView("month");
                }}
              />
            )}
          </Block>
          {editable && <Proposals clientId={calendar.client_id} calendarId={calendar.id} />}
          <SpecialDays
            calendar={calendar}
            year={month.slice(0, 4)}
            onOpen={(date) => {
              setPeriod(date.slice(0, 7));
              setView("month");
              setChosen(date);
            }}
          />
        </div>
        <div>
          <DayPanel
            calendar={calendar}
            date={chosen}
            editable={editable}
            saving={saving.isPending}
            onSave={(dates, day) => saving.mutate({ special: withDays(calendar.special ?? [], dates, day) })}
          />
          <Events
            key={`events ${calendar.id}`}
            events={calendar.events ?? []}
            editable={editable}
            saving={saving.isPending}
            onSave={(events) => saving.mutate({ events })}
          />
          <HoursBlock
            key={calendar.id}
            calendar={calendar}
            editable={editable}
            saving={saving.isPending}
            onSave={(hours) => saving.mutate({ hours })}
          />
        </div>
      </div>
      {importing && <DaysImport calendar={calendar} onClose={() => setImporting(false)} />}
    </>
  );
}

/** Replaces hours or special days of a calendar. */
function useSave(calendar: CalendarView) {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (part: { hours?: OpenHours[]; special?: SpecialDay[]; events?: NewEvent[] }) =>
      unwrap(
        client.PUT("/api/v1/calendars/{id}", {
          params: { path: { id: calendar.id } },
          headers: { "If-Match": `"v${calendar.version}"` },
          body: {
            zone: calendar.zone,
            hours: part.hours ?? calendar.hours ?? [],
            special: part.special ?? calendar.special ?? [],
            ...(part.events && { events: part.events }),
          },
        }),
      ),
    onSuccess: () => {
      void message.success(t("screen.calendar.saved"));
      return queries.invalidateQueries({ queryKey: ["calendars"] });
    },
    onError: (cause) => {
      void message.error(problemText(t, Problem.of(cause)));
      // Somebody else may have changed it; the reader goes on from what is stored.
      return queries.invalidateQueries({ queryKey: ["calendars"] });
    },
  });
}

/** The year's special days as a list. */
function SpecialDays(props: { calendar: CalendarView; year: string; onOpen: (date: string) => void }) {
  const t = useText();
  const { calendar, year } = props;
  const days = (calendar.special ?? []).filter((day) => day.date.startsWith(year));
  return (
    <Block flush={days.length > 0} title={t("screen.calendar.special", { year })}>
      {days.length === 0 ? (
        <p className="soft">{t("screen.calendar.no_special")}</p>
      ) : (
        <DataTable<SpecialDay>
          rowKey="date"
          dataSource={days}
          pagination={{ pageSize: 20, showSizeChanger: false, hideOnSinglePage: true }}
          columns={[
            {
              title: t("screen.calendar.date"),
              render: (_, day) => (
                <Button type="link" onClick={() => props.onOpen(day.date)}>
                  {dayLabel(`${day.date}T00:00:00Z`, "UTC")}
                </Button>
              ),
            },
            { title: t("screen.calendar.name"), render: (_, day) => day.name },
            { title: t("screen.calendar.tag"), render: (_, day) => day.tag },
            {
              title: t("screen.calendar.kind"),
              render: (_, day) => t.of(`screen.day_kind.${day.kind}`, day.kind),
            },
            {
              title: t("screen.calendar.hours"),
              render: (_, day) => hoursText(openOn(calendar, day.date)) || t("screen.calendar.shut"),
            },
          ]}
        />
      )}
    </Block>
  );
}
