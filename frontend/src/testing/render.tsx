import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { App, ConfigProvider } from "antd";
import type { ReactNode } from "react";
import type { Session } from "../api/models";
import { FrameProvider } from "../app/frame";
import { SessionProvider } from "../app/session";
import { allTexts, startText } from "../text/text";

/** A session with the given rights ("forecasts:view"), each within the domain. */
export function sessionOf(
  part: Partial<Session["user"]> = {},
  rights: string[] = [],
  domain = "provider",
): Session {
  return {
    user: {
      id: "u1",
      login: "pia",
      display: "Pia Planner",
      locale: "en",
      must_change: false,
      demo: true,
      version: 1,
      created_at: "2026-01-01T00:00:00Z",
      ...part,
    },
    permissions: rights.map((right) => {
      const [object = "", action = ""] = right.split(":");
      return { object, action, domain };
    }),
    csrf: "token",
    provider: "Provider",
    demo: true,
  };
}

/** Renders a page inside everything that the shell gives it. */
export async function renderPage(page: ReactNode, session = sessionOf()) {
  localStorage.setItem("muster.locale", "en");
  await startText();
  await allTexts();
  const root = createRootRoute({
    component: () => (
      <SessionProvider value={session}>
        <FrameProvider>{page}</FrameProvider>
      </SessionProvider>
    ),
  });
  const router = createRouter({ routeTree: root, history: createMemoryHistory({ initialEntries: ["/"] }) });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <ConfigProvider button={{ autoInsertSpace: false }} theme={{ token: { motion: false } }}>
      <App>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router as never} />
        </QueryClientProvider>
      </App>
    </ConfigProvider>,
  );
}
