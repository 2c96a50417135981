import type { ImportMapping, ImportPreview } from "../../api/models";

type Binding = ImportMapping["fields"][string];

/** The columns that a binding reads. */
function columnsOf(binding: Binding): string[] {
  return [binding.column, binding.date, binding.time, ...(binding.columns ?? [])].filter(
    (column): column is string => Boolean(column),
  );
}

/** The field that reads a column, if any. */
export function fieldOf(mapping: ImportMapping, column: string): string | undefined {
  return Object.keys(mapping.fields).find((field) => columnsOf(mapping.fields[field]!).includes(column));
}

/** The required fields that still have no column. */
export function missingFields(preview: ImportPreview, mapping: ImportMapping): string[] {
  return (preview.missing ?? []).filter((field) => !(field in mapping.fields));
}

/**
 * The mapping after giving a column to a field, or to none. A field keeps how it
 * is read (format, unit) only while it keeps its column; what else read the
 * column lets it go.
 */
export function assign(mapping: ImportMapping, column: string, field: string | undefined): ImportMapping {
  const fields: ImportMapping["fields"] = {};
  for (const [name, binding] of Object.entries(mapping.fields))
    if (name !== field && !columnsOf(binding).includes(column)) fields[name] = binding;
  if (field) fields[field] = { column };
  return { ...mapping, fields };
}
