import { useEffect, useRef, useState } from "react";
import { follow, type StreamEvent, type StreamState } from "./stream";

/** Follows a stream while the component is mounted and tells how the connection stands. */
export function useStream(
  url: string,
  types: string[],
  onEvent: (event: StreamEvent) => void,
  onReset: () => void,
): StreamState {
  const [state, setState] = useState<StreamState>("connecting");
  const handlers = useRef({ onEvent, onReset });
  useEffect(() => {
    handlers.current = { onEvent, onReset };
  });
  const list = types.join(" ");
  useEffect(
    () =>
      follow({
        url,
        types: list ? list.split(" ") : [],
        onEvent: (event) => handlers.current.onEvent(event),
        onReset: () => handlers.current.onReset(),
        onState: setState,
      }),
    [url, list],
  );
  return state;
}
