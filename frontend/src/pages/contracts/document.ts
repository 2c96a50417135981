/** What is agreed with one client, as the server reads and writes it. Shares are 0..1, decimals are strings. */
export interface ClientDocument {
  legal_entity?: {
    name?: string;
    country?: string;
    invoice_series?: string;
    address?: string;
    tax_id?: string;
    bank?: string;
  };
  client: { slug?: string; name?: string; zone?: string; currency?: string; locale?: string };
  valid_from: string;
  hours?: Record<string, string>;
  days?: unknown[];
  lobs?: { slug?: string; name?: string; queues?: QueueTerms[] }[];
  contract?: Record<string, string | number | undefined>;
  measures?: Measure[];
  rates?: Rates;
}

export interface QueueTerms {
  slug?: string;
  name?: string;
  channel?: string;
  skill?: string;
  answer_within_seconds?: number;
  service_level?: number;
  abandon_goal?: number;
  short_abandon_seconds?: number;
  patience_seconds?: number;
  occupancy_cap?: number;
  shrinkage?: number;
  concurrency?: number;
  priority?: number;
}

export interface Measure {
  key?: string;
  formula?: string;
  threshold_ms?: number;
  target?: string;
  better?: string;
  critical?: boolean;
  bands?: { beyond?: string; credit_share?: string }[];
}

export interface Rule {
  key?: string;
  name?: string;
  form?: string;
  meter?: Record<string, unknown>;
  price?: string;
  [other: string]: unknown;
}

export interface Rates {
  name?: string;
  rounding?: string;
  rules?: Rule[];
  [other: string]: unknown;
}

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export const CHANNELS = ["voice", "chat", "mail", "app", "social"] as const;

/** What a measure may be, with the formula that is usual and the direction that is good. */
export const MEASURES: Record<string, { formula: string; better: "higher" | "lower" }> = {
  service_level: { formula: "f3", better: "higher" },
  abandonment: { formula: "a1", better: "lower" },
  asa: { formula: "", better: "lower" },
  aht: { formula: "", better: "lower" },
  occupancy: { formula: "", better: "higher" },
};

/** The kinds of price that the form can make; any other rule is kept as it is. */
export const RULE_KINDS = ["hour", "contact", "month"] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

const meters: Record<RuleKind, Pick<Rule, "form" | "meter">> = {
  hour: { form: "unit", meter: { measure: "agent_time", billable: true, unit: "hour" } },
  contact: { form: "unit", meter: { measure: "contacts_handled", unit: "contact" } },
  month: { form: "fixed" },
};

/** The kind of a rule, or "other" when it says more than the form can. */
export function kindOf(rule: Rule): RuleKind | "other" {
  const plain = Object.keys(rule).every((k) =>
    ["key", "name", "form", "meter", "price", "split_by"].includes(k),
  );
  if (!plain) return "other";
  return (
    RULE_KINDS.find(
      (kind) => canonical({ form: rule.form, meter: rule.meter }) === canonical(meters[kind]),
    ) ?? "other"
  );
}

/** A rule turned into another kind; name, key and price stay. */
export function asKind(rule: Rule, kind: RuleKind): Rule {
  return { key: rule.key, name: rule.name, price: rule.price, ...meters[kind] };
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) =>
    v && typeof v === "object" && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => a.localeCompare(b)))
      : v,
  );
}

/** A client of which nothing is known yet. */
export function emptyDocument(today: string): ClientDocument {
  return {
    client: { locale: "zh-CN" },
    valid_from: `${today.slice(0, 7)}-01`,
    hours: Object.fromEntries(WEEKDAYS.slice(0, 5).map((day) => [day, "09:00-18:00"])),
    lobs: [{ queues: [emptyQueue()] }],
    contract: { period_start_day: 1, payment_days: 30 },
    measures: [],
    rates: { name: "Rates", rounding: "half_up", rules: [] },
  };
}

export const emptyQueue = (): QueueTerms => ({
  channel: "voice",
  answer_within_seconds: 20,
  service_level: 0.8,
  shrinkage: 0.2,
  short_abandon_seconds: 5,
  concurrency: 1,
  priority: 1,
});

/** The text that is sent: empty parts left out, keys of rules and slugs of skills made from names where missing. */
export function documentText(form: ClientDocument): string {
  const rules = (form.rates?.rules ?? []).map((rule, i) => ({ ...rule, key: rule.key || `rule-${i + 1}` }));
  const full = {
    ...form,
    hours: Object.fromEntries(Object.entries(form.hours ?? {}).filter(([, spans]) => spans?.trim())),
    rates: rules.length > 0 ? { ...form.rates, rules } : undefined,
  };
  return JSON.stringify(full, (_, v: unknown) => (v === null || v === "" ? undefined : v), 1);
}

/** The part of a document (its top-level key) that a line of its text belongs to. */
export function partAt(text: string, line: number): string | undefined {
  const heads = text
    .split("\n")
    .slice(0, line)
    .map((row) => /^ "(\w+)":/.exec(row)?.[1])
    .filter((key) => key !== undefined);
  return heads.at(-1);
}

/** The day that changes are proposed to hold from: today, or the day after the latest version when that is later. */
export function nextBeginning(latest: string, today: string, known: boolean): string {
  if (!known || latest < today) return known ? today : latest;
  const day = new Date(`${latest}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}
