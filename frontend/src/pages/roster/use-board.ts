import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useCallback, useMemo, useRef, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { CellEdit, RosterChange, RosterEdit, Shift } from "../../api/models";
import { Problem } from "../../api/problem";
import { useStream } from "../../api/use-stream";
import { boardQuery, peopleQuery, standingQuery, teamsQuery } from "../../api/queries";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { problemText } from "../../components/states";
import { useText } from "../../text/text";
import { Board } from "./board";

export type EditKind = RosterEdit["kind"];

/** An edit of a draft as the server tells it to open boards. */
interface EditHeard {
  roster_id: string;
  edition: number;
  cells: number;
  actor_id: string;
  actor: string;
}

/** The header that binds a change to the edition that was looked at. */
const ifMatch = (edition: number) => ({ "If-Match": `"v${edition}"` });

/** Whether an edit was refused because it was made on an older edition. */
const outdated = (problem: Problem) => problem.code === "roster.changed" || problem.status === 412;

/** What a cell holds, in a form that can be compared and read. */
const textOf = (shift: Shift | undefined) =>
  shift ? `${shift.template ?? ""} ${shift.start.slice(0, 16)}–${shift.end.slice(11, 16)}Z` : "";

/** One roster's board, how it stands, and what can be done to it. */
export function useBoard(id: string) {
  const t = useText();
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const session = useSession();
  const view = useQuery(boardQuery(id));
  const standing = useQuery(standingQuery(id));
  const mayPeople = can(session, "people", "view");
  const people = useQuery({ ...peopleQuery, enabled: mayPeople });
  const teams = useQuery({ ...teamsQuery, enabled: mayPeople });
  const read = useMemo(
    () => view.data && Board.of(view.data, people.data, teams.data),
    [view.data, people.data, teams.data],
  );
  const [edited, setEdited] = useState<{ from: Board; board: Board }>();
  const board = read && edited?.from === read ? edited.board : read;
  const latest = useRef(board);
  latest.current = board;
  const [last, setLast] = useState<RosterChange>();

  const take = useCallback(
    (change: RosterChange) => {
      setLast(change);
      if (!change.stored || !latest.current || !read) return;
      latest.current = latest.current.after(change);
      setEdited({ from: read, board: latest.current });
      // What is cached is old now; it is read again when the page is opened again.
      void queries.invalidateQueries({ queryKey: ["rosters", id, "board"], refetchType: "none" });
      void queries.invalidateQueries({ queryKey: ["rosters", id, "standing"] });
      void queries.invalidateQueries({ queryKey: ["rosters", id, "publication"], refetchType: "none" });
      void queries.invalidateQueries({ queryKey: ["simulations"] });
    },
    [queries, id, read],
  );

  /** The board as it stands on the server now. */
  const readAgain = useCallback(async () => {
    const view = await queries.fetchQuery({ ...boardQuery(id), staleTime: 0 });
    void queries.invalidateQueries({ queryKey: ["rosters", id, "standing"] });
    latest.current = Board.of(view, people.data, teams.data);
    return latest.current;
  }, [queries, id, people.data, teams.data]);

  // Edits wait for each other: each is made on the edition that the one before left.
  const chain = useRef<Promise<unknown>>(Promise.resolve());
  const inTurn = useCallback(
    (
      call: (edition: number) => Promise<RosterChange>,
      cells: CellEdit[] = [],
    ): Promise<RosterChange | undefined> => {
      const next = chain.current.then(async () => {
        try {
          const looked = latest.current;
          const change = await call(looked?.edition ?? 0).catch(async (cause: unknown) => {
            // Somebody was faster: elsewhere on the board that is no matter, in the same cells people decide.
            if (!outdated(Problem.of(cause)) || cells.length === 0 || !looked) throw cause;
            const fresh = await readAgain();
            const lost = cells.filter(
              ({ agent_id, day }) =>
                textOf(looked.at(agent_id, day ?? "")) !== textOf(fresh.at(agent_id, day ?? "")),
            );
            if (lost.length > 0) {
              const mine = await modal.confirm({
                title: t("screen.roster.conflict_title"),
                content: lost
                  .slice(0, 6)
                  .map(({ agent_id, day, text, template, start_at }) =>
                    t("screen.roster.conflict_cell", {
                      agent: fresh.agents.find((agent) => agent.id === agent_id)?.label ?? "",
                      day: day ?? "",
                      theirs: textOf(fresh.at(agent_id, day ?? "")) || t("screen.roster.off"),
                      mine: text ?? (template ? `${template} ${start_at ?? ""}` : t("screen.roster.off")),
                    }),
                  )
                  .join("\n"),
                okText: t("screen.roster.conflict_mine"),
                cancelText: t("screen.roster.conflict_theirs"),
              });
              if (!mine) return undefined;
            }
            return call(fresh.edition);
          });
          if (change) take(change);
          return change;
        } catch (cause) {
          const problem = Problem.of(cause);
          void message.error(problemText(t, problem));
          if (outdated(problem)) await queries.invalidateQueries({ queryKey: ["rosters", id] });
          return undefined;
        }
      });
      chain.current = next;
      return next;
    },
    [take, message, modal, queries, id, t, readAgain],
  );

  // What others store on the same draft arrives as it happens.
  useStream(
    "/api/v1/rosters/stream",
    ["edited"],
    (event) => {
      const heard = event.data as EditHeard;
      if (heard.roster_id !== id) return;
      void chain.current.then(async () => {
        if (heard.edition <= (latest.current?.edition ?? 0)) return;
        await readAgain();
        if (heard.actor_id !== session.user.id)
          void message.info(t("screen.roster.changed_by", { who: heard.actor || "?", count: heard.cells }));
      });
    },
    () => void readAgain(),
  );

  const edit = useCallback(
    async (kind: EditKind, cells: CellEdit[]): Promise<RosterChange | undefined> => {
      if (cells.length === 0) return undefined;
      const send = (force: boolean) =>
        inTurn(
          (edition) =>
            unwrap(
              client.POST("/api/v1/rosters/{id}/operations", {
                params: { path: { id } },
                headers: ifMatch(edition),
                body: { kind, cells, force },
              }),
            ),
          cells,
        );
      const change = await send(false);
      if (!change || change.stored) return change;
      const broken = (change.violations ?? []).filter((violation) => violation.hard);
      const sure = await modal.confirm({
        title: t("screen.roster.force_title"),
        content: broken
          .slice(0, 6)
          .map((violation) => violation.reason)
          .join("\n"),
        okText: t("screen.roster.force"),
        okButtonProps: { danger: true },
        cancelText: t("screen.action.cancel"),
      });
      return sure ? send(true) : change;
    },
    [inTurn, id, modal, t],
  );

  const undo = useCallback(
    () =>
      inTurn((edition) =>
        unwrap(
          client.POST("/api/v1/rosters/{id}/undo", { params: { path: { id } }, headers: ifMatch(edition) }),
        ),
      ),
    [inTurn, id],
  );
  const redo = useCallback(
    () =>
      inTurn((edition) =>
        unwrap(
          client.POST("/api/v1/rosters/{id}/redo", { params: { path: { id } }, headers: ifMatch(edition) }),
        ),
      ),
    [inTurn, id],
  );
  const check = useCallback(
    (kind: EditKind, cells: CellEdit[]) =>
      unwrap(
        client.POST("/api/v1/rosters/{id}/operations/check", {
          params: { path: { id } },
          body: { kind, cells },
        }),
      ),
    [id],
  );
  return { view, standing, board, last, edit, undo, redo, check, take };
}

export type BoardControl = ReturnType<typeof useBoard>;
