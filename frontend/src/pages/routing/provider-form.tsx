import { Button, Form } from "antd";
import { Block } from "../../components/page-header";
import { useText } from "../../text/text";
import { Choice, Figure, Remove, Switch } from "./fields";
import { CHANNELS, REASON_MODES } from "./model";

/** What holds for every client: weights, channels, explanations, alerts. */
export function ProviderForm() {
  const t = useText();
  const channels = CHANNELS.map((c) => ({ value: c, label: t.of(`screen.channel.${c}`, c) }));
  return (
    <>
      <Block title={t("screen.routing.who_first")}>
        <p className="soft">{t("screen.routing.who_first_help")}</p>
        <div className="routing-row">
          <Figure name={["weights", "priority_seconds"]} unit="s" max={3600} otherwise={30} />
          <Figure name={["weights", "value_seconds"]} unit="s" max={3600} otherwise={60} />
          <Figure name={["weights", "urgency_seconds"]} unit="s" max={3600} otherwise={60} />
          <Figure name={["weights", "emotion_seconds"]} unit="s" max={3600} otherwise={30} />
          <Figure name={["weights", "horizon_seconds"]} unit="s" max={86400} otherwise={300} />
        </div>
        <div className="routing-row">
          <Switch name={["weights", "even_handed"]} />
          <Switch name={["weights", "ignore_priority"]} />
          <Switch name={["weights", "strict_guarantee"]} />
        </div>
      </Block>
      <Block title={t("screen.routing.which_agent")}>
        <p className="soft">{t("screen.routing.which_agent_help")}</p>
        <div className="routing-row">
          <Figure name={["weights", "skill"]} max={1000} otherwise={40} />
          <Figure name={["weights", "fit"]} max={1000} otherwise={30} />
          <Figure name={["weights", "load"]} max={1000} otherwise={20} />
          <Figure name={["weights", "idle"]} max={1000} otherwise={30} />
          <Figure name={["weights", "idle_cap_seconds"]} unit="s" max={86400} otherwise={180} />
          <Figure name={["weights", "value_skill"]} unit="‰" max={10000} otherwise={0} />
          <Figure name={["weights", "grace_seconds"]} unit="s" max={3600} otherwise={60} />
        </div>
      </Block>
      <Form.List name="channels">
        {(rows, { add, remove }) => (
          <Block
            title={t("screen.routing.channels")}
            extra={<Button onClick={() => add({ max: 1 })}>{t("screen.routing.add_channel")}</Button>}
          >
            {rows.length === 0 && <p className="soft">{t("screen.routing.channels_help")}</p>}
            {rows.map((row) => (
              <div key={row.key} className="routing-row routing-item">
                <Choice name={[row.name, "channel"]} options={channels} required width={110} />
                <Figure name={[row.name, "max"]} max={50} required />
                <Figure name={[row.name, "weight"]} unit="‰" max={1000} />
                <Choice name={[row.name, "interrupts"]} options={channels} many width={180} />
                <Remove onClick={() => remove(row.name)} what={t("screen.routing.f_channel")} />
              </div>
            ))}
          </Block>
        )}
      </Form.List>
      <Block title={t("screen.routing.alerts")}>
        <AlertFields path={["alerts"]} />
      </Block>
      <Block title={t("screen.routing.explanations")}>
        <div className="routing-row">
          <Choice
            name="reasons"
            otherwise={t("screen.routing.reasons_full")}
            options={REASON_MODES.map((m) => ({ value: m, label: t(`screen.routing.reasons_${m}`) }))}
          />
          <Figure name="sample_every" max={1_000_000} otherwise={100} />
        </div>
      </Block>
    </>
  );
}

/** Thresholds of the floor's alerts. */
export function AlertFields({ path }: { path: string[] }) {
  return (
    <div className="routing-row">
      <Figure name={[...path, "waiting"]} max={100_000} />
      <Figure name={[...path, "oldest_seconds"]} unit="s" max={86400} />
      <Figure name={[...path, "service_level_points"]} max={100} />
      <Figure name={[...path, "projected_points"]} max={100} />
      <Figure name={[...path, "out_minutes"]} unit="min" max={1440} otherwise={10} />
    </div>
  );
}

/** How one client weighs against the others. */
export function ClientForm() {
  const t = useText();
  return (
    <Block title={t("screen.routing.client_weights")}>
      <p className="soft">{t("screen.routing.client_weights_help")}</p>
      <div className="routing-row">
        <Figure name="penalty" unit="‰" max={100_000} otherwise={1000} />
        <Figure name="value" unit="‰" max={100_000} otherwise={1000} />
        <Figure name="urgency" unit="‰" max={100_000} otherwise={1000} />
      </div>
    </Block>
  );
}
