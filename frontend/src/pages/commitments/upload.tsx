import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import { base64Of } from "../../api/files";
import type { Forecast } from "../../api/models";
import { ProblemView } from "../../components/states";
import { dateLabel } from "../../format/time";
import { useText } from "../../text/text";

/** Hands in the client's own forecast; it stands beside ours with the file's fingerprint. */
export function UploadDialog({ clientId, onClose }: { clientId: string; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [file, setFile] = useState<File>();
  const [name, setName] = useState("");
  const send = useMutation({
    mutationFn: async () =>
      unwrap(
        client.POST("/api/v1/forecasts/import", {
          body: {
            client_id: clientId,
            name: name.trim(),
            file_name: file!.name,
            file: await base64Of(file!),
          },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["forecasts"] }),
  });
  const taken = send.data;
  return (
    <Modal
      open
      title={t("screen.commitments.upload_title")}
      okText={t(taken ? "screen.action.close" : "screen.commitments.upload_do")}
      cancelButtonProps={taken && { style: { display: "none" } }}
      cancelText={t("screen.action.cancel")}
      okButtonProps={{ disabled: !file, loading: send.isPending }}
      onCancel={onClose}
      onOk={() => (taken ? onClose() : send.mutate())}
    >
      {taken ? (
        <Receipt forecast={taken} />
      ) : (
        <>
          <p className="soft">{t("screen.commitments.upload_help")}</p>
          <label className="field">
            <span>{t("screen.import.file")}</span>
            <input
              type="file"
              accept=".xlsx,.csv"
              onChange={(event) => {
                setFile(event.target.files?.[0]);
                send.reset();
              }}
            />
          </label>
          <label className="field">
            <span>{t("screen.forecast.name")}</span>
            <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
          </label>
          {send.isError && <ProblemView problem={send.error} />}
        </>
      )}
    </Modal>
  );
}

/** What was taken in, and the fingerprint by which either side can tell the file later. */
function Receipt({ forecast }: { forecast: Forecast }) {
  const t = useText();
  return (
    <div role="status">
      <p>
        {t("screen.commitments.taken", {
          version: forecast.version,
          from: dateLabel(forecast.start_at, forecast.zone),
          to: dateLabel(Date.parse(forecast.end_at) - 1, forecast.zone),
        })}
      </p>
      <p className="soft">
        SHA-256 <code className="file-hash">{forecast.settings.file_sha256}</code>
      </p>
    </div>
  );
}
