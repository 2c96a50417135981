import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useEffect, useRef } from "react";
import { client, unwrap } from "../../api/client";
import type { Adjustment, AdjustmentInput, Forecast } from "../../api/models";
import { Problem } from "../../api/problem";
import { problemText } from "../../components/states";
import { useText } from "../../text/text";

/** What a page does to a forecast, and whether something is on its way. */
export interface Edits {
  adjust: (changes: AdjustmentInput[]) => void;
  setUndone: (adjustment: Adjustment, undone: boolean) => void;
  undo: () => void;
  redo: () => void;
  busy: boolean;
  /** How many adjustments are still to be sent. */
  left: number;
}

/** The change that Ctrl+Z takes back: the latest one that is in force. */
export function lastDone(adjustments: Adjustment[]): Adjustment | undefined {
  return adjustments.findLast((a) => !a.undone);
}

/**
 * Changes a forecast by named adjustments. A version that must not change is
 * copied by the server; `onVersion` then hears of the draft. Changes go one
 * after the other, in the order they were made.
 */
export function useEdits(
  forecast: Forecast,
  adjustments: Adjustment[],
  onVersion: (forecast: Forecast) => void,
): Edits {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  // What was undone here, the latest last; redo takes it from the end.
  const undone = useRef<string[]>([]);
  const left = useRef(0);
  // Changes that wait their turn belong to the draft that the first of them made.
  const current = useRef(forecast.id);
  useEffect(() => {
    current.current = forecast.id;
  }, [forecast.id]);

  const took = async (next: Forecast) => {
    current.current = next.id;
    queries.setQueryData(["forecasts", next.id], next);
    if (next.id !== forecast.id) {
      onVersion(next);
      void message.info(t("screen.forecast.copied", { version: next.version }));
    }
    await queries.invalidateQueries({ queryKey: ["forecasts"] });
  };
  const failed = (cause: unknown) => {
    left.current = 0;
    void message.error(problemText(t, Problem.of(cause)));
    return queries.invalidateQueries({ queryKey: ["forecasts"] });
  };
  const adjusting = useMutation({
    scope: { id: `forecast ${forecast.client_id}` },
    mutationFn: async (changes: AdjustmentInput[]) => {
      let at: Forecast | undefined;
      left.current = changes.length;
      for (const body of changes) {
        const id = at?.id ?? current.current;
        at = await unwrap(
          client.POST("/api/v1/forecasts/{id}/adjustments", { params: { path: { id } }, body }),
        );
        left.current--;
      }
      return at!;
    },
    onSuccess: (next) => {
      undone.current = [];
      return took(next);
    },
    onError: failed,
  });
  const undoing = useMutation({
    scope: { id: `forecast ${forecast.client_id}` },
    mutationFn: (change: { adjustment: string; undone: boolean }) =>
      unwrap(
        client.PUT("/api/v1/forecasts/{id}/adjustments/{adjustment}", {
          params: { path: { id: current.current, adjustment: change.adjustment } },
          body: { undone: change.undone },
        }),
      ),
    onSuccess: took,
    onError: failed,
  });
  const setUndone = (adjustment: Adjustment, is: boolean) => {
    if (is) undone.current.push(adjustment.id);
    else undone.current = undone.current.filter((id) => id !== adjustment.id);
    undoing.mutate({ adjustment: adjustment.id, undone: is });
  };
  const busy = adjusting.isPending || undoing.isPending;
  return {
    adjust: (changes) => {
      if (changes.length > 0) adjusting.mutate(changes);
    },
    setUndone,
    undo: () => {
      const last = lastDone(adjustments);
      if (!busy && last && forecast.status === "draft") setUndone(last, true);
    },
    redo: () => {
      const id = undone.current.at(-1);
      const again = adjustments.find((a) => a.id === id && a.undone);
      if (!busy && again) setUndone(again, false);
    },
    busy,
    left: left.current,
  };
}
