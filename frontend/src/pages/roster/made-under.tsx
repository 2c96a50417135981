import { useQuery } from "@tanstack/react-query";
import { Tag } from "antd";
import type { RosterPay, RosterRules } from "../../api/models";
import { rosterPayQuery, rosterRulesQuery, sitesQuery } from "../../api/queries";
import { count, percent } from "../../format/number";
import { hours } from "../../format/time";
import { type Text, useText } from "../../text/text";
import { ruleName } from "../../components/roster-grid/rule-name";

/** The laws and rules that a roster was made under, whose they are, and what they make of its hours. */
export function MadeUnder({ rosterId }: { rosterId: string }) {
  const t = useText();
  const rules = useQuery(rosterRulesQuery(rosterId)).data;
  const pay = useQuery(rosterPayQuery(rosterId)).data;
  const sites = new Map((useQuery(sitesQuery).data ?? []).map((site) => [site.id, site.name]));
  if (!rules) return null;
  return (
    <details className="made-under">
      <summary>{t("screen.laws.made_under", { count: count(rules.rules?.length ?? 0) })}</summary>
      {(rules.laws ?? []).map((law) => (
        <section key={`${law.site_id} ${law.law}`}>
          <h3>
            {sites.get(law.site_id)} · {law.law}{" "}
            <span className="soft">
              {law.edition > 0
                ? t("screen.laws.edition", { edition: law.edition })
                : t("screen.laws.shipped")}
            </span>
          </h3>
          <p>
            {law.regime} · {t("screen.laws.since", { day: law.valid_from })}
          </p>
          <p className="soft">{law.source}</p>
          <p>△ {t("screen.laws.counsel")}</p>
          {!law.days_known && <p className="judgement-bad">▲ {t("screen.laws.days_unknown")}</p>}
        </section>
      ))}
      {(rules.laws ?? []).length === 0 && <p className="soft">{t("screen.laws.none")}</p>}
      <RuleTable rules={rules} />
      {pay && (pay.lines ?? []).length > 0 && <PayTable pay={pay} sites={sites} />}
    </details>
  );
}

/** What a rule asks for, in its own unit. */
function limit(t: Text, rule: NonNullable<RosterRules["rules"]>[number]): string {
  const parts = [];
  if (rule.minutes > 0) parts.push(t("screen.roster.hours", { hours: hours(rule.minutes * 60) }));
  if (rule.min > 0) parts.push(`≥ ${count(rule.min)}`);
  if (rule.max > 0) parts.push(`≤ ${count(rule.max)}`);
  return parts.join(" · ");
}

function RuleTable({ rules }: { rules: RosterRules }) {
  const t = useText();
  return (
    <table className="side-table">
      <caption>{t("screen.laws.rules")}</caption>
      <thead>
        <tr>
          <th>{t("screen.laws.rule")}</th>
          <th>{t("screen.laws.owner")}</th>
          <th className="num">{t("screen.laws.limit")}</th>
        </tr>
      </thead>
      <tbody>
        {(rules.rules ?? []).map((rule) => (
          <tr key={rule.id} title={rule.source}>
            <td>
              {ruleName(t, rule.id)} {rule.hard && <Tag>{t("screen.laws.hard")}</Tag>}
            </td>
            <td>{t.of(`screen.rule_owner.${rule.owner}`, rule.owner)}</td>
            <td className="num">{limit(t, rule)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function PayTable({ pay, sites }: { pay: RosterPay; sites: Map<string, string> }) {
  const t = useText();
  return (
    <table className="side-table">
      <caption>
        {t("screen.laws.pay")}
        {(pay.totals ?? []).map((total) => ` · ${total.value} ${total.currency}`)}
      </caption>
      <thead>
        <tr>
          <th>{t("screen.laws.day")}</th>
          <th className="num">{t("screen.laws.rate")}</th>
          <th className="num">{t("screen.laws.hours")}</th>
        </tr>
      </thead>
      <tbody>
        {(pay.lines ?? []).map((line) => (
          <tr key={`${line.site_id} ${line.law} ${line.day} ${line.night} ${line.overtime} ${line.rate}`}>
            <td>
              {sites.get(line.site_id)} · {t.of(`screen.pay_day.${line.day}`, line.day)}
              {line.night && ` · ${t("screen.laws.night")}`}
              {line.overtime && ` · ${t("screen.laws.overtime")}`}
              {line.assumed && <span className="soft"> {t("screen.laws.assumed")}</span>}
            </td>
            <td className="num">{percent(line.rate / 10_000)}</td>
            <td className="num">{hours(line.minutes * 60)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
