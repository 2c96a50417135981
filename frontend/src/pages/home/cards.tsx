import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ComponentType, ReactNode } from "react";
import type { Session, Status } from "../../api/models";
import {
  coverageAheadQuery,
  forecastsQuery,
  importsQuery,
  invoicesQuery,
  jobsQuery,
  peopleQuery,
} from "../../api/queries";
import { useFrame } from "../../app/frame";
import { can, ownClient } from "../../app/rights";
import { StatusTag } from "../../components/status";
import { count, NONE, percent } from "../../format/number";
import { addDays, dayOf, isoWeek } from "../../format/time";
import { useText } from "../../text/text";
import { mondayOf, openWeeks, PLANNED_WEEKS } from "../forecast/versions";
import { useOnboarding } from "../onboarding/steps";

/** Whether the session sees the provider from a client's side. */
export function isClientSide(session: Session): boolean {
  return ownClient(session) !== undefined;
}

/** A figure with its judgement, and the page where one does something about it. */
function HomeCard(props: { title: string; value: ReactNode; note?: ReactNode; status?: Status; to: string }) {
  return (
    <li>
      <Link to={props.to} className="home-card">
        <span className="home-card-head">
          <span>{props.title}</span>
          {props.status && <StatusTag status={props.status} />}
        </span>
        <strong className="home-card-value">{props.value}</strong>
        {props.note && <span className="soft">{props.note}</span>}
      </Link>
    </li>
  );
}

/** Weeks ahead without a published forecast, by client; the first of them is planned next. */
function ForecastCard() {
  const t = useText();
  const { clientId, clients } = useFrame();
  const list = useQuery(forecastsQuery(clientId)).data;
  const open =
    list &&
    clients
      .filter((c) => !clientId || c.id === clientId)
      .map((c) => ({ name: c.name, weeks: openWeeks(list, c.id, dayOf(Date.now(), c.zone)) }));
  const missing = open?.reduce((sum, entry) => sum + entry.weeks.length, 0);
  const drafts = list?.filter((f) => f.status === "draft").length ?? 0;
  const soon = open?.some((entry) => entry.weeks[0] === addDays(mondayOf(dayOf(Date.now(), "UTC")), 7));
  return (
    <HomeCard
      title={t("screen.home.open_weeks", { count: PLANNED_WEEKS })}
      value={count(missing)}
      note={
        <>
          {open
            ?.filter((entry) => entry.weeks.length > 0)
            .map((entry) => `${entry.name}: ${entry.weeks.map((monday) => isoWeek(monday)).join(", ")}`)
            .join(" · ")}
          {drafts > 0 && ` ${t("screen.home.drafts", { count: drafts })}`}
        </>
      }
      status={missing === undefined ? undefined : soon ? "bad" : missing > 0 ? "watch" : "good"}
      to="/forecast"
    />
  );
}

/** What the rosters in force together leave uncovered of the next two weeks. */
function RosterCard() {
  const t = useText();
  const ahead = useQuery(coverageAheadQuery).data;
  const rosters = ahead?.rosters ?? [];
  const uncovered = ahead?.uncovered_days ?? [];
  const part = ahead ? ahead.missing_minutes / Math.max(1, ahead.required_minutes) : 0;
  const known = ahead !== undefined && ahead.intervals > 0;
  const first = rosters.toSorted((a, b) => b.missing_minutes - a.missing_minutes)[0];
  return (
    <HomeCard
      title={t("screen.home.uncovered")}
      value={known ? percent(part) : NONE}
      note={
        ahead && (
          <>
            {known &&
              t("screen.home.short_intervals", {
                short: count(ahead.short),
                intervals: count(ahead.intervals),
              })}
            {known && <br />}
            {rosters.length === 1 && first?.name}
            {rosters.length > 1 &&
              first &&
              t("screen.home.rosters", { count: rosters.length, name: first.name })}
            {uncovered.length > 0 && ` ${t("screen.home.no_roster", { count: uncovered.length })}`}
          </>
        )
      }
      status={
        !known ? "unknown" : part > 0.05 ? "bad" : part > 0.01 || uncovered.length > 0 ? "watch" : "good"
      }
      to="/roster"
    />
  );
}

function InvoiceCard() {
  const t = useText();
  const { clientId } = useFrame();
  const list = useQuery(invoicesQuery(clientId)).data;
  const open = list?.filter((i) => i.status === "draft" || i.status === "reviewed").length;
  return (
    <HomeCard
      title={t("screen.home.invoice_drafts")}
      value={count(open)}
      note={
        list && t("screen.home.invoices_issued", { count: list.filter((i) => i.status === "issued").length })
      }
      status={open === undefined ? undefined : open > 0 ? "watch" : "good"}
      to="/invoices"
    />
  );
}

function LastInvoiceCard() {
  const t = useText();
  const last = useQuery(invoicesQuery()).data?.find((i) => i.status === "issued");
  return (
    <HomeCard
      title={t("screen.home.last_invoice")}
      value={last ? `${last.total.currency} ${last.total.value}` : NONE}
      note={last?.label}
      to="/invoices"
    />
  );
}

function ImportCard() {
  const t = useText();
  const { clientId } = useFrame();
  const list = useQuery(importsQuery(clientId)).data;
  const refused = list?.reduce((sum, run) => sum + (run.status === "done" ? run.rows_refused : 0), 0);
  return (
    <HomeCard
      title={t("screen.home.imports_refused")}
      value={count(refused)}
      note={list && t("screen.home.imports", { count: list.length })}
      status={refused === undefined ? undefined : refused > 0 ? "watch" : "good"}
      to="/imports"
    />
  );
}

function JobCard() {
  const t = useText();
  const failed = useQuery(jobsQuery).data?.filter((job) => job.status === "failed");
  return (
    <HomeCard
      title={t("screen.home.jobs_failed")}
      value={count(failed?.length)}
      note={failed?.[0]?.error?.detail}
      status={failed === undefined ? undefined : failed.length > 0 ? "bad" : "good"}
      to="/imports"
    />
  );
}

function PeopleCard() {
  const t = useText();
  const people = useQuery(peopleQuery).data;
  return <HomeCard title={t("screen.home.people")} value={count(people?.length)} to="/people" />;
}

function OnboardingCard() {
  const t = useText();
  const steps = useOnboarding();
  const done = steps?.filter((step) => step.done).length;
  return (
    <HomeCard
      title={t("screen.page.onboarding")}
      value={steps ? `${done} / ${steps.length}` : NONE}
      status={steps ? (done === steps.length ? "good" : "watch") : undefined}
      to="/onboarding"
    />
  );
}

function FloorCard() {
  const t = useText();
  return <HomeCard title={t("screen.page.floor")} value={t("screen.home.floor_open")} to="/floor" />;
}

/** The cards that a session's rights call for, in the order of the loop. */
export function officeCards(session: Session): ComponentType[] {
  if (isClientSide(session)) return can(session, "invoices", "view") ? [LastInvoiceCard] : [];
  const cards: [object: string, action: string, card: ComponentType][] = [
    ["settings", "view", OnboardingCard],
    ["forecasts", "edit", ForecastCard],
    ["rosters", "view", RosterCard],
    ["floor", "edit", FloorCard],
    ["invoices", "edit", InvoiceCard],
    ["imports", "run", ImportCard],
    ["jobs", "edit", JobCard],
    ["people", "edit", PeopleCard],
  ];
  return cards.filter(([object, action]) => can(session, object, action)).map(([, , card]) => card);
}
