import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import type { Client } from "../api/models";
import { clientsQuery } from "../api/queries";
import { deviceZone } from "../format/time";
import { isAgent, ownClient } from "./rights";
import { useSession } from "./session";

/** How a page divides time; the top bar offers steps of this size. */
export type Granularity = "none" | "week" | "month";

interface PageFrame {
  granularity: Granularity;
  /** What the page shows when the address names no period. */
  fallback?: string;
  zone?: string;
}

interface Frame {
  clients: Client[];
  clientId: string | undefined;
  /** What the top bar shows: the period chosen, or else the page's own. */
  period: string | undefined;
  /** The period that somebody chose; pages ask for this, their own answer decides the rest. */
  chosenPeriod: string | undefined;
  page: PageFrame;
  setPage: (page: PageFrame) => void;
  setClient: (id: string | undefined) => void;
  setPeriod: (period: string) => void;
}

const FrameContext = createContext<Frame | null>(null);
const bare: PageFrame = { granularity: "none" };

/** The search parameters that every address may carry. */
export interface FrameSearch {
  client?: string;
  period?: string;
  /** What a list is searched for. */
  q?: string;
  /** The version, plan or scenario that a page shows. */
  version?: string;
}

/** Holds what the top bar and the pages share: scope, period and the zone in force. */
export function FrameProvider({ children }: { children: ReactNode }) {
  const session = useSession();
  const own = ownClient(session);
  const search = useSearch({ from: "__root__" });
  const navigate = useNavigate();
  const [page, setPage] = useState<PageFrame>(bare);
  const clients = useQuery({ ...clientsQuery, enabled: !isAgent(session) }).data;
  const frame = useMemo<Frame>(() => {
    const change = (part: FrameSearch) =>
      void navigate({ to: ".", search: (old: FrameSearch) => ({ ...old, ...part }), replace: true });
    return {
      clients: clients ?? [],
      clientId: own ?? search.client,
      period: search.period ?? page.fallback,
      chosenPeriod: search.period,
      page,
      setPage,
      setClient: (client) => change({ client }),
      setPeriod: (period) => change({ period }),
    };
  }, [clients, search.client, search.period, page, navigate, own]);
  return <FrameContext.Provider value={frame}>{children}</FrameContext.Provider>;
}

/** Scope, period and zone in force. */
export function useFrame(): Frame {
  const frame = useContext(FrameContext);
  if (!frame) throw new Error("useFrame is only for pages inside the shell");
  return frame;
}

/** Tells the top bar how this page divides time and which zone its times are in. */
export function usePageFrame(granularity: Granularity, fallback?: string, zone?: string): void {
  const { setPage } = useFrame();
  useEffect(() => setPage({ granularity, fallback, zone }), [setPage, granularity, fallback, zone]);
  useEffect(() => () => setPage(bare), [setPage]);
}

/** The zone that times on the page are in. */
export function useZone(): string {
  return useFrame().page.zone ?? deviceZone();
}

/** Name and colour of a client; both are the same on every page. */
export function useClients(): {
  name: (id: string | undefined) => string;
  color: (id: string | undefined) => string;
} {
  const { clients } = useFrame();
  return useMemo(() => {
    const byId = new Map(clients.map((client) => [client.id, client]));
    return {
      name: (id) => (id ? (byId.get(id)?.name ?? "") : ""),
      color: (id) => {
        return (id && byId.get(id)?.colour) || "#7d8891";
      },
    };
  }, [clients]);
}
