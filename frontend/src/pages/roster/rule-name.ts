import type { Text } from "../../text/text";

/** A rule's name in the reader's language, or its id when the catalogue has none. */
export function ruleName(t: Text, rule: string): string {
  return t.of(`screen.violation.${rule.replaceAll("-", "_")}`, rule);
}
