import type { Status } from "../api/models";
import { useText } from "../text/text";
import "./status.css";

/** Shapes differ as well as colours, so that a status survives greyscale. */
const shapes: Record<Status, string> = { good: "●", watch: "▲", bad: "■", unknown: "○" };

/** A status as word, shape and colour; always the same three. */
export function StatusTag({ status }: { status: Status }) {
  const t = useText();
  return (
    <span className={`status status-${status}`}>
      <span aria-hidden>{shapes[status]}</span> {t(`screen.status.${status}`)}
    </span>
  );
}

/** A state that is neither good nor bad: a draft, a published version. */
export function StateTag({ kind, state }: { kind: string; state: string }) {
  const t = useText();
  return <span className={`state-tag state-tag-${state}`}>{t.of(`screen.${kind}.${state}`, state)}</span>;
}

/** A client's name beside its colour. */
export function ClientName({ name, color }: { name: string; color: string }) {
  return (
    <span className="client-name">
      <span className="client-dot" style={{ background: color }} aria-hidden />
      {name}
    </span>
  );
}
