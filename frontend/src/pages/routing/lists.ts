import { useQueries, useQuery } from "@tanstack/react-query";
import { client, items, unwrap } from "../../api/client";
import { queuesQuery, skillsQuery, teamsQuery } from "../../api/queries";
import { useFrame } from "../../app/frame";

export const poolsQuery = {
  queryKey: ["routing", "pools"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/routing/pools"))),
};

export const partnersQuery = {
  queryKey: ["routing", "partners"],
  queryFn: async () => items(await unwrap(client.GET("/api/v1/routing/partners"))),
};

/** Everything that settings can name, as options with the names that people know. */
export function useLists() {
  const { clients, clientId } = useFrame();
  const queues = useQueries({ queries: clients.map((c) => queuesQuery(c.id)) }).map((q) => q.data ?? []);
  const pools = useQuery(poolsQuery).data ?? [];
  const partners = useQuery(partnersQuery).data ?? [];
  const skills = useQuery(skillsQuery).data ?? [];
  const teams = useQuery(teamsQuery).data ?? [];
  return {
    clients: clients
      .map((c, i) => ({ ...c, queues: (queues[i] ?? []).filter((q) => !q.archived_at) }))
      .filter((c) => !clientId || c.id === clientId),
    pools,
    partners,
    clientOptions: clients.map((c) => ({ value: c.slug, label: c.name })),
    queueOptions: clients.flatMap((c, i) =>
      (queues[i] ?? []).map((q) => ({ value: `${c.slug}/${q.slug}`, label: `${c.name} · ${q.name}` })),
    ),
    poolOptions: pools.map((p) => ({ value: p.key, label: p.policy.name })),
    partnerOptions: partners.map((p) => ({ value: p.key, label: p.policy.name })),
    skillOptions: skills.map((s) => ({ value: s.slug, label: s.name })),
    teamOptions: teams.map((team) => ({ value: team.slug, label: team.name })),
  };
}

export type Lists = ReturnType<typeof useLists>;
