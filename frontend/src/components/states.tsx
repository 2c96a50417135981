import { Button } from "antd";
import type { ReactNode } from "react";
import { Problem } from "../api/problem";
import { useText } from "../text/text";
import "./states.css";

/** A failure: what went wrong, what helps, and the id that finds it in the log. */
export function ProblemView({ problem: cause, retry }: { problem: unknown; retry?: () => void }) {
  const t = useText();
  const problem = Problem.of(cause);
  return (
    <div className="state state-problem" role="alert">
      <h2>{t.of(`screen.problem.status.${problem.status}`, t("screen.problem.title"))}</h2>
      <p>{problemText(t, problem)}</p>
      {problem.fields.length > 0 && (
        <ul>
          {problem.fields.map((field) => (
            <li key={field.location + field.message}>
              <code>{field.location}</code> {field.message}
            </li>
          ))}
        </ul>
      )}
      <p className="state-meta">
        <code>{problem.code}</code>
        {problem.requestId && (
          <>
            {" · "}
            {t("screen.problem.request_id")} <code>{problem.requestId}</code>
          </>
        )}
      </p>
      {retry && <Button onClick={retry}>{t("screen.action.retry")}</Button>}
    </div>
  );
}

/** The sentence for a problem: the server's own words, which are in the reader's language. */
export function problemText(t: ReturnType<typeof useText>, problem: Problem): string {
  return problem.detail || t.of(`screen.problem.code.${problem.code}`, t("screen.problem.unknown"));
}

/** Nothing there yet: why, and what to do first. */
export function EmptyView(props: { title: string; advice?: string; action?: ReactNode }) {
  return (
    <div className="state">
      <h2>{props.title}</h2>
      {props.advice && <p>{props.advice}</p>}
      {props.action}
    </div>
  );
}

/** A page in its final shape, before its data. */
export function PageSkeleton() {
  const t = useText();
  return (
    <div className="skeleton-page" role="status" aria-label={t("screen.loading")}>
      <div className="skeleton" style={{ width: 220, height: 22 }} />
      <div className="skeleton" style={{ height: 280 }} />
      <TableSkeleton rows={6} />
    </div>
  );
}

export function TableSkeleton({ rows }: { rows: number }) {
  return (
    <div aria-hidden>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="skeleton" style={{ height: 20, margin: "10px 0" }} />
      ))}
    </div>
  );
}

interface Loadable<T> {
  data: T | undefined;
  isPending: boolean;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

/** Shows a query in each of its states, so that no page forgets one. */
export function Loaded<T>(props: {
  query: Loadable<T>;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  const { query } = props;
  if (query.data !== undefined) return props.children(query.data);
  if (query.isError) return <ProblemView problem={query.error} retry={() => void query.refetch()} />;
  return props.skeleton ?? <PageSkeleton />;
}
