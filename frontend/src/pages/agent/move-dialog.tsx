import { useMutation, useQuery } from "@tanstack/react-query";
import { App, Input, Modal, Radio, Select } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { DeskContact } from "../../api/models";
import { Problem } from "../../api/problem";
import { targetsQuery } from "../../api/queries";
import { problemText } from "../../components/states";
import { useText } from "../../text/text";
import { useDeskAction } from "./desk-action";

/** Transfers, parks or promises a call for one contact. */
export function MoveDialog(props: {
  kind: "transfer" | "park" | "callback";
  contact: DeskContact;
  onClose: () => void;
}) {
  if (props.kind === "transfer") return <Transfer {...props} />;
  return props.kind === "park" ? <Park {...props} /> : <Callback {...props} />;
}

interface Part {
  contact: DeskContact;
  onClose: () => void;
}

function Transfer({ contact, onClose }: Part) {
  const t = useText();
  const targets = useQuery(targetsQuery(contact.id));
  const [target, setTarget] = useState<string>();
  const transfer = useDeskAction((to: string) => {
    const [kind, id] = to.split("/");
    return unwrap(
      client.POST("/api/v1/me/contacts/{contact_id}/transfer", {
        params: { path: { contact_id: contact.id } },
        body: kind === "queue" ? { queue_id: id } : { agent_id: id },
      }),
    );
  }, onClose);
  return (
    <Modal
      open
      title={t("screen.agent.transfer")}
      okText={t("screen.agent.transfer")}
      cancelText={t("screen.floor.cancel")}
      okButtonProps={{ disabled: !target }}
      confirmLoading={transfer.isPending}
      onOk={() => target && transfer.mutate(target)}
      onCancel={onClose}
    >
      <p>{t("screen.agent.transfer_help")}</p>
      <Select
        showSearch={{ optionFilterProp: "label" }}
        autoFocus
        className="agent-wide"
        aria-label={t("screen.agent.transfer_to")}
        placeholder={t("screen.agent.transfer_to")}
        loading={targets.isPending}
        value={target}
        onChange={setTarget}
        options={[
          {
            label: t("screen.agent.queues"),
            options: (targets.data?.queues ?? []).map((queue) => ({
              value: `queue/${queue.id}`,
              label: t("screen.agent.target_queue", { queue: queue.name, count: queue.waiting }),
            })),
          },
          {
            label: t("screen.agent.agents"),
            options: (targets.data?.agents ?? []).map((agent) => ({
              value: `agent/${agent.id}`,
              label: agent.busy ? t("screen.agent.target_busy", { agent: agent.label }) : agent.label,
            })),
          },
        ]}
      />
    </Modal>
  );
}

const parkings = [15, 60, 240, 1440] as const;

function Park({ contact, onClose }: Part) {
  const t = useText();
  const [minutes, setMinutes] = useState<number>(parkings[0]);
  const park = useDeskAction(
    () =>
      unwrap(
        client.POST("/api/v1/me/contacts/{contact_id}/park", {
          params: { path: { contact_id: contact.id } },
          body: { until: new Date(Date.now() + minutes * 60_000).toISOString() },
        }),
      ),
    onClose,
  );
  return (
    <Modal
      open
      title={t("screen.agent.park")}
      okText={t("screen.agent.park")}
      cancelText={t("screen.floor.cancel")}
      confirmLoading={park.isPending}
      onOk={() => park.mutate(undefined)}
      onCancel={onClose}
    >
      <p>{t("screen.agent.park_help")}</p>
      <Radio.Group
        value={minutes}
        onChange={(event) => setMinutes(event.target.value as number)}
        options={parkings.map((value) => ({
          value,
          label:
            value < 60
              ? t("screen.agent.minutes", { count: value })
              : t("screen.agent.hours", { count: value / 60 }),
        }))}
      />
    </Modal>
  );
}

/** The next full hour as the browser's input wants it. */
function nextHour(): string {
  const at = new Date(Date.now() + 3_600_000);
  at.setMinutes(0, 0, 0);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function Callback({ contact, onClose }: Part) {
  const t = useText();
  const { message } = App.useApp();
  const [at, setAt] = useState(nextHour);
  const plan = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/me/contacts/{contact_id}/callback", {
          params: { path: { contact_id: contact.id } },
          body: { at: new Date(at).toISOString() },
        }),
      ),
    onSuccess: () => {
      void message.success(t("screen.agent.callback_planned"));
      onClose();
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  return (
    <Modal
      open
      title={t("screen.agent.callback")}
      okText={t("screen.agent.callback")}
      cancelText={t("screen.floor.cancel")}
      okButtonProps={{ disabled: !at }}
      confirmLoading={plan.isPending}
      onOk={() => plan.mutate()}
      onCancel={onClose}
    >
      <p>{t("screen.agent.callback_help")}</p>
      <Input
        type="datetime-local"
        aria-label={t("screen.agent.callback_at")}
        value={at}
        onChange={(event) => setAt(event.target.value)}
      />
    </Modal>
  );
}
