import { DownOutlined, RedoOutlined, UndoOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Dropdown, Segmented, Select } from "antd";
import { useCallback, useMemo, useState } from "react";
import type { Activity, Roster, RosterAgent, Shift } from "../../api/models";
import { rostersQuery, stripQuery } from "../../api/queries";
import { useClients, useFrame, usePageFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Fact, PageHeader } from "../../components/page-header";
import { type CellRef, type Landing, RosterGrid } from "../../components/roster-grid/roster-grid";
import type { StripLane } from "../../components/roster-grid/strip";
import { EmptyView, Loaded } from "../../components/states";
import { ClientName, StateTag } from "../../components/status";
import { count, share } from "../../format/number";
import { dateLabel, dayOf, daysBetween, hours } from "../../format/time";
import { useText } from "../../text/text";
import { activityColor } from "../../theme/tokens";
import type { Board, BoardAgent, QueueCurve } from "./board";
import { CellEditor, type OpenCell } from "./cell-editor";
import { Compare } from "./compare";
import { Generate } from "./generate";
import { Holes } from "./holes";
import { ImportSheetDialog } from "./import";
import { JudgementNote, signed } from "./judgement";
import { lanesOf, type StripBy } from "./lanes";
import { Laws } from "./laws";
import { MadeUnder } from "./made-under";
import { movedCells } from "./moves";
import { ReceivedDialog } from "./received";
import { Rules } from "./rules";
import { Service, serviceOf, useService } from "./service";
import { ShiftPanel } from "./shift-panel";
import { useBoard } from "./use-board";
import { useCheck } from "./use-check";
import { NextStep, useLocking } from "./versions";
import "./roster.css";

/** Who works when: the board of the latest roster, or of an older version. */
export default function RosterPage() {
  const rosters = useQuery(rostersQuery);
  return <Loaded query={rosters}>{(list) => <Rosters list={list} />}</Loaded>;
}

/** The version on the board, and the search for a new one. */
function Rosters({ list }: { list: Roster[] }) {
  const t = useText();
  const session = useSession();
  const [id, setId] = useState<string>();
  const [asking, setAsking] = useState(false);
  const [jobId, setJobId] = useState<string>();
  const roster = list.find((r) => r.id === id) ?? list[0];
  const made = useCallback((rosterId: string) => {
    setAsking(false);
    setJobId(undefined);
    setId(rosterId);
  }, []);
  const mayGenerate = can(session, "rosters", "edit");
  const button = mayGenerate && (
    <Button type={roster ? "default" : "primary"} onClick={() => setAsking(true)}>
      {t(jobId ? "screen.generate.running" : "screen.generate.open")}
    </Button>
  );
  return (
    <>
      {roster ? (
        <RosterView key={roster.id} roster={roster} rosters={list} show={setId} generate={button} />
      ) : (
        <EmptyView title={t("screen.roster.none")} advice={t("screen.roster.none_advice")} action={button} />
      )}
      <Generate
        roster={roster}
        open={asking}
        jobId={jobId}
        started={setJobId}
        close={() => setAsking(false)}
        made={made}
      />
    </>
  );
}

type Grouping = "team" | "skill" | "tier";
const grouping: Record<Grouping, (agent: RosterAgent) => string> = {
  team: (agent) => agent.team ?? "",
  skill: (agent) => (agent as BoardAgent).skills,
  tier: (agent) => agent.tier ?? "",
};

type Side = "holes" | "rules" | "service";

interface ViewProps {
  roster: Roster;
  rosters: Roster[];
  show: (rosterId: string) => void;
  generate: React.ReactNode;
}

function RosterView({ roster, rosters, show, generate }: ViewProps) {
  const t = useText();
  const session = useSession();
  const control = useBoard(roster.id);
  const { board, standing, undo, redo } = control;
  const [span, setSpan] = useState(7);
  const [group, setGroup] = useState<Grouping>("team");
  const [side, setSide] = useState<Side>("holes");
  const [dialog, setDialog] = useState<"import" | "compare" | "laws" | "received">();
  const [only, setOnly] = useState<string>("");
  const [stripBy, setStripBy] = useState<StripBy>("all");
  usePageFrame("none", undefined, roster.zone);
  const { clientId } = useFrame();
  const editable = roster.status === "draft" && can(session, "rosters", "edit");
  const chosen = useCallback(
    (curve: QueueCurve) =>
      only === "" ? !clientId || curve.client_id === clientId : only === curve.id || only === curve.client_id,
    [only, clientId],
  );
  const lanes = useLanes(board, stripBy, only || clientId || "");
  const history = standing.data?.history;
  const locking = useLocking(roster);
  const missing = standing.data ? standing.data.required_minutes - standing.data.met_minutes : undefined;

  return (
    <div className="roster-page">
      <PageHeader
        title={t("screen.page.roster")}
        facts={
          <>
            <Select
              aria-label={t("screen.roster.version")}
              value={roster.id}
              onChange={show}
              popupMatchSelectWidth={false}
              className="roster-version"
              options={rosters.map((r) => ({
                value: r.id,
                label: `${r.name} · ${dateLabel(`${r.from_day}T00:00:00Z`, "UTC")} · ${t("screen.forecast.version", { version: r.version })} · ${t.of(`screen.version_state.${r.status}`, r.status)}`,
              }))}
            />
            <StateTag kind="version_state" state={roster.status} />
            <Fact name={t("screen.roster.agents")}>{count(board?.agents.length)}</Fact>
            <Fact name={t("screen.roster.uncovered")}>
              {t("screen.roster.uncovered_value", {
                hours: missing === undefined ? "–" : hours(missing * 60),
                share: standing.data ? share(missing!, standing.data.required_minutes) : "–",
              })}
            </Fact>
            <Fact name={t("screen.roster.violations")}>
              {(standing.data?.hard ?? 0) > 0 ? (
                <span className="judgement-bad">▲ {count(standing.data?.hard)}</span>
              ) : (
                count(standing.data?.hard)
              )}
            </Fact>
            <Fact name={t("screen.roster.wishes")}>
              {count(standing.data && standing.data.broken - standing.data.hard)}
            </Fact>
          </>
        }
        actions={
          <>
            {generate}
            <Dropdown
              trigger={["click"]}
              menu={{
                items: [
                  {
                    key: "excel",
                    label: (
                      <a href={`/api/v1/rosters/${roster.id}/workbook`}>{t("screen.roster.to_excel")}</a>
                    ),
                  },
                  {
                    key: "exchange",
                    label: (
                      <a href={`/api/v1/rosters/${roster.id}/exchange`}>{t("screen.roster.to_exchange")}</a>
                    ),
                  },
                  ...(editable
                    ? [{ key: "import", label: t("screen.sheet.title"), onClick: () => setDialog("import") }]
                    : []),
                  { key: "compare", label: t("screen.compare.title"), onClick: () => setDialog("compare") },
                  ...(can(session, "rosters", "edit")
                    ? [
                        {
                          key: "received",
                          label: t("screen.received.title"),
                          onClick: () => setDialog("received"),
                        },
                      ]
                    : []),
                  ...(can(session, "rosters", "publish")
                    ? [{ key: "laws", label: t("screen.laws.title"), onClick: () => setDialog("laws") }]
                    : []),
                  ...(locking.lock
                    ? [{ key: "lock", label: t("screen.roster.lock"), onClick: locking.lock }]
                    : []),
                  ...(locking.unlock
                    ? [{ key: "unlock", label: t("screen.roster.unlock"), onClick: locking.unlock }]
                    : []),
                ],
              }}
            >
              <Button>
                {t("screen.roster.more_actions")} <DownOutlined aria-hidden />
              </Button>
            </Dropdown>
            <NextStep roster={roster} show={show} />
          </>
        }
      />
      <div className="roster-tools">
        {editable && (
          <span className="roster-history">
            <Button
              size="small"
              icon={<UndoOutlined aria-hidden />}
              disabled={!history?.undo}
              title={
                history?.undo ? t.of(`screen.operation.${history.undo.kind}`, history.undo.kind) : undefined
              }
              onClick={() => void undo()}
            >
              {t("screen.roster.undo")}
            </Button>
            <Button
              size="small"
              icon={<RedoOutlined aria-hidden />}
              disabled={!history?.redo}
              onClick={() => void redo()}
              aria-label={t("screen.roster.redo")}
            />
          </span>
        )}
        <Segmented
          size="small"
          aria-label={t("screen.roster.span")}
          value={span}
          onChange={setSpan}
          options={[1, 7, 14, 28].map((n) => ({ value: n, label: t(`screen.roster.days_${n as 1}`) }))}
        />
        <Segmented
          size="small"
          aria-label={t("screen.roster.group_by")}
          value={group}
          onChange={setGroup}
          options={(["team", "skill", "tier"] as const).map((g) => ({
            value: g,
            label: t(`screen.roster.by_${g}`),
          }))}
        />
        <QueueChoice board={board} only={only} choose={setOnly} />
        <Segmented
          size="small"
          aria-label={t("screen.roster.strip_by")}
          value={stripBy}
          onChange={setStripBy}
          options={(["all", "client", "tier"] as const).map((by) => ({
            value: by,
            label: t(`screen.roster.strip_${by}`),
          }))}
        />
        <Legend />
      </div>
      <div className="roster-body">
        <Loaded
          query={{ ...control.view, data: board }}
          skeleton={<div className="skeleton" style={{ height: "100%", flex: 1 }} />}
        >
          {(data) => (
            <BoardArea
              board={data}
              roster={roster}
              control={control}
              editable={editable}
              span={span}
              group={group}
              chosen={chosen}
              lanes={lanes}
              side={side}
              setSide={setSide}
            />
          )}
        </Loaded>
      </div>
      <p className="roster-status" role="status">
        {control.last?.stored && (
          <>
            {t("screen.roster.stored", {
              count: count(control.last.cells?.length ?? 0),
              points: signed(control.last.points),
            })}
            {" · "}
          </>
        )}
        <span className="soft">{t(editable ? "screen.roster.edit_keys" : "screen.roster.keys")}</span>
      </p>
      <Laws open={dialog === "laws"} close={() => setDialog(undefined)} firstDay={roster.from_day} />
      <ReceivedDialog open={dialog === "received"} close={() => setDialog(undefined)} zone={roster.zone} />
      {board && (
        <>
          <Compare
            board={board}
            rosters={rosters}
            open={dialog === "compare"}
            close={() => setDialog(undefined)}
          />
          <ImportSheetDialog
            board={board}
            open={dialog === "import"}
            close={() => setDialog(undefined)}
            take={control.take}
          />
        </>
      )}
    </div>
  );
}

/** The strips per client or tier of the board's edition; only is a queue, a client, or empty. */
function useLanes(board: Board | undefined, by: StripBy, only: string): StripLane[] | undefined {
  const t = useText();
  const clients = useClients();
  const isQueue = board?.curves.some((curve) => curve.id === only);
  const filter = only === "" ? {} : isQueue ? { queue: only } : { client: only };
  const { data } = useQuery({
    ...stripQuery(board?.view.id ?? "", board?.edition ?? 0, filter),
    enabled: board !== undefined && by !== "all",
    placeholderData: keepPreviousData,
  });
  return useMemo(
    () =>
      lanesOf(data, by, clients.name, (tier) =>
        t("screen.roster.strip_lane", { tier: t.of(`screen.tier.${tier}`, tier) }),
      ),
    [data, by, clients, t],
  );
}

/** All queues, one client's, or one queue: what strip, holes and service are about. */
function QueueChoice(props: { board: Board | undefined; only: string; choose: (id: string) => void }) {
  const t = useText();
  const clients = useClients();
  const curves = props.board?.curves ?? [];
  const ids = [...new Set(curves.map((curve) => curve.client_id))];
  return (
    <Select
      size="small"
      aria-label={t("screen.roster.queues")}
      value={props.only}
      onChange={props.choose}
      popupMatchSelectWidth={false}
      className="roster-queue"
      options={[
        { value: "", label: t("screen.roster.all_queues") },
        ...ids.map((id) => ({
          label: clients.name(id),
          options: [
            { value: id, label: t("screen.roster.whole_client", { client: clients.name(id) }) },
            ...curves
              .filter((curve) => curve.client_id === id)
              .map((curve) => ({ value: curve.id, label: curve.name })),
          ],
        })),
      ]}
    />
  );
}

function Legend() {
  const t = useText();
  const { clients: list } = useFrame();
  const clients = useClients();
  return (
    <span className="roster-legend-line">
      {list.map((c) => (
        <ClientName key={c.id} name={c.name} color={clients.color(c.id)} />
      ))}
      <ClientName name={t("screen.activity.break")} color={activityColor.break!} />
    </span>
  );
}

/** The grid with everything that edits it, and the panel beside it. */
function BoardArea(props: {
  board: Board;
  roster: Roster;
  control: ReturnType<typeof useBoard>;
  editable: boolean;
  span: number;
  group: Grouping;
  chosen: (curve: QueueCurve) => boolean;
  lanes: StripLane[] | undefined;
  side: Side;
  setSide: (side: Side) => void;
}) {
  const t = useText();
  const { board, roster, control, editable, chosen, side } = props;
  const { edit, undo, redo } = control;
  const { color } = useClients();
  const [opened, setOpened] = useState<{ agent: RosterAgent; day: string; shift?: Shift }>();
  const [cell, setCell] = useState<OpenCell>();
  const [focusOn, setFocusOn] = useState<{ agentId?: string; day: string }>();
  const dragCheck = useCheck(control.check);
  const cellCheck = useCheck(control.check);
  const series = useService(roster.id);

  const chosenId = useCallback(
    (id: string) => {
      const curve = board.curves.find((c) => c.id === id);
      return curve !== undefined && chosen(curve);
    },
    [board.curves, chosen],
  );
  const service = useMemo(
    () => serviceOf(series, chosenId, board.edition),
    [series, chosenId, board.edition],
  );
  const pending = dragCheck.judgement?.change ?? cellCheck.judgement?.change;
  const strip = useMemo(
    () => ({ ...board.strip(chosen, pending), service }),
    [board, chosen, pending, service],
  );
  const days = useMemo(() => daysBetween(roster.from_day, roster.to_day), [roster.from_day, roster.to_day]);
  const colorOf = useCallback(
    (activity: Activity) => activityColor[activity.kind] ?? color(activity.client_id),
    [color],
  );
  const onOpen = useCallback(
    (agent: RosterAgent, day: string, shift: Shift | undefined) => setOpened({ agent, day, shift }),
    [],
  );
  const refocus = () => document.querySelector<HTMLElement>(".roster")?.focus({ preventScroll: true });
  const { ask: askDrag } = dragCheck;
  const { ask: askCell } = cellCheck;
  const editing = useMemo(
    () =>
      editable
        ? {
            begin: (ref: CellRef, box: DOMRect, typed: string) => setCell({ cell: ref, box, typed }),
            clear: (cells: CellRef[]) => {
              const worked = cells.filter((ref) => ref.shift);
              void edit(
                "clear",
                worked.map((ref) => ({ agent_id: ref.agent.id, day: ref.day })),
              );
            },
            paste: (cells: { cell: CellRef; text: string }[]) =>
              void edit(
                "paste",
                cells.map(({ cell: ref, text }) => ({ agent_id: ref.agent.id, day: ref.day, text })),
              ),
            undo: () => void undo(),
            redo: () => void redo(),
            over: (landing: Landing | undefined) => void askDrag("move", landing && movedCells(landing)),
            drop: (landing: Landing) => void edit("move", movedCells(landing)),
          }
        : undefined,
    [editable, edit, undo, redo, askDrag],
  );
  const ask = useCallback(
    (cells: Parameters<typeof edit>[1] | undefined) => void askCell("edit", cells),
    [askCell],
  );
  const closeCell = useCallback(() => {
    setCell(undefined);
    void askCell("edit", undefined);
    refocus();
  }, [askCell]);
  const shownDay = focusOn?.day ?? days[0] ?? "";

  return (
    <>
      <div className="roster-board">
        <RosterGrid
          agents={board.agents}
          source={board}
          days={days}
          zone={roster.zone}
          coverage={strip}
          lanes={props.lanes}
          groupOf={grouping[props.group]}
          noGroup={t(props.group === "skill" ? "screen.roster.no_skill" : "screen.roster.no_team")}
          colorOf={colorOf}
          daysInView={props.span}
          onOpen={onOpen}
          editing={editing}
          dragNote={<JudgementNote judgement={dragCheck.judgement} />}
          focusOn={focusOn}
        />
      </div>
      <aside className="roster-side" aria-label={t("screen.roster.side")}>
        <Segmented
          block
          size="small"
          aria-label={t("screen.roster.side")}
          value={side}
          onChange={props.setSide}
          options={[
            {
              value: "holes",
              label: t("screen.roster.side_holes", { count: count(control.standing.data?.holes?.length) }),
            },
            { value: "rules", label: t("screen.roster.side_rules") },
            { value: "service", label: t("screen.roster.side_service") },
          ]}
        />
        <div className="roster-side-body" tabIndex={0} role="region" aria-label={t("screen.roster.side")}>
          {side === "holes" && (
            <Loaded query={control.standing} skeleton={<div className="skeleton" style={{ height: 200 }} />}>
              {(standing) => (
                <Holes
                  board={board}
                  standing={standing}
                  chosen={chosenId}
                  editable={editable}
                  assign={(cells) => edit("fill", cells)}
                  show={(at) => setFocusOn({ day: dayOf(at, roster.zone) })}
                />
              )}
            </Loaded>
          )}
          {side === "rules" && (
            <>
              <MadeUnder rosterId={roster.id} />
              <Rules board={board} show={(agentId, day) => setFocusOn({ agentId, day })} />
            </>
          )}
          {side === "service" && <Service board={board} series={series} day={shownDay} />}
        </div>
      </aside>
      {cell && (
        <CellEditor
          key={`${cell.cell.agent.id} ${cell.cell.day}`}
          open={cell}
          zone={roster.zone}
          templates={board.view.templates ?? []}
          judgement={cellCheck.judgement}
          ask={ask}
          store={(cells) => {
            closeCell();
            void edit("edit", cells);
          }}
          close={closeCell}
        />
      )}
      <ShiftPanel
        opened={opened}
        violations={opened ? board.brokenAt(opened.agent.id, opened.day) : []}
        zone={roster.zone}
        onClose={() => {
          setOpened(undefined);
          refocus();
        }}
      />
    </>
  );
}
