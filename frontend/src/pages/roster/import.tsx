import { useMutation } from "@tanstack/react-query";
import { App, Input, Modal } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { ImportSheet, RosterChange } from "../../api/models";
import { Problem } from "../../api/problem";
import { problemText } from "../../components/states";
import { count } from "../../format/number";
import { useText } from "../../text/text";
import type { Board } from "./board";
import { JudgementNote } from "./judgement";

/** The content of a file in base64. */
async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let k = 0; k < bytes.length; k += 8192) text += String.fromCharCode(...bytes.subarray(k, k + 8192));
  return btoa(text);
}

/** Cells from Excel, pasted or as a file: what they would change, then the change. */
export function ImportSheetDialog(props: {
  board: Board;
  open: boolean;
  close: () => void;
  take: (change: RosterChange) => void;
}) {
  const t = useText();
  const { message } = App.useApp();
  const { board } = props;
  const [sheet, setSheet] = useState<ImportSheet>();
  const [name, setName] = useState("");
  const fail = (cause: unknown) => void message.error(problemText(t, Problem.of(cause)));
  const preview = useMutation({
    mutationFn: (body: ImportSheet) =>
      unwrap(
        client.POST("/api/v1/rosters/{id}/import/preview", { params: { path: { id: board.view.id } }, body }),
      ),
    onError: fail,
  });
  const store = useMutation({
    mutationFn: (force: boolean) =>
      unwrap(
        client.POST("/api/v1/rosters/{id}/import", {
          params: { path: { id: board.view.id } },
          headers: { "If-Match": `"v${board.edition}"` },
          body: { ...sheet!, force },
        }),
      ),
    onSuccess: (change) => {
      props.take(change);
      if (change.stored) {
        void message.success(t("screen.sheet.done", { count: count(change.cells?.length ?? 0) }));
        props.close();
      }
    },
    onError: fail,
  });
  const read = (body: ImportSheet) => {
    setSheet(body);
    preview.mutate(body);
  };
  const found = preview.data;
  const labels = new Map(board.agents.map((agent) => [agent.id, agent.label]));
  const illegal = found?.change?.legal === false;
  return (
    <Modal
      open={props.open}
      onCancel={props.close}
      width={700}
      destroyOnHidden
      title={t("screen.sheet.title")}
      okText={t(illegal ? "screen.sheet.store_anyway" : "screen.sheet.store", {
        count: count(found?.cells?.length ?? 0),
      })}
      cancelText={t("screen.action.cancel")}
      okButtonProps={{ disabled: !found?.cells?.length, loading: store.isPending, danger: illegal }}
      onOk={() => store.mutate(illegal)}
    >
      <p className="soft">{t("screen.sheet.help")}</p>
      <Input.TextArea
        rows={5}
        aria-label={t("screen.sheet.paste")}
        placeholder={`\t2026-11-23\t2026-11-24\n1001\t08:00-17:00\toff`}
        onChange={(event) => event.target.value.trim() && read({ text: event.target.value })}
      />
      <p className="sheet-file">
        <label className="ant-btn ant-btn-default">
          {t("screen.sheet.file")}
          <input
            type="file"
            className="visually-hidden"
            accept=".xlsx"
            onChange={(event) => {
              const file = event.target.files?.[0];
              if (!file) return;
              setName(file.name);
              void base64(file).then((content) => read({ file: content }));
            }}
          />
        </label>{" "}
        <span className="soft">{name}</span>
      </p>
      {preview.isPending && <div className="skeleton" style={{ height: 90 }} />}
      {found && (
        <div className="sheet-preview">
          <p>
            {t("screen.sheet.found", {
              agents: count(found.agents),
              days: count(found.days),
              changed: count(found.cells?.length ?? 0),
              same: count(found.unchanged),
            })}
          </p>
          {found.change && <JudgementNote judgement={{ change: found.change }} />}
          {(found.refused ?? []).length > 0 && (
            <>
              <p className="judgement-bad">
                ▲ {t("screen.sheet.refused", { count: count(found.refused!.length) })}
              </p>
              <ul>
                {found.refused!.slice(0, 20).map((cell) => (
                  <li key={`${cell.row}:${cell.column}`}>
                    {t("screen.sheet.place", { row: cell.row, column: cell.column })} “{cell.text}”:{" "}
                    {t.of(`error.${cell.code}`, cell.detail, { text: cell.text })}
                  </li>
                ))}
              </ul>
            </>
          )}
          <table className="side-table">
            <tbody>
              {(found.change?.cells ?? []).slice(0, 12).map((cell) => (
                <tr key={`${cell.agent_id} ${cell.day}`}>
                  <td>{labels.get(cell.agent_id)}</td>
                  <td>{cell.day}</td>
                  <td>
                    {cell.before ? cell.before.template : t("screen.roster.off")} →{" "}
                    {cell.after ? cell.after.template : t("screen.roster.off")}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Modal>
  );
}
