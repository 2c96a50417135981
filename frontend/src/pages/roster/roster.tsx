import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Segmented, Select } from "antd";
import { useCallback, useMemo, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Activity, Roster, RosterAgent, Shift } from "../../api/models";
import { Problem } from "../../api/problem";
import {
  coverageQuery,
  peopleQuery,
  rosterQuery,
  rostersQuery,
  shiftsQuery,
  teamsQuery,
} from "../../api/queries";
import { useClients, useFrame, usePageFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Fact, PageHeader } from "../../components/page-header";
import { RosterGrid } from "../../components/roster-grid/roster-grid";
import { EmptyView, Loaded, problemText } from "../../components/states";
import { ClientName, StateTag } from "../../components/status";
import { count } from "../../format/number";
import { dateLabel, daysBetween } from "../../format/time";
import { useText } from "../../text/text";
import { activityColor } from "../../theme/tokens";
import { boardAgents, boardShifts, totalCoverage } from "./board";
import { Gaps } from "./gaps";
import { ShiftPanel } from "./shift-panel";
import "./roster.css";

/** Who works when: the board of the latest roster, or of an older version. */
export default function RosterPage() {
  const t = useText();
  const rosters = useQuery(rostersQuery);
  return (
    <Loaded query={rosters}>
      {(list) =>
        list.length === 0 ? (
          <EmptyView title={t("screen.roster.none")} advice={t("screen.roster.none_advice")} />
        ) : (
          <RosterView rosters={list} />
        )
      }
    </Loaded>
  );
}

const byTeam = (agent: RosterAgent) => agent.team ?? "";

function RosterView({ rosters }: { rosters: Roster[] }) {
  const t = useText();
  const { clientId, clients: clientList } = useFrame();
  const clients = useClients();
  const [id, setId] = useState<string>();
  const roster = rosters.find((r) => r.id === id) ?? rosters[0]!;
  const session = useSession();
  const [span, setSpan] = useState(7);
  const [opened, setOpened] = useState<{ agent: RosterAgent; day: string; shift?: Shift }>();
  usePageFrame("none", undefined, roster.zone);

  const view = useQuery(rosterQuery(roster.id));
  const shifts = useQuery(shiftsQuery(roster.id));
  const coverage = useQuery(coverageQuery(roster.id, clientId));
  const mayPeople = can(session, "people", "view");
  const people = useQuery({ ...peopleQuery, enabled: mayPeople });
  const teams = useQuery({ ...teamsQuery, enabled: mayPeople });
  const agents = useMemo(
    () => view.data && boardAgents(view.data, people.data, teams.data),
    [view.data, people.data, teams.data],
  );
  const bars = useMemo(
    () => view.data && shifts.data && boardShifts(shifts.data, view.data),
    [view.data, shifts.data],
  );
  const cover = useMemo(() => coverage.data && totalCoverage(coverage.data), [coverage.data]);
  const days = useMemo(() => daysBetween(roster.from_day, roster.to_day), [roster.from_day, roster.to_day]);
  const board = agents && bars ? { agents, shifts: bars } : undefined;
  const { color } = clients;
  const colorOf = useCallback(
    (activity: Activity) => activityColor[activity.kind] ?? color(activity.client_id),
    [color],
  );
  const onOpen = useCallback(
    (agent: RosterAgent, day: string, shift: Shift | undefined) => setOpened({ agent, day, shift }),
    [],
  );

  return (
    <div className="roster-page">
      <PageHeader
        title={t("screen.page.roster")}
        facts={
          <>
            <Select
              aria-label={t("screen.roster.version")}
              value={roster.id}
              onChange={setId}
              popupMatchSelectWidth={false}
              options={rosters.map((r) => ({
                value: r.id,
                label: `${r.name} · ${dateLabel(`${r.from_day}T00:00:00Z`, "UTC")} · ${t("screen.forecast.version", { version: r.version })}`,
              }))}
            />
            <StateTag kind="version_state" state={roster.status} />
            <Fact name={t("screen.roster.agents")}>{count(agents?.length)}</Fact>
            <Gaps roster={roster} />
          </>
        }
        actions={
          <>
            <Segmented
              aria-label={t("screen.roster.span")}
              value={span}
              onChange={setSpan}
              options={[1, 7, 14, 28].map((n) => ({ value: n, label: t(`screen.roster.days_${n as 1}`) }))}
            />
            <RosterActions roster={roster} agents={agents?.length} />
          </>
        }
      />
      <div className="roster-legend-line">
        {clientList.map((c) => (
          <ClientName key={c.id} name={c.name} color={clients.color(c.id)} />
        ))}
        {["training", "meeting", "break"].map((kind) => (
          <ClientName key={kind} name={t.of(`screen.activity.${kind}`, kind)} color={activityColor[kind]!} />
        ))}
        <span className="soft">{t("screen.roster.keys")}</span>
      </div>
      <div className="roster-board">
        <Loaded
          query={{ ...(view.isError ? view : shifts), data: board }}
          skeleton={<div className="skeleton" style={{ height: "100%" }} />}
        >
          {(data) => (
            <RosterGrid
              key={roster.id}
              agents={data.agents}
              shifts={data.shifts}
              days={days}
              zone={roster.zone}
              coverage={cover}
              groupOf={byTeam}
              colorOf={colorOf}
              daysInView={span}
              onOpen={onOpen}
            />
          )}
        </Loaded>
      </div>
      <ShiftPanel opened={opened} zone={roster.zone} onClose={() => setOpened(undefined)} />
    </div>
  );
}

function RosterActions({ roster, agents }: { roster: Roster; agents: number | undefined }) {
  const t = useText();
  const session = useSession();
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const publish = useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/v1/rosters/{id}/publish", { params: { path: { id: roster.id } } })),
    onSuccess: () => {
      void message.success(t("screen.roster.published"));
      return queries.invalidateQueries({ queryKey: ["rosters"] });
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  if (roster.status !== "draft" || !can(session, "rosters", "publish")) return null;
  return (
    <Button
      type="primary"
      loading={publish.isPending}
      onClick={() =>
        modal.confirm({
          title: t("screen.roster.publish"),
          content: t("screen.roster.publish_consequence", { agents: count(agents) }),
          okText: t("screen.roster.publish"),
          onOk: () => publish.mutateAsync(),
        })
      }
    >
      {t("screen.roster.publish")}
    </Button>
  );
}
