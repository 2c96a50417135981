import { useQuery } from "@tanstack/react-query";
import { client, unwrap } from "../../api/client";
import type { AuditEntry } from "../../api/models";
import { accountsQuery } from "../../api/queries";
import { usePages } from "../../api/use-pages";
import { useClients } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { MoreButton } from "../../components/more-button";
import { EmptyView, Loaded, TableSkeleton } from "../../components/states";
import { ClientName } from "../../components/status";
import { NONE } from "../../format/number";
import { dateTime, deviceZone } from "../../format/time";
import { useText } from "../../text/text";

/** Who changed what and when, newest first; with `limit` only the last few. */
export function AuditTable({ limit }: { limit?: number }) {
  const t = useText();
  const session = useSession();
  const clients = useClients();
  const zone = deviceZone();
  const list = usePages<AuditEntry>(["audit", limit], (cursor) =>
    unwrap(client.GET("/api/v1/audit", { params: { query: { cursor, limit: limit ?? 100 } } })),
  );
  const accounts = useQuery({ ...accountsQuery, enabled: can(session, "users", "view") });
  const actorName = (entry: AuditEntry) =>
    accounts.data?.find((account) => account.id === entry.actor_id)?.display ??
    t.of(`screen.actor.${entry.actor_kind}`, entry.actor_kind);
  return (
    <>
      <Loaded query={list} skeleton={<TableSkeleton rows={limit ?? 12} />}>
        {(entries) =>
          entries.length === 0 ? (
            <EmptyView title={t("screen.audit.none")} />
          ) : (
            <DataTable<AuditEntry>
              rowKey="id"
              dataSource={entries}
              columns={[
                { title: t("screen.audit.at"), render: (_, e) => dateTime(e.at, zone) },
                { title: t("screen.audit.actor"), render: (_, e) => actorName(e) },
                {
                  title: t("screen.audit.action"),
                  render: (_, e) => t.of(`screen.did.${e.action.replaceAll("-", "_")}`, e.action),
                },
                {
                  title: t("screen.audit.object"),
                  render: (_, e) => t.of(`screen.object.${e.object}`, e.object),
                },
                {
                  title: t("screen.shell.client"),
                  render: (_, e) => (
                    <ClientName name={clients.name(e.client_id) || NONE} color={clients.color(e.client_id)} />
                  ),
                },
                { title: t("screen.audit.id"), render: (_, e) => <code>{e.object_id}</code> },
                { title: t("screen.audit.detail"), render: (_, e) => <Detail value={e.detail} /> },
              ]}
            />
          )
        }
      </Loaded>
      {limit === undefined && <MoreButton list={list} />}
    </>
  );
}

/** The values of a change, as short as they are. */
function Detail({ value }: { value: unknown }) {
  if (typeof value !== "object" || value === null) return null;
  const entries = Object.entries(value);
  return (
    <>
      {entries.map(([name, part]) => (
        <span key={name} style={{ marginRight: 12 }}>
          <span className="soft">{name}</span> {typeof part === "string" ? part : JSON.stringify(part)}
        </span>
      ))}
    </>
  );
}
