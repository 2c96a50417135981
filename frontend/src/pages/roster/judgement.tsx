import { problemText } from "../../components/states";
import { count } from "../../format/number";
import { useText } from "../../text/text";
import { reasonText, ruleName } from "../../components/roster-grid/rule-name";
import type { Judgement } from "./use-check";

/** What an edit would do: rules it breaks and heals, points, coverage. */
export function JudgementNote({ judgement }: { judgement: Judgement | undefined }) {
  const t = useText();
  if (!judgement) return <p className="soft">{t("screen.roster.checking")}</p>;
  if (judgement.problem) return <p className="judgement-bad">{problemText(t, judgement.problem)}</p>;
  const change = judgement.change!;
  const violations = change.violations ?? [];
  const healed = change.healed ?? [];
  return (
    <div className="judgement">
      <p className={change.legal ? "judgement-good" : "judgement-bad"}>
        {change.legal ? "● " : "▲ "}
        {t(change.legal ? "screen.roster.legal" : "screen.roster.illegal")} ·{" "}
        {t("screen.roster.points_change", { points: signed(change.points) })}
      </p>
      {violations.slice(0, 3).map((violation) => (
        <p key={violation.rule + violation.reason} className={violation.hard ? "judgement-bad" : ""}>
          {violation.hard ? "▲" : "△"} {ruleName(t, violation.rule)}: {reasonText(t, violation)}
        </p>
      ))}
      {violations.length > 3 && (
        <p className="soft">{t("screen.roster.more", { count: violations.length - 3 })}</p>
      )}
      {healed.length > 0 && <p className="soft">{t("screen.roster.heals", { count: healed.length })}</p>}
    </div>
  );
}

/** A number that always shows its sign. */
export function signed(value: number): string {
  return value > 0 ? `+${count(value)}` : value < 0 ? `−${count(-value)}` : "0";
}
