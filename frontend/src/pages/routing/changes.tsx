import { useText } from "../../text/text";
import { type FieldChange, partsOf } from "./model";

/** A field in words: "Ladder 2: after". */
export function useFieldName() {
  const t = useText();
  return (field: string) => {
    const { list, position, name } = partsOf(field);
    const label = t.of(`screen.routing.f_${name}`, name);
    return list === undefined
      ? label
      : `${t.of(`screen.routing.f_${list}`, list)} ${position! + 1}: ${list === name ? "" : label}`.replace(
          /: $/,
          "",
        );
  };
}

/** What would change, value by value: before and after. */
export function Changes({ changes }: { changes: FieldChange[] }) {
  const t = useText();
  const fieldName = useFieldName();
  const word = (value: unknown) => {
    if (value === undefined || value === null) return t("screen.routing.default");
    if (value === true) return t("screen.routing.yes");
    if (value === false) return t("screen.routing.no");
    return String(value);
  };
  return (
    <table className="routing-changes">
      <thead>
        <tr>
          <th>{t("screen.routing.setting")}</th>
          <th>{t("screen.routing.before")}</th>
          <th>{t("screen.routing.after")}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((c) => (
          <tr key={c.field}>
            <th scope="row">{fieldName(c.field)}</th>
            <td>{word(c.before)}</td>
            <td>
              <strong>{word(c.after)}</strong>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
