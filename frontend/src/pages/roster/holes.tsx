import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import type { BoardHole, Candidate, CellEdit, Standing } from "../../api/models";
import { candidatesQuery } from "../../api/queries";
import { useClients } from "../../app/frame";
import { ClientName } from "../../components/status";
import { count, NONE } from "../../format/number";
import { dayLabel, timeOfDay } from "../../format/time";
import { reasonText } from "../../components/roster-grid/rule-name";
import { useText } from "../../text/text";
import { type Board, templateName } from "./board";
import { signed } from "./judgement";

const SHOWN = 120;

/** Requirement that nobody covers, in order of time; one opens its ranked candidates. */
export function Holes(props: {
  board: Board;
  standing: Standing;
  chosen: (queueId: string) => boolean;
  editable: boolean;
  assign: (cells: CellEdit[]) => Promise<unknown>;
  show: (at: number) => void;
}) {
  const t = useText();
  const { board, standing, chosen } = props;
  const clients = useClients();
  const { zone } = board.view;
  const [opened, setOpened] = useState<string>();
  const at = (minute: number) => board.origin + minute * 60_000;
  // What is over cannot be filled any more.
  const [now] = useState(() => Date.now());
  const holes = (standing.holes ?? []).filter(
    (hole) => at(hole.at) > now && chosen(board.curves[hole.queue]?.id ?? ""),
  );
  if (holes.length === 0) return <p className="side-empty">{t("screen.roster.no_holes")}</p>;
  return (
    <ul className="side-list">
      {holes.slice(0, SHOWN).map((hole) => {
        const curve = board.curves[hole.queue]!;
        const key = `${hole.queue} ${hole.start}`;
        const open = opened === key;
        return (
          <li key={key} className={open ? "side-open" : undefined}>
            <button
              type="button"
              className="plain hole"
              aria-expanded={open}
              onClick={() => {
                setOpened(open ? undefined : key);
                props.show(at(hole.start));
              }}
            >
              <span className="hole-time">
                {dayLabel(at(hole.start), zone)} {timeOfDay(at(hole.start), zone)}–
                {timeOfDay(at(hole.start + hole.minutes), zone)}
              </span>
              <ClientName
                name={`${clients.name(curve.client_id)} · ${curve.name}`}
                color={clients.color(curve.client_id)}
              />
              <strong className="hole-missing">−{hole.missing}</strong>
            </button>
            {open && <Candidates {...props} hole={hole} />}
          </li>
        );
      })}
      {holes.length > SHOWN && (
        <li className="side-empty">{t("screen.roster.more", { count: holes.length - SHOWN })}</li>
      )}
    </ul>
  );
}

/** Who could fill a hole: legal ones first, then those who cost the roster least. */
function Candidates(props: {
  board: Board;
  hole: BoardHole;
  editable: boolean;
  assign: (cells: CellEdit[]) => Promise<unknown>;
}) {
  const t = useText();
  const { board, hole } = props;
  const template = board.view.templates?.[hole.template];
  const start = new Date(board.origin + hole.at * 60_000).toISOString();
  const found = useQuery({
    ...candidatesQuery(board.view.id, template?.id ?? "", start, board.edition),
    enabled: template !== undefined,
  });
  const [busy, setBusy] = useState<string>();
  if (!template) return <p className="side-empty">{t("screen.roster.no_shift_reaches")}</p>;
  const names = new Map(board.agents.map((agent) => [agent.id, agent]));
  const assign = async (candidate: Candidate) => {
    setBusy(candidate.agent_id);
    await props.assign([{ agent_id: candidate.agent_id, template: template.id, start_at: start }]);
    setBusy(undefined);
  };
  return (
    <div className="candidates">
      <p className="soft">
        {t("screen.roster.fill_with", {
          type: templateName(template.id),
          start: timeOfDay(start, board.view.zone),
          end: timeOfDay(Date.parse(start) + template.min_minutes * 60_000, board.view.zone),
        })}
      </p>
      {found.isPending && <div className="skeleton" style={{ height: 120 }} />}
      {(found.data ?? []).map((candidate) => {
        const agent = names.get(candidate.agent_id);
        const { before } = candidate;
        return (
          <div key={candidate.agent_id} className="candidate">
            <span>
              <strong>{agent?.label ?? candidate.label}</strong> {agent?.name}
              <br />
              <span
                className="soft"
                title={(candidate.reasons ?? []).map((r) => reasonText(t, r)).join("\n")}
              >
                {before
                  ? `${timeOfDay(before.start_at, board.view.zone)}–${timeOfDay(before.end_at, board.view.zone)}`
                  : t("screen.roster.off")}
                {" · "}
                {t("screen.roster.points_change", { points: signed(candidate.points) })}
                {(candidate.reasons?.length ?? 0) > 0 &&
                  ` · ${candidate.legal ? "△" : "▲"} ${count(candidate.reasons!.length)}`}
              </span>
            </span>
            <Button
              size="small"
              disabled={!props.editable || !candidate.legal}
              loading={busy === candidate.agent_id}
              onClick={() => void assign(candidate)}
              aria-label={t("screen.roster.assign_who", { agent: agent?.label ?? NONE })}
            >
              {t("screen.roster.assign")}
            </Button>
          </div>
        );
      })}
    </div>
  );
}
