import type { StreamState } from "../api/stream";
import { useText } from "../text/text";
import "./live.css";

/** How the stream stands, in a word. */
export function LiveTag({ state }: { state: StreamState }) {
  const t = useText();
  return (
    <span className={`live live-${state}`} role="status">
      <i aria-hidden /> {t(`screen.live.${state}`)}
    </span>
  );
}
