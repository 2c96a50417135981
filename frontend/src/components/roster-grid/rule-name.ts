import type { Params, Text } from "../../text/text";

/** A rule's name in the reader's language, or its id when the catalogue has none. */
export function ruleName(t: Text, rule: string): string {
  return t.of(`screen.violation.${rule.replaceAll("-", "_")}`, rule);
}

/** Why a rule is broken or a roster impossible: its code, the values in order, and the English sentence. */
export interface Reason {
  code: string;
  values?: string[] | null;
  reason: string;
}

/** The reason in the reader's language; English for one that the catalogue does not have. */
export function reasonText(t: Text, { code, values, reason }: Reason): string {
  const params: Params = Object.fromEntries(
    (values ?? []).map((value, i) => [String.fromCharCode(97 + i), value]),
  );
  return t.of(`screen.roster_reason.${code}`, reason, params);
}
