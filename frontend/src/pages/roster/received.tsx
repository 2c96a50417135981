import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, Modal, Select } from "antd";
import { useRef, useState } from "react";
import { client, unwrap } from "../../api/client";
import { Problem } from "../../api/problem";
import { receivedPlansQuery } from "../../api/queries";
import { EmptyView, problemText } from "../../components/states";
import { count } from "../../format/number";
import { dateTime, hours } from "../../format/time";
import { useText } from "../../text/text";

const USES = ["requirement", "commitment", "provider"] as const;
export type Uses = { plan_id: string; as: (typeof USES)[number] }[];

/** Staffing files of others: kept as they came, with hash, versions and rows. */
export function ReceivedDialog(props: { open: boolean; close: () => void; zone: string }) {
  const t = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const plans = useQuery({ ...receivedPlansQuery, enabled: props.open }).data ?? [];
  const [name, setName] = useState("");
  const file = useRef<HTMLInputElement>(null);
  const keep = useMutation({
    mutationFn: async (chosen: File) =>
      unwrap(
        client.POST("/api/v1/received-plans", {
          body: {
            name: name.trim() || chosen.name.replace(/\.csv$/i, ""),
            text: await chosen.text(),
            file_name: chosen.name,
            zone: props.zone,
          },
        }),
      ),
    onSuccess: (plan) => {
      void message.success(
        t("screen.received.kept", { name: plan.name, version: plan.version, count: count(plan.lines) }),
      );
      return queries.invalidateQueries({ queryKey: ["received-plans"] });
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  return (
    <Modal
      open={props.open}
      onCancel={props.close}
      footer={null}
      width={820}
      title={t("screen.received.title")}
    >
      <p className="soft">{t("screen.received.help")}</p>
      <div className="laws-form">
        <Input
          aria-label={t("screen.received.name")}
          placeholder={t("screen.received.name")}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <input
          ref={file}
          type="file"
          accept=".csv,text/csv"
          hidden
          aria-label={t("screen.received.choose")}
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            if (chosen) keep.mutate(chosen);
            event.target.value = "";
          }}
        />
        <Button type="primary" loading={keep.isPending} onClick={() => file.current?.click()}>
          {t("screen.received.choose")}
        </Button>
      </div>
      {plans.length === 0 ? (
        <EmptyView title={t("screen.received.none")} />
      ) : (
        <table className="side-table">
          <thead>
            <tr>
              <th>{t("screen.received.name")}</th>
              <th>{t("screen.received.span")}</th>
              <th className="num">{t("screen.received.agent_hours")}</th>
              <th>{t("screen.received.when")}</th>
              <th>SHA-256</th>
            </tr>
          </thead>
          <tbody>
            {plans.map((plan) => (
              <tr key={plan.id}>
                <td>
                  <a href={`/api/v1/received-plans/${plan.id}/file`}>
                    {plan.name} · {t("screen.forecast.version", { version: plan.version })}
                  </a>
                </td>
                <td>
                  {dateTime(plan.start_at, plan.zone)}–{dateTime(plan.end_at, plan.zone)}
                </td>
                <td className="num">{hours(plan.agent_minutes * 60)}</td>
                <td>{dateTime(plan.created_at, props.zone)}</td>
                <td title={plan.sha256}>{plan.sha256.slice(0, 12)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Modal>
  );
}

/** Which received plans a roster shall stand on, and as what. */
export function ReceivedChoice({ uses, choose }: { uses: Uses; choose: (uses: Uses) => void }) {
  const t = useText();
  const plans = useQuery(receivedPlansQuery).data ?? [];
  if (plans.length === 0) return null;
  return (
    <fieldset>
      <legend>{t("screen.received.title")}</legend>
      {plans.slice(0, 12).map((plan) => (
        <div key={plan.id} className="received-choice">
          <span>
            {plan.name} · {t("screen.forecast.version", { version: plan.version })}
          </span>
          <Select
            size="small"
            aria-label={`${plan.name} ${plan.version}`}
            value={uses.find((use) => use.plan_id === plan.id)?.as ?? "none"}
            onChange={(as: Uses[number]["as"] | "none") =>
              choose([
                ...uses.filter((use) => use.plan_id !== plan.id),
                ...(as === "none" ? [] : [{ plan_id: plan.id, as }]),
              ])
            }
            popupMatchSelectWidth={false}
            options={[
              { value: "none" as const, label: t("screen.received.as_none") },
              ...USES.map((as) => ({ value: as, label: t(`screen.received.as_${as}`) })),
            ]}
          />
        </div>
      ))}
    </fieldset>
  );
}
