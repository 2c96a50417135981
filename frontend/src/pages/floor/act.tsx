import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Modal } from "antd";
import { createContext, type ReactNode, useContext, useState } from "react";
import { client, items, unwrap } from "../../api/client";
import type { Floor, FloorAction, FloorEffect } from "../../api/models";
import { Problem } from "../../api/problem";
import { floorLogQuery } from "../../api/queries";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { problemText } from "../../components/states";
import { percent } from "../../format/number";
import { useText } from "../../text/text";
import { lineOf, type Names, useNames } from "./names";

type Ask = (action: FloorAction) => void;
const AskContext = createContext<Ask | undefined>(undefined);

/** Asks for an action, or undefined for who may only look. */
export const useAsk = () => useContext(AskContext);

/** Does actions after a look at what they would do; offers to undo each. */
export function Acting({ floor, children }: { floor: Floor; children: ReactNode }) {
  const session = useSession();
  const [asked, setAsked] = useState<FloorAction>();
  const names = useNames(floor);
  return (
    <AskContext.Provider value={can(session, "floor", "edit") ? setAsked : undefined}>
      {children}
      {asked && <Confirm action={asked} names={names} onClose={() => setAsked(undefined)} />}
    </AskContext.Provider>
  );
}

function useRefresh() {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: ["floor"] });
    void queries.invalidateQueries({ queryKey: floorLogQuery.queryKey });
  };
}

/** Undoes an action that was done. */
export function useUndo() {
  const t = useText();
  const { message } = App.useApp();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: string) =>
      unwrap(client.POST("/api/v1/floor/actions/{id}/undo", { params: { path: { id } } })),
    onSuccess: () => void message.success(t("screen.floor.undone")),
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
    onSettled: refresh,
  });
}

function Confirm({ action, names, onClose }: { action: FloorAction; names: Names; onClose: () => void }) {
  const t = useText();
  const { message } = App.useApp();
  const refresh = useRefresh();
  const undo = useUndo();
  const preview = useQuery({
    queryKey: ["floor-preview", action],
    queryFn: async () => items(await unwrap(client.POST("/api/v1/floor/actions/preview", { body: action }))),
    staleTime: 0,
    retry: false,
  });
  const act = useMutation({
    mutationFn: () => unwrap(client.POST("/api/v1/floor/actions", { body: action })),
    onSuccess: (entry) => {
      const key = entry.id;
      message.success({
        key,
        duration: 8,
        content: (
          <>
            {lineOf(action, names, t)}{" "}
            <Button
              size="small"
              onClick={() => {
                message.destroy(key);
                undo.mutate(entry.id);
              }}
            >
              {t("screen.floor.undo")}
            </Button>
          </>
        ),
      });
      onClose();
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
    onSettled: refresh,
  });
  return (
    <Modal
      open
      title={t("screen.floor.confirm")}
      okText={t.of(`screen.floor_verb.${action.kind}`, action.kind)}
      cancelText={t("screen.floor.cancel")}
      confirmLoading={act.isPending}
      onOk={() => act.mutate()}
      onCancel={onClose}
    >
      <p>{lineOf(action, names, t)}</p>
      {preview.data && preview.data.length > 0 && <Effects effects={preview.data} names={names} />}
      {preview.isError && (
        <p role="alert" className="floor-warning">
          {problemText(t, Problem.of(preview.error))}
        </p>
      )}
    </Modal>
  );
}

/** What an action is expected to do to the day's end. */
export function Effects({ effects, names }: { effects: FloorEffect[]; names: Names }) {
  const t = useText();
  return (
    <table className="floor-effects">
      <thead>
        <tr>
          <th>{t("screen.floor.projected")}</th>
          <th className="num">{t("screen.floor.before")}</th>
          <th className="num">{t("screen.floor.after")}</th>
        </tr>
      </thead>
      <tbody>
        {effects.map((effect) => (
          <tr key={effect.queue_id}>
            <td>{names.queue(effect.queue_id)}</td>
            <td className="num">{percent(effect.before)}</td>
            <td className="num">
              <strong>{percent(effect.after)}</strong>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
