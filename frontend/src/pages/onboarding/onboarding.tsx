import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { onboardingQuery } from "../../api/queries";
import { PageHeader } from "../../components/page-header";
import { Loaded, TableSkeleton } from "../../components/states";
import { count } from "../../format/number";
import { useText } from "../../text/text";
import "./onboarding.css";

/** Where a step is done, for those that have a page of their own. */
const places: Record<string, string> = {
  people: "/people",
  skills: "/people",
  import: "/imports/new",
  first_import: "/imports/new",
  imports: "/imports/new",
};

/** From an empty directory to the first figures, step by step. */
export default function OnboardingPage() {
  const t = useText();
  const steps = useQuery(onboardingQuery);
  return (
    <>
      <PageHeader title={t("screen.page.onboarding")} />
      <Loaded query={steps} skeleton={<TableSkeleton rows={6} />}>
        {(data) => {
          const next = data.steps.findIndex((step) => !step.done);
          return (
            <>
              <p className="onboarding-sum">
                {t("screen.onboarding.progress", {
                  done: data.steps.filter((step) => step.done).length,
                  all: data.steps.length,
                })}
              </p>
              <ol className="onboarding">
                {data.steps.map((step, i) => (
                  <li key={step.key} data-state={step.done ? "done" : i === next ? "next" : "later"}>
                    <span className="onboarding-mark" aria-hidden>
                      {step.done ? "✓" : i + 1}
                    </span>
                    <div>
                      <h2>
                        {t.of(`screen.onboarding.${step.key}`, step.key)}
                        <span className="visually-hidden">
                          {" "}
                          {t(step.done ? "screen.onboarding.done" : "screen.onboarding.open")}
                        </span>
                      </h2>
                      <p className="soft">{t.of(`screen.onboarding.${step.key}.help`, "")}</p>
                    </div>
                    <span className="onboarding-count">
                      {step.count > 0 && t("screen.onboarding.count", { count: count(step.count) })}
                      {places[step.key] && <Link to={places[step.key]}>{t("screen.onboarding.go")}</Link>}
                    </span>
                  </li>
                ))}
              </ol>
            </>
          );
        }}
      </Loaded>
    </>
  );
}
