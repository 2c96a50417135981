import type { ComponentType } from "react";
import {
  ApiOutlined,
  AimOutlined,
  AuditOutlined,
  BranchesOutlined,
  CalendarOutlined,
  CheckSquareOutlined,
  ContactsOutlined,
  ContainerOutlined,
  ClusterOutlined,
  CustomerServiceOutlined,
  DashboardOutlined,
  FileTextOutlined,
  ExperimentOutlined,
  ForkOutlined,
  HomeOutlined,
  ImportOutlined,
  LineChartOutlined,
  MedicineBoxOutlined,
  SafetyOutlined,
  ScheduleOutlined,
  SolutionOutlined,
  TableOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import type { Session } from "../api/models";
import type { MessageKey } from "../text/text";
import { can, isAgent } from "./rights";

export type PageGroup = "today" | "plan" | "floor" | "clients" | "money" | "admin";

export interface PageEntry {
  path: string;
  title: MessageKey;
  group: PageGroup;
  icon: ComponentType<{ "aria-hidden"?: boolean }>;
  /** The right that makes the page worth offering; without one everybody has it. */
  needs?: [object: string, action: string];
  /** For agents only, or for everybody but agents. */
  for?: "agent" | "office";
}

/** The pages in the order of the left rail, which follows the loop. */
export const pages: PageEntry[] = [
  { path: "/", title: "screen.page.home", group: "today", icon: HomeOutlined, for: "office" },
  { path: "/", title: "screen.page.my_day", group: "today", icon: HomeOutlined, for: "agent" },
  { path: "/week", title: "screen.page.my_week", group: "today", icon: CalendarOutlined, for: "agent" },
  {
    path: "/onboarding",
    title: "screen.page.onboarding",
    group: "today",
    icon: CheckSquareOutlined,
    needs: ["settings", "view"],
    for: "office",
  },
  {
    path: "/forecast",
    title: "screen.page.forecast",
    group: "plan",
    icon: LineChartOutlined,
    needs: ["forecasts", "view"],
    for: "office",
  },
  {
    path: "/accuracy",
    title: "screen.page.accuracy",
    group: "plan",
    icon: AimOutlined,
    needs: ["forecasts", "edit"],
    for: "office",
  },
  {
    path: "/staffing",
    title: "screen.page.staffing",
    group: "plan",
    icon: ClusterOutlined,
    needs: ["staffing", "view"],
    for: "office",
  },
  {
    path: "/roster",
    title: "screen.page.roster",
    group: "plan",
    icon: TableOutlined,
    needs: ["rosters", "view"],
    for: "office",
  },
  {
    path: "/scenarios",
    title: "screen.page.scenarios",
    group: "plan",
    icon: BranchesOutlined,
    needs: ["staffing", "view"],
    for: "office",
  },
  {
    path: "/calendar",
    title: "screen.page.calendar",
    group: "plan",
    icon: ScheduleOutlined,
    needs: ["forecasts", "edit"],
    for: "office",
  },
  {
    path: "/day",
    title: "screen.page.day",
    group: "floor",
    icon: MedicineBoxOutlined,
    needs: ["rosters", "view"],
    for: "office",
  },
  {
    path: "/floor",
    title: "screen.page.floor",
    group: "floor",
    icon: CustomerServiceOutlined,
    needs: ["floor", "view"],
    for: "office",
  },
  {
    path: "/contacts",
    title: "screen.page.contacts",
    group: "floor",
    icon: ContactsOutlined,
    needs: ["contacts", "view"],
    for: "office",
  },
  {
    path: "/simulator",
    title: "screen.page.simulator",
    group: "floor",
    icon: ExperimentOutlined,
    needs: ["simulations", "view"],
    for: "office",
  },
  {
    path: "/routing",
    title: "screen.page.routing",
    group: "floor",
    icon: ForkOutlined,
    needs: ["clients", "edit"],
    for: "office",
  },
  {
    path: "/scorecard",
    title: "screen.page.scorecard",
    group: "clients",
    icon: DashboardOutlined,
    needs: ["scorecards", "view"],
    for: "office",
  },
  {
    path: "/commitments",
    title: "screen.page.commitments",
    group: "clients",
    icon: SolutionOutlined,
    needs: ["forecasts", "view"],
    for: "office",
  },
  {
    path: "/contracts",
    title: "screen.page.contracts",
    group: "clients",
    icon: ContainerOutlined,
    needs: ["settings", "view"],
    for: "office",
  },
  {
    path: "/invoices",
    title: "screen.page.invoices",
    group: "money",
    icon: FileTextOutlined,
    needs: ["invoices", "view"],
    for: "office",
  },
  {
    path: "/people",
    title: "screen.page.people",
    group: "admin",
    icon: TeamOutlined,
    needs: ["people", "view"],
    for: "office",
  },
  {
    path: "/roles",
    title: "screen.page.roles",
    group: "admin",
    icon: SafetyOutlined,
    needs: ["users", "view"],
    for: "office",
  },
  {
    path: "/imports",
    title: "screen.page.imports",
    group: "admin",
    icon: ImportOutlined,
    needs: ["imports", "view"],
    for: "office",
  },
  {
    path: "/connections",
    title: "screen.page.connections",
    group: "admin",
    icon: ApiOutlined,
    needs: ["settings", "view"],
    for: "office",
  },
  {
    path: "/audit",
    title: "screen.page.audit",
    group: "admin",
    icon: AuditOutlined,
    needs: ["audit", "view"],
    for: "office",
  },
];

/** The pages that a session is offered. */
export function pagesFor(session: Session): PageEntry[] {
  const agent = isAgent(session);
  return pages.filter(
    (page) =>
      (page.for === undefined || (page.for === "agent") === agent) &&
      (page.needs === undefined || can(session, ...page.needs)),
  );
}
