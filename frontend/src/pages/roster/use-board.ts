import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useCallback, useMemo, useRef, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { CellEdit, RosterChange, RosterEdit } from "../../api/models";
import { Problem } from "../../api/problem";
import { boardQuery, peopleQuery, standingQuery, teamsQuery } from "../../api/queries";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { problemText } from "../../components/states";
import { useText } from "../../text/text";
import { Board } from "./board";

export type EditKind = RosterEdit["kind"];

/** The header that binds a change to the edition that was looked at. */
const ifMatch = (edition: number) => ({ "If-Match": `"v${edition}"` });

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

  // Edits wait for each other: each is made on the edition that the one before left.
  const chain = useRef<Promise<unknown>>(Promise.resolve());
  const inTurn = useCallback(
    (call: (edition: number) => Promise<RosterChange>): Promise<RosterChange | undefined> => {
      const next = chain.current.then(async () => {
        try {
          const change = await call(latest.current?.edition ?? 0);
          take(change);
          return change;
        } catch (cause) {
          const problem = Problem.of(cause);
          void message.error(problemText(t, problem));
          if (problem.code === "roster.changed" || problem.status === 412)
            await queries.invalidateQueries({ queryKey: ["rosters", id] });
          return undefined;
        }
      });
      chain.current = next;
      return next;
    },
    [take, message, queries, id, t],
  );

  const edit = useCallback(
    async (kind: EditKind, cells: CellEdit[]): Promise<RosterChange | undefined> => {
      if (cells.length === 0) return undefined;
      const send = (force: boolean) =>
        inTurn((edition) =>
          unwrap(
            client.POST("/api/v1/rosters/{id}/operations", {
              params: { path: { id } },
              headers: ifMatch(edition),
              body: { kind, cells, force },
            }),
          ),
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
