import { DownloadOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Forecast } from "../../api/models";
import { ProblemView } from "../../components/states";
import { useText } from "../../text/text";

/** The whole version as a file, beside the picture and the figures in view. */
export function ExportButtons({ forecast }: { forecast: Forecast }) {
  const t = useText();
  return (
    <Button
      type="text"
      icon={<DownloadOutlined />}
      href={`/api/v1/forecasts/${forecast.id}/export`}
      download={`forecast-v${forecast.version}.csv`}
    >
      {t("screen.forecast.export_csv")}
    </Button>
  );
}

/** Takes a version back in that was changed outside. */
export function ImportDialog(props: {
  forecast: Forecast;
  onClose: () => void;
  onDone: (id: string) => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const [file, setFile] = useState<File>();
  const [name, setName] = useState("");
  const take = useMutation({
    mutationFn: async () =>
      unwrap(
        client.POST("/api/v1/forecasts/import", {
          body: { client_id: props.forecast.client_id, name: name.trim(), csv: await file!.text() },
        }),
      ),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["forecasts"] });
      props.onDone(made.id);
    },
  });
  return (
    <Modal
      open
      title={t("screen.forecast.import")}
      okText={t("screen.forecast.import_do")}
      cancelText={t("screen.action.cancel")}
      okButtonProps={{ disabled: !file, loading: take.isPending }}
      onCancel={props.onClose}
      onOk={() => take.mutate()}
    >
      <p className="soft">{t("screen.forecast.import_help")}</p>
      <label className="field">
        <span>{t("screen.import.file")}</span>
        <input type="file" accept=".csv" onChange={(event) => setFile(event.target.files?.[0])} />
      </label>
      <label className="field">
        <span>{t("screen.forecast.name")}</span>
        <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      </label>
      {take.isError && <ProblemView problem={take.error} />}
    </Modal>
  );
}
