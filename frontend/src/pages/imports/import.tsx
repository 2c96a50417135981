import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { App, Button, Table } from "antd";
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

/** One import: how its rows add up, and every row that was refused. */
export default function ImportPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const run = useQuery({
    queryKey: ["imports", "one", id],
    queryFn: () => unwrap(client.GET("/api/v1/imports/{id}", { params: { path: { id } } })),
  });
  return <Loaded query={run}>{(data) => <ImportView run={data} />}</Loaded>;
}

function ImportView({ run }: { run: ImportRun }) {
  const t = useText();
  const clients = useClients();
  const issues = usePages<ImportIssue>(["imports", "issues", run.id], (cursor) =>
    unwrap(
      client.GET("/api/v1/imports/{id}/issues", {
        params: { path: { id: run.id }, query: { cursor, limit: 200 } },
      }),
    ),
  );
  return (
    <>
      <PageHeader
        title={run.file_name}
        facts={
          <>
            <StateTag kind="import_state" state={run.dry_run ? "dry_run" : run.state} />
            <Fact name={t("screen.shell.client")}>{clients.name(run.client_id)}</Fact>
            <Fact name={t("screen.import.kind")}>{t.of(`screen.import.kind_${run.kind}`, run.kind)}</Fact>
            <Link to="/imports">{t("screen.import.all")}</Link>
          </>
        }
        actions={<RevertButton run={run} />}
      />
      <ImportSum run={run} />
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

/** Read = new + changed + same + ignored + refused, so that nothing is lost unseen. */
export function ImportSum({ run }: { run: ImportRun }) {
  const t = useText();
  return (
    <Block>
      <p className="import-sum">
        {t("screen.import.sum", {
          read: count(run.rows_read),
          new: count(run.rows_new),
          changed: count(run.rows_changed),
          same: count(run.rows_same),
          ignored: count(run.rows_ignored),
          refused: count(run.rows_refused),
        })}
      </p>
    </Block>
  );
}

export function IssueTable({ issues }: { issues: ImportIssue[] }) {
  const t = useText();
  return (
    <Block flush title={t("screen.import.issues")}>
      <Table<ImportIssue>
        size="small"
        rowKey={(i) => `${i.line}|${i.column}|${i.code}`}
        pagination={false}
        dataSource={issues}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("screen.import.line"), align: "right", render: (_, i) => count(i.line) },
          { title: t("screen.import.column"), dataIndex: "column" },
          { title: t("screen.import.value"), render: (_, i) => <code>{i.value}</code> },
          { title: t("screen.import.reason"), render: (_, i) => t.of(`error.${i.code}`, i.reason) },
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
  if (run.dry_run || run.state === "reverted" || !can(session, "imports", "run")) return null;
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
