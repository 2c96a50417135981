import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Floor, FloorAction, Status } from "../../api/models";
import { floorQuery } from "../../api/queries";
import { useClients, useFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { Block } from "../../components/page-header";
import { ClientName, StatusTag } from "../../components/status";
import { count, percent, share } from "../../format/number";
import { duration } from "../../format/time";
import { useText } from "../../text/text";
import { type ClientLevel, levelsOf, outOf } from "./floor-day";
import { Effects } from "../floor/act";
import { lineOf, sentenceOf, subjectOf, useNames } from "../floor/names";

/** The floor in short, for those who lead it: service now and at the day's end, who is out, what could be done. */
export function FloorBlocks() {
  const session = useSession();
  const { clientId } = useFrame();
  const leads = can(session, "floor", "edit");
  const floor = useQuery({ ...floorQuery(clientId), enabled: leads, refetchInterval: 15_000 }).data;
  if (!floor) return null;
  return (
    <>
      <Levels floor={floor} />
      <Suggestions floor={floor} />
      <Out floor={floor} />
    </>
  );
}

/** Service level now and projected, and the longest wait, by client. */
function Levels({ floor }: { floor: Floor }) {
  const t = useText();
  const clients = useClients();
  const rows = levelsOf(floor);
  if (rows.length === 0) return null;
  return (
    <Block
      flush
      title={t("screen.home.service")}
      extra={<Link to="/floor">{t("screen.home.floor_open")}</Link>}
    >
      <DataTable<ClientLevel>
        rowKey="client"
        dataSource={rows}
        columns={[
          {
            title: t("screen.shell.client"),
            render: (_, r) => <ClientName name={clients.name(r.client)} color={clients.color(r.client)} />,
          },
          {
            title: t("screen.home.level_now"),
            align: "right",
            render: (_, r) => <strong>{share(r.now.within, r.now.of)}</strong>,
          },
          {
            title: t("screen.home.level_projected"),
            align: "right",
            render: (_, r) => (r.projected ? share(r.projected.within, r.projected.of) : share(0, 0)),
          },
          { title: t("screen.home.level_goal"), align: "right", render: (_, r) => percent(r.goal) },
          { title: t("screen.home.waiting"), align: "right", render: (_, r) => count(r.waiting) },
          {
            title: t("screen.home.longest"),
            render: (_, r) => (r.longest > 0 ? `${duration(r.longest)} · ${r.longestQueue}` : "–"),
          },
          { title: t("screen.measure.status"), render: (_, r) => <StatusTag status={r.status as Status} /> },
        ]}
      />
    </Block>
  );
}

/** Open alerts with the action that would help, and what it would change. */
function Suggestions({ floor }: { floor: Floor }) {
  const t = useText();
  const names = useNames(floor);
  const open = (floor.alerts ?? []).filter((a) => a.proposal && !a.acknowledged_at).slice(0, 5);
  if (open.length === 0) return null;
  return (
    <Block title={t("screen.home.suggested")} extra={<Link to="/floor">{t("screen.home.floor_open")}</Link>}>
      <ul className="home-suggestions">
        {open.map((alert) => (
          <li key={alert.id}>
            <strong>{subjectOf(alert, names)}</strong> <span className="soft">{sentenceOf(alert, t)}</span>
            <br />
            {lineOf(alert.proposal!.action as FloorAction, names, t)}
            <Effects effects={alert.proposal!.effect ?? []} names={names} />
          </li>
        ))}
      </ul>
    </Block>
  );
}

/** Who does not follow the roster, the longest first. */
function Out({ floor }: { floor: Floor }) {
  const t = useText();
  const out = outOf(floor);
  if (out.length === 0) return null;
  return (
    <Block
      title={t("screen.home.out", { count: out.length })}
      extra={<Link to="/floor">{t("screen.home.floor_open")}</Link>}
    >
      <ul className="home-out">
        {out.slice(0, 8).map((agent) => (
          <li key={agent.id}>
            <span>
              <strong>{agent.label}</strong> {agent.name}
            </span>
            <span className="soft">
              {t("screen.home.planned", {
                planned: t.of(`screen.activity.${agent.planned ?? ""}`, agent.planned ?? "–"),
                state: t.of(`screen.agent_state.${agent.reason || agent.state}`, agent.state),
              })}
            </span>
            <span>{agent.since > 0 ? duration(agent.since) : ""}</span>
          </li>
        ))}
      </ul>
    </Block>
  );
}
