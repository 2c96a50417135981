import { useMemo } from "react";
import { useText } from "../../text/text";
import type { Board } from "./board";
import { ruleName } from "./rule-name";

const SHOWN = 200;

/** Every broken rule, hard ones first; one leads to its cell. */
export function Rules({ board, show }: { board: Board; show: (agentId: string, day: string) => void }) {
  const t = useText();
  const list = useMemo(() => {
    const seen = new Set<string>();
    const all = [];
    for (const entry of board.violations()) {
      const key = `${entry.agentId} ${entry.violation.rule} ${entry.violation.reason}`;
      if (seen.has(key)) continue;
      seen.add(key);
      all.push(entry);
    }
    return all.sort(
      (a, b) => Number(b.violation.hard) - Number(a.violation.hard) || a.day.localeCompare(b.day),
    );
  }, [board]);
  const labels = new Map(board.agents.map((agent) => [agent.id, agent.label]));
  const proofs = board.view.proofs ?? [];
  return (
    <>
      {proofs.length > 0 && (
        <section className="proofs">
          <h3>{t("screen.roster.proofs")}</h3>
          {proofs.slice(0, 12).map((proof) => (
            <p key={proof.reason}>{proof.reason}</p>
          ))}
        </section>
      )}
      {list.length === 0 && <p className="side-empty">{t("screen.roster.no_violations")}</p>}
      <ul className="side-list">
        {list.slice(0, SHOWN).map(({ agentId, day, violation }) => (
          <li key={`${agentId} ${day} ${violation.rule} ${violation.reason}`}>
            <button type="button" className="plain rule" onClick={() => show(agentId, day)}>
              <span className={violation.hard ? "judgement-bad" : undefined}>
                {violation.hard ? "▲" : "△"} {ruleName(t, violation.rule)}
              </span>
              <span>
                {labels.get(agentId)} · {day}
              </span>
              <span className="soft">{violation.reason}</span>
            </button>
          </li>
        ))}
        {list.length > SHOWN && (
          <li className="side-empty">{t("screen.roster.more", { count: list.length - SHOWN })}</li>
        )}
      </ul>
    </>
  );
}
