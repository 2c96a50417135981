import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type SettingKind = Schemas["SettingVersion"]["kind"];
export type SettingVersion = Schemas["SettingVersion"];
export type FieldChange = Schemas["FieldChange"];
export type Document = Record<string, unknown>;

/** One setting: what kind, and whose. */
export interface Which {
  kind: SettingKind;
  key: string;
}

/** A setting in the address: `queue:<id>`. */
export const addressOf = (which: Which) => `${which.kind}:${which.key}`;

const KINDS: SettingKind[] = ["provider", "client", "queue", "pool", "partner"];

/** Reads a setting from the address; anything else is what holds for every client. */
export function whichOf(address: string | undefined): Which {
  const [kind = "", key = ""] = (address ?? "").split(":", 2);
  const known = KINDS.find((k) => k === kind);
  return known && key ? { kind: known, key } : { kind: "provider", key: "provider" };
}

/** The document as it is sent: what is empty means the default and is left out; zeros stay. */
export function documentOf(value: unknown): Document {
  return (prune(value) ?? {}) as Document;
}

function prune(value: unknown): unknown {
  if (value === null || value === undefined || value === "" || value === false) return undefined;
  if (Array.isArray(value)) {
    const all = value.map((entry) => prune(entry) ?? {});
    return all.length > 0 ? all : undefined;
  }
  if (typeof value === "object") {
    const all = Object.entries(value)
      .map(([name, part]) => [name, prune(part)] as const)
      .filter(([, part]) => part !== undefined);
    return all.length > 0 ? Object.fromEntries(all) : undefined;
  }
  return value;
}

/** A field's path as a form names it: "ladder.1.after_seconds" is ["ladder", 1, "after_seconds"]. */
export const nameOf = (field: string): (string | number)[] =>
  field.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));

/** The first position and the last name of a path: which step, and which of its values. */
export function partsOf(field: string): { list?: string; position?: number; name: string } {
  const parts = nameOf(field);
  const words = parts.filter((part): part is string => typeof part === "string");
  const position = parts.find((part): part is number => typeof part === "number");
  return { list: position === undefined ? undefined : words[0], position, name: words.at(-1) ?? field };
}

export const TIERS = ["junior", "middle", "expert"] as const;
export const STEP_KINDS = ["widen", "partner", "callback", "message", "bot"] as const;
export const STRATEGIES = ["balanced", "longest_idle", "least_occupied", "best_skill"] as const;
export const CHANNELS = ["voice", "chat", "mail", "app", "social"] as const;
export const REASON_MODES = ["full", "sampled", "off"] as const;
export const CALL_UP_MODES = ["propose", "automatic", "off"] as const;

/** Slugs of pools and partners, as the server takes them. */
export const isSlug = (text: string) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(text);
