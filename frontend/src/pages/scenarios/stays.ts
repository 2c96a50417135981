import type { Adjustment, AdjustmentInput } from "../../api/models";

/** An adjustment that stays as it is, as the API takes it back. */
export function stays(a: Adjustment): AdjustmentInput {
  return {
    id: a.id,
    name: a.name,
    kind: a.kind as AdjustmentInput["kind"],
    value: a.value,
    undone: a.undone,
    ...(a.queue_id && { queue_id: a.queue_id }),
    ...(a.to_queue_id && { to_queue_id: a.to_queue_id }),
    ...(a.day && { day: a.day }),
    ...(a.from && { from: a.from }),
    ...(a.to && { to: a.to }),
  };
}
