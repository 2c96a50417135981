import { Button, Form, Input } from "antd";
import { Block } from "../../components/page-header";
import { duration } from "../../format/time";
import { useText } from "../../text/text";
import { Choice, Field, Figure, Remove, Switch } from "./fields";
import type { Lists } from "./lists";
import { STEP_KINDS, STRATEGIES, TIERS } from "./model";
import { AlertFields } from "./provider-form";

/** How one queue is routed: strategy, ladder, leases, skills, script. */
export function QueueForm({ lists }: { lists: Lists }) {
  const t = useText();
  return (
    <>
      <Ladder lists={lists} />
      <Block title={t("screen.routing.leases")}>
        <p className="soft">{t("screen.routing.leases_help")}</p>
        <div className="routing-row">
          <Figure name="ring_seconds" unit="s" max={3600} otherwise={20} />
          <Figure name={["no_answer", "backoff_seconds"]} unit="s" max={86400} otherwise={30} />
          <Figure name={["no_answer", "pause_seconds"]} unit="s" max={86400} otherwise={0} />
          <Figure name={["no_answer", "max_in_a_row"]} max={100} />
          <Figure name={["no_answer", "long_pause_seconds"]} unit="s" max={86400} otherwise={900} />
          <Figure name="wrap_seconds" unit="s" max={86400} otherwise={120} />
        </div>
        <div className="routing-row">
          <Switch name="no_wrap" />
          <Switch name="forced_answer" />
        </div>
      </Block>
      <Block title={t("screen.routing.choice")}>
        <div className="routing-row">
          <Choice
            name="strategy"
            otherwise={t("screen.routing.strategy_balanced")}
            options={STRATEGIES.map((s) => ({ value: s, label: t(`screen.routing.strategy_${s}`) }))}
          />
          <Figure name="preferred_seconds" unit="s" max={86400} />
          <Figure name="starve_seconds" unit="s" max={604_800} />
          <Figure name="penalty" unit="‰" max={100_000} otherwise={1000} />
        </div>
        <div className="routing-row">
          <Switch name="human_only" />
          <Figure name="human_only_from_value" unit="‰" max={1000} />
        </div>
      </Block>
      <Form.List name="needs">
        {(rows, { add, remove }) => (
          <Block
            title={t("screen.routing.needs")}
            extra={<Button onClick={() => add({ min_level: 1 })}>{t("screen.routing.add_need")}</Button>}
          >
            {rows.length === 0 && <p className="soft">{t("screen.routing.needs_help")}</p>}
            {rows.map((row) => (
              <div key={row.key} className="routing-row routing-item">
                <Choice name={[row.name, "skill"]} options={lists.skillOptions} required width={180} />
                <Figure name={[row.name, "min_level"]} max={100} required />
                <Figure name={[row.name, "weight"]} max={1000} otherwise={1} />
                <Remove onClick={() => remove(row.name)} what={t("screen.routing.f_skill")} />
              </div>
            ))}
          </Block>
        )}
      </Form.List>
      <Block title={t("screen.routing.queue_alerts")}>
        <AlertFields path={["alerts"]} />
      </Block>
      <Block>
        <Field name="script" wide>
          <Input.TextArea maxLength={20_000} autoSize={{ minRows: 2, maxRows: 12 }} />
        </Field>
      </Block>
    </>
  );
}

/** The overflow ladder: steps with deadlines from the contact's arrival. */
function Ladder({ lists }: { lists: Lists }) {
  const t = useText();
  const tiers = TIERS.map((tier) => ({ value: tier, label: t(`screen.routing.tier_${tier}`) }));
  const pools = [
    { value: "own", label: t("screen.routing.pool_own") },
    ...(lists.poolOptions.some((p) => p.value === "shared")
      ? []
      : [{ value: "shared", label: t("screen.routing.pool_shared") }]),
    ...lists.poolOptions,
  ];
  return (
    <Form.List name="ladder">
      {(rows, { add, remove }) => (
        <Block
          title={t("screen.routing.ladder")}
          extra={
            <AddStep
              first={rows.length === 0}
              onAdd={(after) => add({ kind: "widen", after_seconds: after })}
            />
          }
        >
          <p className="soft">
            {t(rows.length === 0 ? "screen.routing.ladder_none" : "screen.routing.ladder_help")}
          </p>
          <ol className="routing-ladder">
            {rows.map((row) => (
              <li key={row.key} className="routing-row">
                <StepMark position={row.name} />
                <Figure name={[row.name, "after_seconds"]} unit="s" max={604_800} required />
                <Choice
                  name={[row.name, "kind"]}
                  required
                  width={150}
                  options={STEP_KINDS.map((k) => ({ value: k, label: t(`screen.routing.step_${k}`) }))}
                />
                <StepDetails
                  position={row.name}
                  tiers={tiers}
                  pools={pools}
                  partners={lists.partnerOptions}
                />
                <Remove onClick={() => remove(row.name)} what={t("screen.routing.step")} />
              </li>
            ))}
          </ol>
        </Block>
      )}
    </Form.List>
  );
}

/** Adds a step where the next one may stand: one ring after the last. */
function AddStep({ first, onAdd }: { first: boolean; onAdd: (after: number) => void }) {
  const t = useText();
  const form = Form.useFormInstance<{ ring_seconds?: number; ladder?: { after_seconds?: number }[] }>();
  const next = () => {
    const last = form.getFieldValue("ladder")?.at(-1)?.after_seconds ?? 0;
    return first ? 0 : last + (form.getFieldValue("ring_seconds") || 20);
  };
  return <Button onClick={() => onAdd(next())}>{t("screen.routing.add_step")}</Button>;
}

/** Number and time of a step, so that the ladder reads from top to bottom. */
function StepMark({ position }: { position: number }) {
  const after = Form.useWatch<number | undefined>(["ladder", position, "after_seconds"]);
  return (
    <span className="routing-step" aria-hidden>
      <strong>{position + 1}</strong>
      <span className="soft">{duration(after ?? 0)}</span>
    </span>
  );
}

type Options = { value: string; label: string }[];

/** What a kind of step needs to know. */
function StepDetails(props: { position: number; tiers: Options; pools: Options; partners: Options }) {
  const t = useText();
  const kind = Form.useWatch<string | undefined>(["ladder", props.position, "kind"]);
  const at = props.position;
  const asBefore = t(at === 0 ? "screen.routing.all_tiers" : "screen.routing.as_before");
  return (
    <>
      {(kind ?? "widen") === "widen" && (
        <>
          <Choice name={[at, "tiers"]} options={props.tiers} many width={190} otherwise={asBefore} />
          <Choice
            name={[at, "pools"]}
            options={props.pools}
            many
            width={190}
            otherwise={t(at === 0 ? "screen.routing.pool_own" : "screen.routing.as_before")}
          />
          <Figure name={[at, "relax"]} max={100} otherwise={0} />
        </>
      )}
      {kind === "partner" && <Choice name={[at, "partner"]} options={props.partners} required width={190} />}
      {(kind === "partner" || kind === "bot") && (
        <Figure name={[at, "accept_within_seconds"]} unit="s" max={86400} otherwise={60} />
      )}
    </>
  );
}
