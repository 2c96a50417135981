import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Forecast } from "../../api/models";
import { Problem } from "../../api/problem";
import { useClients } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { problemText } from "../../components/states";
import { useText } from "../../text/text";
import { ImportDialog } from "./exchange";
import { weeksOf } from "./versions";

/** The one step that comes next in the life of a version, and what else can be done. */
export function VersionActions(props: {
  forecast: Forecast;
  onPlan: () => void;
  onVersion: (id: string) => void;
}) {
  const t = useText();
  const session = useSession();
  const { forecast } = props;
  const [importing, setImporting] = useState(false);
  const edits = can(session, "forecasts", "edit");
  const publishes = can(session, "forecasts", "publish");
  const more = [
    ...(edits && !(forecast.status === "committed" || !publishes)
      ? [{ key: "new", label: t("screen.forecast.new") }]
      : []),
    ...(edits ? [{ key: "import", label: t("screen.forecast.import") }] : []),
  ];
  return (
    <>
      {more.length > 0 && (
        <Dropdown
          trigger={["click"]}
          menu={{
            items: more,
            onClick: ({ key }) => (key === "new" ? props.onPlan() : setImporting(true)),
          }}
        >
          <Button>{t("screen.action.others")}</Button>
        </Dropdown>
      )}
      <NextStep {...props} publishes={publishes} edits={edits} />
      {importing && (
        <ImportDialog
          forecast={forecast}
          onClose={() => setImporting(false)}
          onDone={(id) => {
            setImporting(false);
            props.onVersion(id);
          }}
        />
      )}
    </>
  );
}

function NextStep(props: { forecast: Forecast; onPlan: () => void; publishes: boolean; edits: boolean }) {
  const t = useText();
  const clients = useClients();
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const { forecast } = props;
  const weeks = weeksOf(forecast);
  const step = forecast.status === "draft" ? "publish" : "commit";
  const advance = useMutation({
    mutationFn: () =>
      unwrap(client.POST(`/api/v1/forecasts/{id}/${step}`, { params: { path: { id: forecast.id } } })),
    onSuccess: (next) => {
      void message.success(t(`screen.forecast.${step}_done`, { version: next.version }));
      return queries.invalidateQueries({ queryKey: ["forecasts"] });
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  const ours = forecast.settings.source !== "client";
  if (ours && props.publishes && forecast.status !== "committed") {
    const title = t(`screen.forecast.${step}`, { weeks, client: clients.name(forecast.client_id) });
    return (
      <Button
        type="primary"
        loading={advance.isPending}
        onClick={() =>
          modal.confirm({
            title,
            content: t(`screen.forecast.${step}_consequence`, { client: clients.name(forecast.client_id) }),
            okText: title,
            cancelText: t("screen.action.cancel"),
            onOk: () => advance.mutateAsync().catch(() => undefined),
          })
        }
      >
        {title}
      </Button>
    );
  }
  if (!props.edits) return null;
  return (
    <Button type="primary" onClick={props.onPlan}>
      {t("screen.forecast.new")}
    </Button>
  );
}
