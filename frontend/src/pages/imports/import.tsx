import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { App, Button } from "antd";
import { client, unwrap } from "../../api/client";
import type { ImportIssue, ImportRun } from "../../api/models";
import { Problem } from "../../api/problem";
import { usePages } from "../../api/use-pages";
import { useClients } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { MoreButton } from "../../components/more-button";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded, problemText } from "../../components/states";
import { StateTag } from "../../components/status";
import { count } from "../../format/number";
import { useText } from "../../text/text";
import { DataTable } from "../../components/data-table";

/** One import: how its rows add up, and every row that was refused. */
export default function ImportPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const run = useQuery({
    queryKey: ["imports", "one", id],
    queryFn: () => unwrap(client.GET("/api/v1/imports/{id}", { params: { path: { id } } })),
  });
  return <Loaded query={run}>{(data) => <ImportView run={data} />}</Loaded>;
}

const PAGE = 200;

function ImportView({ run }: { run: ImportRun }) {
  const t = useText();
  const clients = useClients();
  const issues = usePages<ImportIssue>(["imports", "issues", run.id], async (after) => {
    const page = await unwrap(
      client.GET("/api/v1/imports/{id}/issues", {
        params: { path: { id: run.id }, query: { after: after ? Number(after) : undefined, limit: PAGE } },
      }),
    );
    const last = page.items?.at(-1);
    return { items: page.items, next_cursor: page.items?.length === PAGE ? String(last?.seq) : undefined };
  });
  return (
    <>
      <PageHeader
        title={run.file_name}
        facts={
          <>
            <StateTag kind="import_state" state={run.status} />
            <Fact name={t("screen.shell.client")}>{clients.name(run.client_id)}</Fact>
            <Fact name={t("screen.import.kind")}>{t.of(`screen.import.kind_${run.kind}`, run.kind)}</Fact>
            <Link to="/imports">{t("screen.import.all")}</Link>
          </>
        }
        actions={<RevertButton run={run} />}
      />
      <ImportSum
        counts={{
          read: run.rows_read,
          new: run.rows_new,
          changed: run.rows_changed,
          unchanged: run.rows_unchanged,
          ignored: run.rows_ignored,
          total: run.rows_total,
          refused: run.rows_refused,
        }}
      />
      <Loaded query={issues}>
        {(list) =>
          list.length === 0 ? (
            <EmptyView title={t("screen.import.no_issues")} />
          ) : (
            <IssueTable issues={list} />
          )
        }
      </Loaded>
      <MoreButton list={issues} />
    </>
  );
}

/** How the rows of a file add up. */
export interface RowCounts {
  read: number;
  new: number;
  changed: number;
  unchanged: number;
  ignored: number;
  total: number;
  refused: number;
}

/** Read = new + changed + unchanged + ignored + refused, so that nothing is lost unseen. */
export function ImportSum({ counts }: { counts: RowCounts }) {
  const t = useText();
  return (
    <Block>
      <p className="import-sum">
        {t("screen.import.sum", {
          read: count(counts.read),
          new: count(counts.new),
          changed: count(counts.changed),
          same: count(counts.unchanged),
          ignored: count(counts.ignored + counts.total),
          refused: count(counts.refused),
        })}
      </p>
    </Block>
  );
}

export function IssueTable({ issues }: { issues: ImportIssue[] }) {
  const t = useText();
  return (
    <Block flush title={t("screen.import.issues")}>
      <DataTable<ImportIssue>
        rowKey="seq"
        dataSource={issues}
        columns={[
          { title: t("screen.import.line"), align: "right", render: (_, i) => count(i.line) },
          { title: t("screen.import.column"), dataIndex: "column" },
          { title: t("screen.import.value"), render: (_, i) => <code>{i.value}</code> },
          { title: t("screen.import.reason"), render: (_, i) => i.sentence },
        ]}
      />
    </Block>
  );
}

function RevertButton({ run }: { run: ImportRun }) {
  const t = useText();
  const session = useSession();
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const revert = useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/v1/imports/{id}/revert", { params: { path: { id: run.id } } })),
    onSuccess: () => {
      void message.success(t("screen.import.reverted"));
      return queries.invalidateQueries({ queryKey: ["imports"] });
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  if (run.status !== "done" || !can(session, "imports", "run")) return null;
  return (
    <Button
      danger
      loading={revert.isPending}
      onClick={() =>
        modal.confirm({
          title: t("screen.import.revert"),
          content: t("screen.import.revert_consequence", { rows: count(run.rows_new + run.rows_changed) }),
          okText: t("screen.import.revert"),
          okButtonProps: { danger: true },
          onOk: () => revert.mutateAsync(),
        })
      }
    >
      {t("screen.import.revert")}
    </Button>
  );
}
