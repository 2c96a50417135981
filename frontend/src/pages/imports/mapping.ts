import type { ImportPreview } from "../../api/models";

/** Column name to field, as the server proposes it; columns without a field are left out. */
export function proposedMapping(preview: ImportPreview): Record<string, string> {
  const mapping: Record<string, string> = {};
  for (const column of preview.columns) if (column.proposed) mapping[column.name] = column.proposed;
  return mapping;
}

/** The fields that must be mapped and are not. */
export function missingFields(preview: ImportPreview, mapping: Record<string, string>): string[] {
  const taken = new Set(Object.values(mapping));
  return preview.fields.filter((field) => field.required && !taken.has(field.key)).map((field) => field.key);
}

/** The mapping after giving a column a field; a field has one column, so its old column lets go. */
export function assign(
  mapping: Record<string, string>,
  column: string,
  field: string | undefined,
): Record<string, string> {
  const next: Record<string, string> = {};
  for (const [name, taken] of Object.entries(mapping))
    if (name !== column && taken !== field) next[name] = taken;
  if (field) next[column] = field;
  return next;
}
