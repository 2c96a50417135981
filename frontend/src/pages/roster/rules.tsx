import { useMemo } from "react";
import { count } from "../../format/number";
import { useText } from "../../text/text";
import type { Board } from "./board";
import { reasonText, ruleName } from "../../components/roster-grid/rule-name";

/** Entries shown per rule; the rest is counted. */
const SHOWN = 60;

type Entry = ReturnType<Board["violations"]> extends Iterable<infer E> ? E : never;

interface BrokenRule {
  rule: string;
  owner: string;
  hard: boolean;
  entries: Entry[];
}

/** The rules that are broken, hard ones first, then those broken most often. */
function byRule(board: Board): BrokenRule[] {
  const rules = new Map<string, BrokenRule>();
  const seen = new Set<string>();
  for (const entry of board.violations()) {
    const { rule, owner = "", hard, reason } = entry.violation;
    const one = `${entry.agentId} ${rule} ${reason}`;
    if (seen.has(one)) continue;
    seen.add(one);
    const key = `${rule} ${hard}`;
    const known = rules.get(key);
    if (known) known.entries.push(entry);
    else rules.set(key, { rule, owner, hard, entries: [entry] });
  }
  for (const rule of rules.values()) rule.entries.sort((a, b) => a.day.localeCompare(b.day));
  return [...rules.values()].sort(
    (a, b) => Number(b.hard) - Number(a.hard) || b.entries.length - a.entries.length,
  );
}

/** What no roster can do, and every broken rule by rule; an entry leads to its cell. */
export function Rules({ board, show }: { board: Board; show: (agentId: string, day: string) => void }) {
  const t = useText();
  const rules = useMemo(() => byRule(board), [board]);
  const labels = useMemo(() => new Map(board.agents.map((agent) => [agent.id, agent.label])), [board]);
  const proofs = board.view.proofs ?? [];
  return (
    <>
      {proofs.length > 0 && (
        <section className="proofs">
          <h3>{t("screen.roster.proofs")}</h3>
          {proofs.slice(0, 12).map((proof) => (
            <p key={proof.reason}>{reasonText(t, { ...proof, code: proof.why })}</p>
          ))}
        </section>
      )}
      {rules.length === 0 ? (
        <p className="side-empty">{t("screen.roster.no_violations")}</p>
      ) : (
        <p className="side-empty">{t("screen.roster.rules_note")}</p>
      )}
      {rules.map(({ rule, owner, hard, entries }) => (
        <details key={`${rule} ${hard}`} className="broken-rule" open={hard}>
          <summary>
            <span className={hard ? "judgement-bad" : undefined}>
              {hard ? "▲" : "△"} {ruleName(t, rule)}
            </span>
            <span className="soft">
              {t.of(`screen.owner.${owner}`, owner)} ·{" "}
              {t("screen.roster.rule_count", { count: count(entries.length) })}
            </span>
          </summary>
          <ul className="side-list">
            {entries.slice(0, SHOWN).map(({ agentId, day, violation }) => (
              <li key={`${agentId} ${day} ${violation.reason}`}>
                <button type="button" className="plain rule" onClick={() => show(agentId, day)}>
                  <span>
                    {labels.get(agentId)} · {day}
                  </span>
                  <span className="soft">{reasonText(t, violation)}</span>
                </button>
              </li>
            ))}
            {entries.length > SHOWN && (
              <li className="side-empty">
                {t("screen.roster.more", { count: count(entries.length - SHOWN) })}
              </li>
            )}
          </ul>
        </details>
      ))}
    </>
  );
}
