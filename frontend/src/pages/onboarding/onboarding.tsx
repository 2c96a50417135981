import { Link } from "@tanstack/react-router";
import { useFrame } from "../../app/frame";
import { PageHeader } from "../../components/page-header";
import { TableSkeleton } from "../../components/states";
import { count } from "../../format/number";
import { useText } from "../../text/text";
import { type Step, useOnboarding } from "./steps";
import "./onboarding.css";

/** Where a step is done: a client's document holds all that is agreed with it. */
const places: Record<Step["key"], (clientId: string) => string> = {
  client: () => "/contracts/new",
  queues: (id) => `/contracts/${id}`,
  calendar: (id) => `/contracts/${id}`,
  sla: (id) => `/contracts/${id}`,
  rate_card: (id) => `/contracts/${id}`,
  people: () => "/people",
  import: () => "/imports/new",
};

/** From an empty directory to the first figures, step by step. */
export default function OnboardingPage() {
  const t = useText();
  const steps = useOnboarding();
  return (
    <>
      <PageHeader title={t("screen.page.onboarding")} />
      {steps ? <Steps steps={steps} /> : <TableSkeleton rows={7} />}
    </>
  );
}

function Steps({ steps }: { steps: Step[] }) {
  const t = useText();
  const next = steps.findIndex((step) => !step.done);
  const first = useFrame().clients[0]?.id ?? "new";
  return (
    <>
      <p className="onboarding-sum">
        {t("screen.onboarding.progress", {
          done: steps.filter((step) => step.done).length,
          all: steps.length,
        })}
      </p>
      <ol className="onboarding">
        {steps.map((step, i) => (
          <li key={step.key} data-state={step.done ? "done" : i === next ? "next" : "later"}>
            <span className="onboarding-mark" aria-hidden>
              {step.done ? "✓" : i + 1}
            </span>
            <div>
              <h2>
                {t(`screen.onboarding.${step.key}`)}
                <span className="visually-hidden">
                  {" "}
                  {t(step.done ? "screen.onboarding.done" : "screen.onboarding.open")}
                </span>
              </h2>
              <p className="soft">{t(`screen.onboarding.${step.key}.help`)}</p>
            </div>
            <span className="onboarding-count">
              {step.count > 0 && t("screen.onboarding.count", { count: count(step.count) })}
              <Link to={places[step.key](first)}>{t("screen.onboarding.go")}</Link>
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
