import { Button, Checkbox, Form, InputNumber, Select } from "antd";
import type { ReactNode } from "react";
import { useText } from "../../text/text";

export type Name = string | number | (string | number)[];

const lastOf = (name: Name) => String(Array.isArray(name) ? name.at(-1) : name);

/** One labelled value of a setting; label and help follow from its name. */
export function Field(props: { name: Name; children: ReactNode; required?: boolean; wide?: boolean }) {
  const t = useText();
  const word = lastOf(props.name);
  return (
    <Form.Item
      name={props.name}
      label={t.of(`screen.routing.f_${word}`, word)}
      className={props.wide ? "routing-wide" : undefined}
      rules={props.required ? [{ required: true, message: t("screen.contract.required") }] : undefined}
    >
      {props.children}
    </Form.Item>
  );
}

/** A whole number; the placeholder is what holds while it is empty. */
export function Figure(props: {
  name: Name;
  unit?: string;
  max: number;
  otherwise?: number;
  required?: boolean;
}) {
  return (
    <Field name={props.name} required={props.required}>
      <InputNumber
        min={0}
        max={props.max}
        precision={0}
        suffix={props.unit}
        placeholder={props.otherwise === undefined ? undefined : String(props.otherwise)}
        style={{ width: 108 }}
      />
    </Field>
  );
}

/** A share that travels as permille and is typed in per cent. */
export function Share(props: { name: Name; otherwise?: number; max?: number }) {
  const t = useText();
  const word = lastOf(props.name);
  return (
    <Form.Item
      name={props.name}
      label={t.of(`screen.routing.f_${word}`, word)}
      getValueProps={(v: number | undefined) => ({ value: v === undefined ? undefined : v / 10 })}
      normalize={(v: number | null) => (v === null ? undefined : Math.round(v * 10))}
    >
      <InputNumber
        min={0}
        max={props.max ?? 100}
        suffix="%"
        placeholder={props.otherwise === undefined ? undefined : String(props.otherwise)}
        style={{ width: 96 }}
      />
    </Form.Item>
  );
}

/** Yes or no. */
export function Switch({ name }: { name: Name }) {
  const t = useText();
  const word = lastOf(name);
  return (
    <Form.Item name={name} valuePropName="checked" className="routing-check">
      <Checkbox>{t.of(`screen.routing.f_${word}`, word)}</Checkbox>
    </Form.Item>
  );
}

/** One or several of known words. */
export function Choice(props: {
  name: Name;
  options: { value: string; label: string }[];
  many?: boolean;
  otherwise?: string;
  required?: boolean;
  width?: number;
  /** Words that are not in the list may be typed. */
  free?: boolean;
}) {
  return (
    <Field name={props.name} required={props.required}>
      <Select
        mode={props.free ? "tags" : props.many ? "multiple" : undefined}
        allowClear={!props.required}
        showSearch={{ optionFilterProp: "label" }}
        options={props.options}
        placeholder={props.otherwise}
        popupMatchSelectWidth={false}
        style={{ minWidth: props.width ?? 150 }}
      />
    </Field>
  );
}

/** Takes a row out of a list. */
export function Remove({ onClick, what }: { onClick: () => void; what: string }) {
  const t = useText();
  return (
    <Button
      type="text"
      onClick={onClick}
      className="routing-remove"
      aria-label={t("screen.contract.remove", { what })}
    >
      ✕
    </Button>
  );
}
