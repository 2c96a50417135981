import { Button, Checkbox, Form, Input, InputNumber, Select } from "antd";
import type { ReactNode } from "react";
import { Block } from "../../components/page-header";
import { type MessageKey, useText } from "../../text/text";
import {
  asKind,
  CHANNELS,
  emptyQueue,
  kindOf,
  MEASURES,
  RULE_KINDS,
  type Rule,
  WEEKDAYS,
  type ClientDocument,
} from "./document";

type Name = string | number | (string | number)[];

/** One labelled field; `share` shows a share of 0..1 in per cent. */
function Field(props: {
  name: Name;
  label: MessageKey;
  help?: MessageKey;
  required?: boolean;
  share?: boolean;
  children: ReactNode;
  wide?: boolean;
}) {
  const t = useText();
  return (
    <Form.Item
      name={props.name}
      label={t(props.label)}
      extra={props.help && t(props.help)}
      className={props.wide ? "contract-wide" : undefined}
      rules={props.required ? [{ required: true, message: t("screen.contract.required") }] : undefined}
      getValueProps={
        props.share
          ? (v: number | undefined) => ({ value: v === undefined ? undefined : Math.round(v * 10000) / 100 })
          : undefined
      }
      normalize={
        props.share ? (v: number | null) => (v === null ? undefined : Math.round(v * 100) / 10000) : undefined
      }
    >
      {props.children}
    </Form.Item>
  );
}

const Figure = (props: { max?: number; min?: number; unit?: string }) => (
  <InputNumber min={props.min ?? 0} max={props.max} suffix={props.unit} style={{ width: 110 }} {...props} />
);

const zones = () => Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone }));
const currencies = () => Intl.supportedValuesOf("currency").map((code) => ({ value: code, label: code }));

/** Who the client is, and from which day the figures hold. Zone and currency never change. */
export function Identity({ known }: { known: boolean }) {
  const t = useText();
  return (
    <Block title={t("screen.contract.part_client")}>
      <div className="contract-row">
        <Field name={["client", "name"]} label="screen.contract.name" required>
          <Input maxLength={200} disabled={known} />
        </Field>
        <Field name={["client", "slug"]} label="screen.contract.slug" required>
          <Input maxLength={63} disabled={known} />
        </Field>
        <Field name={["client", "zone"]} label="screen.contract.zone" required>
          <Select showSearch options={zones()} disabled={known} style={{ width: 190 }} />
        </Field>
        <Field name={["client", "currency"]} label="screen.contract.currency" required>
          <Select showSearch options={currencies()} disabled={known} style={{ width: 90 }} />
        </Field>
        <Field name={["client", "locale"]} label="screen.contract.locale" required>
          <Select
            disabled={known}
            style={{ width: 110 }}
            options={[
              { value: "zh-CN", label: "中文" },
              { value: "en", label: "English" },
            ]}
          />
        </Field>
        <Field
          name="valid_from"
          label="screen.contract.valid_from"
          help="screen.contract.valid_from_help"
          required
        >
          <Input type="date" style={{ width: 140 }} />
        </Field>
      </div>
    </Block>
  );
}

/** Opening hours of all queues; special days are the calendar's. */
export function Hours() {
  const t = useText();
  return (
    <Block title={t("screen.contract.part_hours")}>
      <p className="soft">{t("screen.contract.hours_help")}</p>
      <div className="contract-row">
        {WEEKDAYS.map((day) => (
          <Field key={day} name={["hours", day]} label={`screen.contract.day_${day}`}>
            <Input placeholder="09:00-18:00" style={{ width: 150 }} />
          </Field>
        ))}
      </div>
    </Block>
  );
}

/** Lines of business with their queues and terms; what is stored keeps its name, channel and skill. */
export function Queues({ stored }: { stored: ClientDocument["lobs"] }) {
  const t = useText();
  return (
    <Form.List name="lobs">
      {(lobs, { add }) => (
        <Block
          title={t("screen.contract.part_lobs")}
          extra={
            <Button onClick={() => add({ queues: [emptyQueue()] })}>{t("screen.contract.add_lob")}</Button>
          }
        >
          {lobs.map((lob) => (
            <fieldset key={lob.key} className="contract-group">
              <div className="contract-row">
                <Field name={[lob.name, "name"]} label="screen.contract.lob" required>
                  <Input maxLength={200} disabled={stored?.[lob.name] !== undefined} />
                </Field>
                <Field name={[lob.name, "slug"]} label="screen.contract.slug" required>
                  <Input maxLength={63} disabled={stored?.[lob.name] !== undefined} />
                </Field>
              </div>
              <QueueRows lob={lob.name} stored={stored?.[lob.name]?.queues?.length ?? 0} />
            </fieldset>
          ))}
        </Block>
      )}
    </Form.List>
  );
}

function QueueRows({ lob, stored }: { lob: number; stored: number }) {
  const t = useText();
  return (
    <Form.List name={[lob, "queues"]}>
      {(queues, { add, remove }) => (
        <>
          {queues.map((q) => (
            <div key={q.key} className="contract-row contract-item">
              <Field name={[q.name, "name"]} label="screen.contract.queue" required>
                <Input maxLength={200} disabled={q.name < stored} />
              </Field>
              <Field name={[q.name, "slug"]} label="screen.contract.slug" required>
                <Input maxLength={63} disabled={q.name < stored} />
              </Field>
              <Field name={[q.name, "channel"]} label="screen.contract.channel" required>
                <Select
                  disabled={q.name < stored}
                  style={{ width: 90 }}
                  options={CHANNELS.map((c) => ({ value: c, label: t.of(`screen.channel.${c}`, c) }))}
                />
              </Field>
              <Field name={[q.name, "skill"]} label="screen.contract.skill">
                <Input maxLength={63} disabled={q.name < stored} />
              </Field>
              <Field name={[q.name, "answer_within_seconds"]} label="screen.contract.answer_within" required>
                <Figure min={0.1} unit="s" />
              </Field>
              <Field name={[q.name, "service_level"]} label="screen.contract.service_level" share required>
                <Figure max={100} unit="%" />
              </Field>
              <Field name={[q.name, "abandon_goal"]} label="screen.contract.abandon_goal" share>
                <Figure max={100} unit="%" />
              </Field>
              <Field name={[q.name, "short_abandon_seconds"]} label="screen.contract.short_abandon">
                <Figure unit="s" />
              </Field>
              <Field name={[q.name, "patience_seconds"]} label="screen.contract.patience">
                <Figure min={1} unit="s" />
              </Field>
              <Field name={[q.name, "occupancy_cap"]} label="screen.contract.occupancy_cap" share>
                <Figure max={100} unit="%" />
              </Field>
              <Field name={[q.name, "shrinkage"]} label="screen.contract.shrinkage" share>
                <Figure max={99} unit="%" />
              </Field>
              <Field name={[q.name, "concurrency"]} label="screen.contract.concurrency">
                <Figure min={1} max={50} />
              </Field>
              <Field name={[q.name, "priority"]} label="screen.contract.priority">
                <Figure max={100} />
              </Field>
              {q.name >= stored && queues.length > 1 && (
                <Remove onClick={() => remove(q.name)} what={t("screen.contract.queue")} />
              )}
            </div>
          ))}
          <Button onClick={() => add(emptyQueue())}>{t("screen.contract.add_queue")}</Button>
        </>
      )}
    </Form.List>
  );
}

/** Takes a row that is not stored yet out of the form. */
function Remove({ onClick, what }: { onClick: () => void; what: string }) {
  const t = useText();
  return (
    <Button type="text" onClick={onClick} aria-label={t("screen.contract.remove", { what })}>
      ✕
    </Button>
  );
}

/** What is agreed besides queues, and the company that invoices. */
export function Agreement() {
  const t = useText();
  return (
    <Block title={t("screen.contract.part_contract")}>
      <div className="contract-row">
        <Field name={["contract", "period_start_day"]} label="screen.contract.period_start" required>
          <Figure min={1} max={28} />
        </Field>
        <Field name={["contract", "payment_days"]} label="screen.contract.payment_days">
          <Figure max={365} />
        </Field>
        <Field name={["contract", "tax_name"]} label="screen.contract.tax_name">
          <Input style={{ width: 90 }} />
        </Field>
        <Field name={["contract", "tax_rate"]} label="screen.contract.tax_rate">
          <Input style={{ width: 90 }} placeholder="0.06" />
        </Field>
        <Field name={["contract", "at_risk_share"]} label="screen.contract.at_risk">
          <Input style={{ width: 90 }} placeholder="0.10" />
        </Field>
        <Field name={["contract", "purchase_order"]} label="screen.contract.purchase_order">
          <Input />
        </Field>
        <Field name={["contract", "tax_id"]} label="screen.contract.tax_id">
          <Input />
        </Field>
        <Field name={["contract", "address"]} label="screen.contract.address" wide>
          <Input />
        </Field>
      </div>
      <div className="contract-row">
        <Field name={["legal_entity", "name"]} label="screen.contract.entity" required>
          <Input />
        </Field>
        <Field
          name={["legal_entity", "invoice_series"]}
          label="screen.contract.series"
          help="screen.contract.series_help"
          required
        >
          <Input style={{ width: 110 }} />
        </Field>
        <Field name={["legal_entity", "country"]} label="screen.contract.country">
          <Input maxLength={2} style={{ width: 60 }} />
        </Field>
        <Field name={["legal_entity", "tax_id"]} label="screen.contract.tax_id">
          <Input />
        </Field>
        <Field name={["legal_entity", "bank"]} label="screen.contract.bank">
          <Input />
        </Field>
        <Field name={["legal_entity", "address"]} label="screen.contract.address" wide>
          <Input />
        </Field>
      </div>
    </Block>
  );
}

/** The promises, with the share of the bill that missing them gives back. */
export function Measures({ stored }: { stored: number }) {
  const t = useText();
  const form = Form.useFormInstance();
  return (
    <Form.List name="measures">
      {(measures, { add, remove }) => (
        <Block
          title={t("screen.contract.part_measures")}
          extra={
            <Button onClick={() => add({ key: "service_level", ...MEASURES.service_level, target: "0.80" })}>
              {t("screen.contract.add_measure")}
            </Button>
          }
        >
          {measures.length === 0 && <p className="soft">{t("screen.contract.no_measures")}</p>}
          {measures.map((m) => (
            <div key={m.key} className="contract-row contract-item">
              <Field name={[m.name, "key"]} label="screen.contract.measure" required>
                <Select
                  disabled={m.name < stored}
                  style={{ width: 170 }}
                  options={Object.keys(MEASURES).map((k) => ({
                    value: k,
                    label: t.of(`screen.contract.key_${k}`, k),
                  }))}
                  onChange={(key: string) =>
                    form.setFieldValue(["measures", m.name], {
                      ...form.getFieldValue(["measures", m.name]),
                      key,
                      ...MEASURES[key],
                    })
                  }
                />
              </Field>
              <Field name={[m.name, "formula"]} label="screen.contract.formula">
                <Input style={{ width: 60 }} />
              </Field>
              <Field name={[m.name, "better"]} label="screen.contract.better" required>
                <Select
                  style={{ width: 130 }}
                  options={[
                    { value: "higher", label: t("screen.contract.at_least") },
                    { value: "lower", label: t("screen.contract.at_most") },
                  ]}
                />
              </Field>
              <Field name={[m.name, "target"]} label="screen.contract.target" required>
                <Input style={{ width: 80 }} placeholder="0.80" />
              </Field>
              <Form.Item name={[m.name, "critical"]} valuePropName="checked" label=" ">
                <Checkbox>{t("screen.contract.critical")}</Checkbox>
              </Form.Item>
              <Form.List name={[m.name, "bands"]}>
                {(bands, band) => (
                  <>
                    {bands.map((b) => (
                      <span key={b.key} className="contract-band">
                        <Field name={[b.name, "beyond"]} label="screen.contract.beyond" required>
                          <Input style={{ width: 70 }} placeholder="0.75" />
                        </Field>
                        <Field name={[b.name, "credit_share"]} label="screen.contract.credit" required>
                          <Input style={{ width: 70 }} placeholder="0.05" />
                        </Field>
                        <Remove onClick={() => band.remove(b.name)} what={t("screen.contract.credit")} />
                      </span>
                    ))}
                    <Form.Item label=" ">
                      <Button onClick={() => band.add({})}>{t("screen.contract.add_band")}</Button>
                    </Form.Item>
                  </>
                )}
              </Form.List>
              {m.name >= stored && (
                <Remove onClick={() => remove(m.name)} what={t("screen.contract.measure")} />
              )}
            </div>
          ))}
        </Block>
      )}
    </Form.List>
  );
}

/** The prices; rules that say more than this form can are shown and kept. */
export function RateRules() {
  const t = useText();
  const form = Form.useFormInstance();
  const current = (Form.useWatch(["rates", "rules"], { form, preserve: true }) ?? []) as Rule[];
  return (
    <Form.List name={["rates", "rules"]}>
      {(rules, { add, remove }) => (
        <Block
          title={t("screen.contract.part_rates")}
          extra={
            <Button onClick={() => add(asKind({ price: "0" }, "hour"))}>
              {t("screen.contract.add_rule")}
            </Button>
          }
        >
          {rules.length === 0 && <p className="soft">{t("screen.contract.no_rules")}</p>}
          {rules.map((r) => {
            const path = ["rates", "rules", r.name];
            const rule = current[r.name] ?? {};
            const kind = kindOf(rule);
            return (
              <div key={r.key} className="contract-row contract-item">
                <Field name={[r.name, "name"]} label="screen.contract.rule" required>
                  <Input />
                </Field>
                <Form.Item label={t("screen.contract.per")}>
                  <Select
                    aria-label={t("screen.contract.per")}
                    style={{ width: 190 }}
                    value={kind}
                    disabled={kind === "other"}
                    onChange={(to) => to !== "other" && form.setFieldValue(path, asKind(rule, to))}
                    options={[...RULE_KINDS, ...(kind === "other" ? (["other"] as const) : [])].map((k) => ({
                      value: k,
                      label: t(`screen.contract.per_${k}`),
                    }))}
                  />
                </Form.Item>
                {rule.price !== undefined && (
                  <Field name={[r.name, "price"]} label="screen.contract.price" required>
                    <Input style={{ width: 100 }} inputMode="decimal" />
                  </Field>
                )}
                <Remove onClick={() => remove(r.name)} what={t("screen.contract.rule")} />
              </div>
            );
          })}
        </Block>
      )}
    </Form.List>
  );
}
