import { Link } from "@tanstack/react-router";
import { Problem } from "../api/problem";
import { EmptyView, PageSkeleton, ProblemView } from "../components/states";
import { useText } from "../text/text";

export function RoutePending() {
  return <PageSkeleton />;
}

/** A page that failed to load or to draw. */
export function RouteFailure({ error, reset }: { error: unknown; reset: () => void }) {
  return <ProblemView problem={Problem.of(error)} retry={reset} />;
}

export function NotFound() {
  const t = useText();
  return (
    <EmptyView
      title={t("screen.not_found.title")}
      advice={t("screen.not_found.advice")}
      action={<Link to="/">{t("screen.page.home")}</Link>}
    />
  );
}
