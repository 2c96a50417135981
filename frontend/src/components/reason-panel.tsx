import type { AssignmentReason } from "../api/models";
import { count, percent } from "../format/number";
import { duration } from "../format/time";
import { useText } from "../text/text";
import "./reason-panel.css";

/** Reads a stored reason; undefined when nothing was explained. */
export function reasonOf(text: string | undefined): AssignmentReason | undefined {
  try {
    const found = JSON.parse(text ?? "") as Partial<AssignmentReason>;
    return found.priority && found.skill_match && found.availability
      ? (found as AssignmentReason)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Why this agent: the four steps of the decision. */
export function ReasonPanel({
  reason,
  label,
}: {
  reason: AssignmentReason;
  /** An agent's name where the reader may see it. */
  label?: (id: string) => string | undefined;
}) {
  const t = useText();
  const barred = [
    ["capped", reason.availability.capped],
    ["reserved", reason.availability.reserved],
    ["protected", reason.availability.protected],
    ["pool_shut", reason.availability.pool_shut],
  ] as const;
  return (
    <ol className="reason-panel">
      <li>
        <strong>{t("screen.reason.priority")}</strong>{" "}
        {t.of(`screen.reason.class_${reason.priority.class}`, reason.priority.class)} ·{" "}
        {reason.priority.slack_ms >= 0
          ? t("screen.reason.due_in", { time: duration(reason.priority.slack_ms / 1000) })
          : t("screen.reason.late_by", { time: duration(-reason.priority.slack_ms / 1000) })}
      </li>
      <li>
        <strong>{t("screen.reason.skill_match")}</strong>{" "}
        {t("screen.reason.step", {
          step: reason.step + 1,
          kind: t.of(`screen.routing.step_${reason.step_kind}`, reason.step_kind),
        })}{" "}
        ·{" "}
        {t("screen.reason.eligible", {
          count: count(reason.skill_match.eligible),
          widened: count(reason.skill_match.widened),
        })}
      </li>
      <li>
        <strong>{t("screen.reason.availability")}</strong>{" "}
        {t("screen.reason.free", { count: count(reason.availability.free) })}
        {barred
          .filter(([, n]) => n > 0)
          .map(([name, n]) => ` · ${t.of(`screen.reason.${name}`, name, { count: n })}`)}
      </li>
      <li>
        <strong>{t("screen.reason.optimal_agent")}</strong>{" "}
        {t.of(`screen.reason.rule_${reason.rule}`, reason.rule)}
        {reason.strategy && ` · ${t.of(`screen.routing.strategy_${reason.strategy}`, reason.strategy)}`}
        <table>
          <thead>
            <tr>
              <th>{t("screen.reason.agent")}</th>
              <th>{t("screen.reason.score")}</th>
              <th>{t("screen.reason.skill")}</th>
              <th>{t("screen.reason.fit")}</th>
              <th>{t("screen.reason.load")}</th>
              <th>{t("screen.reason.idle")}</th>
            </tr>
          </thead>
          <tbody>
            {(reason.agents ?? []).map((agent) => (
              <tr key={agent.agent_id}>
                <td>{label?.(agent.agent_id) ?? agent.label ?? ""}</td>
                <td>{count(agent.score)}</td>
                <td>{percent(agent.skill / 1000)}</td>
                <td>{percent(agent.fit / 1000)}</td>
                <td>{percent(agent.load / 1000)}</td>
                <td>{duration(agent.idle_ms / 1000)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {(reason.contacts ?? []).length > 1 && (
          <p className="soft">
            {t("screen.reason.contacts", { count: reason.contacts!.length })}{" "}
            {reason.contacts!.map((c) => t.of(`screen.reason.class_${c.class}`, c.class)).join(" · ")}
          </p>
        )}
      </li>
    </ol>
  );
}
