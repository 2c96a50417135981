import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from "@tanstack/react-router";
import { allTexts } from "../text/text";
import type { FrameSearch } from "./frame";
import { NotFound, RouteFailure, RoutePending } from "./route-states";

const word = (value: unknown) =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;

const root = createRootRoute({
  component: lazyRouteComponent(() => import("./shell"), "Shell"),
  notFoundComponent: NotFound,
  validateSearch: (search: Record<string, unknown>): FrameSearch => {
    const client = word(search.client);
    const period = word(search.period);
    const q = word(search.q);
    const version = word(search.version);
    return {
      ...(client && { client }),
      ...(period && { period }),
      ...(q && { q }),
      ...(version && { version }),
    };
  },
  search: { middlewares: [retainSearchParams(["client"])] },
});

const page = <P extends string>(path: P, load: () => Promise<{ default: React.ComponentType }>) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(async () => {
      const [loaded] = await Promise.all([load(), path === "/" ? undefined : allTexts()]);
      return loaded;
    }),
  });

const tree = root.addChildren([
  page("/", () => import("../pages/home/home")),
  page("/onboarding", () => import("../pages/onboarding/onboarding")),
  page("/week", () => import("../pages/agent/week")),
  page("/forecast", () => import("../pages/forecast/forecast")),
  page("/accuracy", () => import("../pages/accuracy/accuracy")),
  page("/staffing", () => import("../pages/staffing/staffing")),
  page("/scenarios", () => import("../pages/scenarios/scenarios")),
  page("/calendar", () => import("../pages/calendar/calendar")),
  page("/commitments", () => import("../pages/commitments/commitments")),
  page("/roster", () => import("../pages/roster/roster")),
  page("/day", () => import("../pages/day/day")),
  page("/floor", () => import("../pages/floor/floor")),
  page("/simulator", () => import("../pages/simulator/simulator")),
  page("/routing", () => import("../pages/routing/routing")),
  page("/scorecard", () => import("../pages/scorecard/scorecard")),
  page("/contacts", () => import("../pages/contacts/contacts")),
  page("/contracts", () => import("../pages/contracts/contracts")),
  page("/contracts/$id", () => import("../pages/contracts/contract")),
  page("/invoices", () => import("../pages/invoices/invoices")),
  page("/invoices/$id", () => import("../pages/invoices/invoice")),
  page("/people", () => import("../pages/people/people")),
  page("/roles", () => import("../pages/roles/roles")),
  page("/imports", () => import("../pages/imports/imports")),
  page("/imports/new", () => import("../pages/imports/new-import")),
  page("/imports/$id", () => import("../pages/imports/import")),
  page("/connections", () => import("../pages/connections/connections")),
  page("/audit", () => import("../pages/audit/audit")),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPendingComponent: RoutePending,
  defaultErrorComponent: RouteFailure,
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
