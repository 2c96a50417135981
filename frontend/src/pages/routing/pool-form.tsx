import { Button, Form, Input } from "antd";
import { Block } from "../../components/page-header";
import { useText } from "../../text/text";
import { Choice, Field, Figure, Remove, Share, Switch } from "./fields";
import type { Lists } from "./lists";
import { CALL_UP_MODES, TIERS } from "./model";

/** A pool: who is in it, what each client may take, what is kept, when it opens. */
export function PoolForm({ lists, slug }: { lists: Lists; slug: string }) {
  const t = useText();
  const tiers = TIERS.map((tier) => ({ value: tier, label: t(`screen.routing.tier_${tier}`) }));
  const reserve = Form.useWatch<boolean | undefined>("reserve");
  return (
    <>
      <Block title={t("screen.routing.members")}>
        {slug === "shared" ? (
          <p className="soft">{t("screen.routing.shared_help")}</p>
        ) : (
          <p className="soft">{t("screen.routing.members_help")}</p>
        )}
        <div className="routing-row">
          <Field name="name" required>
            <Input maxLength={200} style={{ width: 200 }} />
          </Field>
          {slug !== "shared" && (
            <>
              <Choice name={["members", "teams"]} options={lists.teamOptions} many width={200} />
              <Choice name={["members", "tiers"]} options={tiers} many width={180} />
              <Choice name={["members", "agents"]} options={[]} free width={200} />
            </>
          )}
        </div>
      </Block>
      <Form.List name="shares">
        {(rows, { add, remove }) => (
          <Block
            title={t("screen.routing.shares")}
            extra={<Button onClick={() => add({})}>{t("screen.routing.add_share")}</Button>}
          >
            <p className="soft">{t("screen.routing.shares_help")}</p>
            {rows.map((row) => (
              <div key={row.key} className="routing-row routing-item">
                <Choice name={[row.name, "client"]} options={lists.clientOptions} required width={200} />
                <Share name={[row.name, "guarantee"]} otherwise={0} />
                <Figure name={[row.name, "reserve_agents"]} max={10_000} otherwise={0} />
                <Share name={[row.name, "cap"]} />
                <Remove onClick={() => remove(row.name)} what={t("screen.routing.f_client")} />
              </div>
            ))}
          </Block>
        )}
      </Form.List>
      <Form.List name="protect">
        {(rows, { add, remove }) => (
          <Block
            title={t("screen.routing.protect")}
            extra={
              <Button onClick={() => add({ tier: "expert", keep: 1 })}>
                {t("screen.routing.add_protect")}
              </Button>
            }
          >
            <p className="soft">{t("screen.routing.protect_help")}</p>
            {rows.map((row) => (
              <div key={row.key} className="routing-row routing-item">
                <Choice name={[row.name, "tier"]} options={tiers} required />
                <Figure name={[row.name, "keep"]} max={10_000} required />
                <Remove onClick={() => remove(row.name)} what={t("screen.routing.f_tier")} />
              </div>
            ))}
          </Block>
        )}
      </Form.List>
      {slug !== "shared" && (
        <Block title={t("screen.routing.reserve")}>
          <Switch name="reserve" />
          {reserve && (
            <div className="routing-row">
              <Choice
                name={["call_up", "mode"]}
                otherwise={t("screen.routing.call_up_propose")}
                options={CALL_UP_MODES.map((m) => ({ value: m, label: t(`screen.routing.call_up_${m}`) }))}
                width={220}
              />
              <Choice name={["call_up", "queues"]} options={lists.queueOptions} many width={260} />
              <Figure name={["call_up", "waiting"]} max={100_000} />
              <Figure name={["call_up", "per_minute"]} max={100_000} />
              <Figure name={["call_up", "lead_minutes"]} unit="min" max={1440} otherwise={30} />
              <Figure name={["call_up", "gap_agents"]} max={10_000} otherwise={1} />
              <Figure name={["call_up", "min_open_minutes"]} unit="min" max={1440} otherwise={10} />
              <Figure name={["call_up", "close_at"]} max={100_000} otherwise={0} />
            </div>
          )}
        </Block>
      )}
    </>
  );
}

/** A partner provider: where hand-overs go and what signs them. */
export function PartnerForm({ fresh }: { fresh: boolean }) {
  const t = useText();
  return (
    <Block title={t("screen.routing.partner")}>
      <p className="soft">{t("screen.routing.partner_help")}</p>
      <div className="routing-row">
        <Field name="name" required>
          <Input maxLength={200} style={{ width: 200 }} />
        </Field>
        <Field name="url" required>
          <Input maxLength={2000} placeholder="https://partner.example.com/handover" style={{ width: 320 }} />
        </Field>
        <Field name="secret" required={fresh}>
          <Input.Password
            maxLength={500}
            autoComplete="new-password"
            placeholder={fresh ? undefined : t("screen.routing.secret_kept")}
            style={{ width: 240 }}
          />
        </Field>
      </div>
      <Switch name="paused" />
    </Block>
  );
}
