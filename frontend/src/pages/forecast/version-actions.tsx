import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Forecast, Queue } from "../../api/models";
import { Problem } from "../../api/problem";
import { useClients } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { problemText } from "../../components/states";
import { useText } from "../../text/text";
import { CommitDialog } from "./commit-dialog";
import { ImportDialog } from "./exchange";
import { weeksOf } from "./versions";

/** The one step that comes next in the life of a version, and what else can be done. */
export function VersionActions(props: {
  forecast: Forecast;
  queues: Queue[];
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
          queues={props.queues}
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

function NextStep(props: {
  forecast: Forecast;
  queues: Queue[];
  onPlan: () => void;
  publishes: boolean;
  edits: boolean;
}) {
  const t = useText();
  const clients = useClients();
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const [committing, setCommitting] = useState(false);
  const { forecast } = props;
  const ours = forecast.settings.source !== "client";
  const name = clients.name(forecast.client_id);
  const title = t(forecast.status === "draft" ? "screen.forecast.publish" : "screen.forecast.commit", {
    weeks: weeksOf(forecast),
    client: name,
  });
  const publish = useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/v1/forecasts/{id}/publish", { params: { path: { id: forecast.id } } })),
    onSuccess: (next) => {
      void message.success(t("screen.forecast.publish_done", { version: next.version }));
      return queries.invalidateQueries({ queryKey: ["forecasts"] });
    },
    onError: (cause) => {
      const problem = Problem.of(cause);
      // What stands in the way is shown total by total; whoever may opens the lock there.
      if (["forecast.locked", "forecast.unlock_reason"].includes(problem.code)) setCommitting(true);
      else void message.error(problemText(t, problem));
    },
  });
  if (ours && props.publishes && forecast.status === "draft")
    return committing ? (
      <CommitDialog
        publish
        forecast={forecast}
        queues={props.queues}
        title={title}
        clientName={name}
        onClose={() => setCommitting(false)}
      />
    ) : (
      <Button
        type="primary"
        loading={publish.isPending}
        onClick={() =>
          modal.confirm({
            title,
            content: t("screen.forecast.publish_consequence"),
            okText: title,
            cancelText: t("screen.action.cancel"),
            onOk: () => publish.mutateAsync().catch(() => undefined),
          })
        }
      >
        {title}
      </Button>
    );
  if (ours && props.publishes && forecast.status === "published")
    return (
      <>
        <Button type="primary" onClick={() => setCommitting(true)}>
          {title}
        </Button>
        {committing && (
          <CommitDialog
            forecast={forecast}
            queues={props.queues}
            title={title}
            clientName={name}
            onClose={() => setCommitting(false)}
          />
        )}
      </>
    );
  if (!props.edits) return null;
  return (
    <Button type="primary" onClick={props.onPlan}>
      {t("screen.forecast.new")}
    </Button>
  );
}
