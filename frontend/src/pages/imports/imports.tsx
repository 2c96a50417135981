import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import type { ImportRun } from "../../api/models";
import { importsQuery } from "../../api/queries";
import { useClients, useFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded } from "../../components/states";
import { ClientName, StateTag } from "../../components/status";
import { count } from "../../format/number";
import { dateTime, deviceZone } from "../../format/time";
import { useText } from "../../text/text";
import { DataTable } from "../../components/data-table";

/** What came in, from whom, and how much of it was taken. */
export default function ImportsPage() {
  const t = useText();
  const session = useSession();
  const { clientId } = useFrame();
  const clients = useClients();
  const imports = useQuery(importsQuery(clientId));
  const start = can(session, "imports", "run") && (
    <Link to="/imports/new">
      <Button type="primary" tabIndex={-1}>
        {t("screen.import.start")}
      </Button>
    </Link>
  );
  const right = { align: "right" as const };
  return (
    <>
      <PageHeader title={t("screen.page.imports")} actions={start} />
      <Loaded query={imports}>
        {(list) =>
          list.length === 0 ? (
            <EmptyView
              title={t("screen.import.none")}
              advice={t("screen.import.none_advice")}
              action={start}
            />
          ) : (
            <Block flush>
              <DataTable<ImportRun>
                rowKey="id"
                pagination={list.length > 50 ? { pageSize: 50 } : false}
                dataSource={list}
                columns={[
                  {
                    title: t("screen.import.file"),
                    render: (_, i) => (
                      <Link to="/imports/$id" params={{ id: i.id }}>
                        {i.file_name}
                      </Link>
                    ),
                  },
                  {
                    title: t("screen.import.kind"),
                    render: (_, i) => t.of(`screen.import.kind_${i.kind}`, i.kind),
                  },
                  {
                    title: t("screen.shell.client"),
                    render: (_, i) => (
                      <ClientName name={clients.name(i.client_id)} color={clients.color(i.client_id)} />
                    ),
                  },
                  {
                    title: t("screen.import.state"),
                    render: (_, i) => <StateTag kind="import_state" state={i.status} />,
                  },
                  { title: t("screen.import.read"), ...right, render: (_, i) => count(i.rows_read) },
                  { title: t("screen.import.new"), ...right, render: (_, i) => count(i.rows_new) },
                  { title: t("screen.import.changed"), ...right, render: (_, i) => count(i.rows_changed) },
                  { title: t("screen.import.same"), ...right, render: (_, i) => count(i.rows_unchanged) },
                  {
                    title: t("screen.import.ignored"),
                    ...right,
                    render: (_, i) => count(i.rows_ignored + i.rows_total),
                  },
                  {
                    title: t("screen.import.refused"),
                    ...right,
                    render: (_, i) => (i.rows_refused > 0 ? <strong>{count(i.rows_refused)}</strong> : 0),
                  },
                  { title: t("screen.import.at"), render: (_, i) => dateTime(i.started_at, deviceZone()) },
                ]}
              />
            </Block>
          )
        }
      </Loaded>
    </>
  );
}
