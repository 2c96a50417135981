import { Popover } from "antd";
import type { ReactNode } from "react";
import { useText } from "../text/text";
import "./why.css";

export interface Reason {
  name: string;
  value: ReactNode;
}

/** A computed figure that opens its reason: definition, counts, source, time. */
export function Why(props: {
  children: ReactNode;
  title: string;
  definition?: string;
  reasons: Reason[];
  action?: ReactNode;
}) {
  const t = useText();
  return (
    <Popover
      trigger="click"
      title={props.title}
      content={
        <div className="why">
          {props.definition && <p>{props.definition}</p>}
          <dl>
            {props.reasons.map((reason) => (
              <div key={reason.name}>
                <dt>{reason.name}</dt>
                <dd>{reason.value}</dd>
              </div>
            ))}
          </dl>
          {props.action}
        </div>
      }
    >
      <button type="button" className="plain why-button" title={t("screen.why")}>
        {props.children}
      </button>
    </Popover>
  );
}
