import { Select } from "antd";
import type { ImportPreview } from "../../api/models";
import { useText } from "../../text/text";
import { assign } from "./mapping";

/** The file's first rows under their columns, with a field to choose above each. */
export function MappingTable(props: {
  preview: ImportPreview;
  mapping: Record<string, string>;
  onChange: (mapping: Record<string, string>) => void;
}) {
  const t = useText();
  const { preview, mapping, onChange } = props;
  const options = preview.fields.map((field) => ({
    value: field.key,
    label: t.of(`screen.field.${field.key}`, field.key) + (field.required ? " *" : ""),
  }));
  return (
    <div className="mapping" tabIndex={0} role="region" aria-label={t("screen.import.step_columns")}>
      <table>
        <thead>
          <tr>
            {preview.columns.map((column) => (
              <td key={column.name} className={mapping[column.name] ? "mapping-on" : undefined}>
                <Select
                  aria-label={t("screen.import.field_of", { column: column.name })}
                  allowClear
                  placeholder={t("screen.import.unused")}
                  popupMatchSelectWidth={false}
                  value={mapping[column.name]}
                  options={options}
                  onChange={(field?: string) => onChange(assign(mapping, column.name, field))}
                />
              </td>
            ))}
          </tr>
          <tr>
            {preview.columns.map((column) => (
              <th key={column.name} scope="col">
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, i) => (
            <tr key={i}>
              {preview.columns.map((column, j) => (
                <td key={column.name}>{row[j]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
