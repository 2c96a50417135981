import { Select } from "antd";
import type { ImportMapping, ImportPreview } from "../../api/models";
import { useText } from "../../text/text";
import { assign, fieldOf } from "./mapping";

/** The file's first rows under their columns, with a field to choose above each. */
export function MappingTable(props: {
  preview: ImportPreview;
  mapping: ImportMapping;
  onChange: (mapping: ImportMapping) => void;
}) {
  const t = useText();
  const { preview, mapping, onChange } = props;
  const columns = mapping.columns ?? [];
  const options = (preview.fields ?? []).map((field) => ({
    value: field,
    label: t.of(`screen.field.${field}`, field) + (preview.missing?.includes(field) ? " *" : ""),
  }));
  return (
    <div className="mapping" tabIndex={0} role="region" aria-label={t("screen.import.step_columns")}>
      <table>
        <thead>
          <tr>
            {columns.map((column, i) => (
              <td key={i} className={fieldOf(mapping, column) ? "mapping-on" : undefined}>
                <Select
                  aria-label={t("screen.import.field_of", { column })}
                  allowClear
                  placeholder={t("screen.import.unused")}
                  popupMatchSelectWidth={false}
                  value={fieldOf(mapping, column)}
                  options={options}
                  onChange={(field?: string) => onChange(assign(mapping, column, field))}
                />
              </td>
            ))}
          </tr>
          <tr>
            {columns.map((column, i) => (
              <th key={i} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(preview.sample ?? []).map((row, i) => (
            <tr key={i}>
              {columns.map((_, j) => (
                <td key={j}>{row?.[j]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
