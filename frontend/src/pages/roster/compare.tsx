import { useQuery } from "@tanstack/react-query";
import { Modal, Select } from "antd";
import { useState } from "react";
import type { Roster } from "../../api/models";
import { rosterComparisonQuery } from "../../api/queries";
import { EmptyView, Loaded } from "../../components/states";
import { count } from "../../format/number";
import { hours, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import type { Board } from "./board";
import { signed } from "./judgement";
import { LEVELS } from "./solve";

const SHOWN = 300;

/** What differs between the roster on the board and another version of the same days. */
export function Compare(props: { board: Board; rosters: Roster[]; open: boolean; close: () => void }) {
  const t = useText();
  const { board } = props;
  const { view } = board;
  const others = props.rosters.filter(
    (r) =>
      r.id !== view.id && r.from_day === view.from_day && r.to_day === view.to_day && r.zone === view.zone,
  );
  const [id, setId] = useState<string>();
  const other = others.find((r) => r.id === (id ?? view.based_on)) ?? others[0];
  return (
    <Modal
      open={props.open}
      onCancel={props.close}
      footer={null}
      width={760}
      title={t("screen.compare.title")}
    >
      {!other ? (
        <EmptyView title={t("screen.compare.none")} />
      ) : (
        <>
          <Select
            aria-label={t("screen.compare.with")}
            value={other.id}
            onChange={setId}
            style={{ minWidth: 320 }}
            options={others.map((r) => ({
              value: r.id,
              label: `${r.name} · ${t("screen.forecast.version", { version: r.version })} · ${t.of(`screen.version_state.${r.status}`, r.status)}`,
            }))}
          />
          {props.open && <Differences board={board} other={other.id} />}
        </>
      )}
    </Modal>
  );
}

function Differences({ board, other }: { board: Board; other: string }) {
  const t = useText();
  const found = useQuery(rosterComparisonQuery(board.view.id, other));
  const labels = new Map(board.agents.map((agent) => [agent.id, agent.label]));
  const { zone } = board.view;
  const span = (shift: { start_at: string; end_at: string } | null) =>
    shift ? `${timeOfDay(shift.start_at, zone)}–${timeOfDay(shift.end_at, zone)}` : t("screen.roster.off");
  return (
    <Loaded query={found} skeleton={<div className="skeleton" style={{ height: 200 }} />}>
      {(c) => (
        <div className="compare">
          <table className="side-table">
            <thead>
              <tr>
                <th />
                <th className="num">{t("screen.compare.before")}</th>
                <th className="num">{t("screen.compare.after")}</th>
                <th className="num">{t("screen.compare.change")}</th>
              </tr>
            </thead>
            <tbody>
              {LEVELS.map((level) => (
                <tr key={level}>
                  <td>{t.of(`screen.level.${level}`, level)}</td>
                  <td className="num">{count(c.before[level])}</td>
                  <td className="num">{count(c.after[level])}</td>
                  <td className="num">{signed((c.after[level] ?? 0) - (c.before[level] ?? 0))}</td>
                </tr>
              ))}
              <tr>
                <td>{t("screen.compare.met")}</td>
                <td className="num">{hours(c.met_before * 60)}</td>
                <td className="num">{hours(c.met_after * 60)}</td>
                <td className="num">{signed(Math.round((c.met_after - c.met_before) / 60))}</td>
              </tr>
              <tr>
                <td>{t("screen.compare.paid")}</td>
                <td className="num">{hours(c.paid_before * 60)}</td>
                <td className="num">{hours(c.paid_after * 60)}</td>
                <td className="num">{signed(Math.round((c.paid_after - c.paid_before) / 60))}</td>
              </tr>
            </tbody>
          </table>
          <p>
            {t("screen.compare.people", {
              agents: count(c.agents),
              cells: count(c.differences?.length ?? 0),
            })}
          </p>
          <div className="compare-list" tabIndex={0} role="region" aria-label={t("screen.compare.title")}>
            <table className="side-table">
              <tbody>
                {(c.differences ?? []).slice(0, SHOWN).map((d) => (
                  <tr key={`${d.agent_id} ${d.day}`}>
                    <td>{labels.get(d.agent_id)}</td>
                    <td>{d.day}</td>
                    <td>{t.of(`screen.compare_kind.${d.kind}`, d.kind)}</td>
                    <td>
                      {span(d.before)} → {span(d.after)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </div>
      )}
    </Loaded>
  );
}
