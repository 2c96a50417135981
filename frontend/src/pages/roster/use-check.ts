import { useCallback, useRef, useState } from "react";
import type { CellEdit, RosterChange } from "../../api/models";
import { Problem } from "../../api/problem";
import type { EditKind } from "./use-board";

/** The judgement of an edit that is not made yet. */
export interface Judgement {
  change?: RosterChange;
  problem?: Problem;
}

/**
 * Asks what an edit would do while somebody is still about it: one question at a
 * time, and always the latest one next.
 */
export function useCheck(check: (kind: EditKind, cells: CellEdit[]) => Promise<RosterChange>) {
  const [judgement, setJudgement] = useState<Judgement>();
  const wanted = useRef<{ kind: EditKind; cells: CellEdit[] }>(undefined);
  const busy = useRef(false);
  const ask = useCallback(
    async (kind: EditKind, cells: CellEdit[] | undefined) => {
      wanted.current = cells && { kind, cells };
      if (!cells) setJudgement(undefined);
      if (busy.current) return;
      busy.current = true;
      while (wanted.current) {
        const question: { kind: EditKind; cells: CellEdit[] } = wanted.current;
        let answer: Judgement;
        try {
          answer = { change: await check(question.kind, question.cells) };
        } catch (cause) {
          answer = { problem: Problem.of(cause) };
        }
        if (wanted.current === question) {
          setJudgement(answer);
          break;
        }
      }
      busy.current = false;
    },
    [check],
  );
  return { judgement, ask };
}
