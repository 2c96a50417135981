import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ComponentType, ReactNode } from "react";
import type { Session, Status } from "../../api/models";
import {
  forecastsQuery,
  importsQuery,
  invoicesQuery,
  jobsQuery,
  peopleQuery,
  rostersQuery,
} from "../../api/queries";
import { useFrame } from "../../app/frame";
import { can, ownClient } from "../../app/rights";
import { StatusTag } from "../../components/status";
import { count, NONE, share } from "../../format/number";
import { dateLabel } from "../../format/time";
import { useText } from "../../text/text";
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

function ForecastCard() {
  const t = useText();
  const { clientId } = useFrame();
  const list = useQuery(forecastsQuery(clientId)).data;
  const drafts = list?.filter((f) => f.status === "draft").length;
  const ends = list?.filter((f) => f.status !== "draft").map((f) => f.end_at);
  const last = ends?.sort().at(-1);
  return (
    <HomeCard
      title={t("screen.home.forecast_drafts")}
      value={count(drafts)}
      note={last && t("screen.home.forecast_until", { date: dateLabel(Date.parse(last) - 1, "UTC") })}
      status={drafts === undefined ? undefined : drafts > 0 ? "watch" : last ? "good" : "unknown"}
      to="/forecast"
    />
  );
}

function RosterCard() {
  const t = useText();
  const roster = useQuery(rostersQuery).data?.[0];
  const missing = roster && roster.summary.required_minutes - roster.summary.met_minutes;
  const part = roster && missing ? missing / Math.max(1, roster.summary.required_minutes) : 0;
  return (
    <HomeCard
      title={t("screen.home.uncovered")}
      value={roster ? share(missing ?? 0, roster.summary.required_minutes) : NONE}
      note={roster && `${roster.name} · ${t.of(`screen.version_state.${roster.status}`, roster.status)}`}
      status={roster ? (part > 0.05 ? "bad" : part > 0.01 ? "watch" : "good") : "unknown"}
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
