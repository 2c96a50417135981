import { useQueries, useQuery } from "@tanstack/react-query";
import { importsQuery, peopleQuery, queuesQuery, rateCardsQuery, scorecardQuery } from "../../api/queries";
import { useFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";

export interface Step {
  key: "client" | "queues" | "calendar" | "people" | "sla" | "rate_card" | "import";
  done: boolean;
  count: number;
}

/** No id, as the server writes it for a reference that is not set. */
const isSet = (id: string) => id !== "" && !/^[0-]+$/.test(id);

/**
 * How far the provider is from an empty directory to its first figures, read
 * from what exists. A step counts the clients (or rows) that have it.
 */
export function useOnboarding(): Step[] | undefined {
  const session = useSession();
  const { clients } = useFrame();
  const queues = useQueries({ queries: clients.map((client) => queuesQuery(client.id)) });
  const cards = useQueries({
    queries: clients.map((client) => ({
      ...rateCardsQuery(client.id),
      enabled: can(session, "rates", "view"),
    })),
  });
  const measures = useQueries({
    queries: clients.map((client) => ({ ...scorecardQuery(client.id), retry: false })),
  });
  const people = useQuery(peopleQuery);
  const imports = useQuery(importsQuery());
  if (people.isPending || imports.isPending || [...queues, ...cards, ...measures].some((q) => q.isPending))
    return undefined;
  const having = (test: (i: number) => boolean) => clients.filter((_, i) => test(i)).length;
  const step = (key: Step["key"], count: number, needed = Math.max(1, clients.length)): Step => ({
    key,
    count,
    done: count >= needed,
  });
  return [
    step("client", clients.length, 1),
    step(
      "queues",
      having((i) => (queues[i]?.data?.length ?? 0) > 0),
    ),
    step(
      "calendar",
      having((i) => queues[i]?.data?.some((queue) => isSet(queue.calendar_id)) ?? false),
    ),
    step("people", people.data?.length ?? 0, 1),
    step(
      "sla",
      having((i) => (measures[i]?.data?.measures?.length ?? 0) > 0),
    ),
    step(
      "rate_card",
      having((i) => (cards[i]?.data?.length ?? 0) > 0),
    ),
    step("import", imports.data?.length ?? 0, 1),
  ];
}
