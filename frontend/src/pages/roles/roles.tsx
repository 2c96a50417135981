import { useQuery } from "@tanstack/react-query";
import type { Account, Permission, Role } from "../../api/models";
import { accountsQuery, rolesQuery } from "../../api/queries";
import { roleName } from "../../app/session";
import { useClients } from "../../app/frame";
import { Block, PageHeader } from "../../components/page-header";
import { Loaded, TableSkeleton } from "../../components/states";
import { StateTag } from "../../components/status";
import { count } from "../../format/number";
import { dateTime, deviceZone } from "../../format/time";
import { type Text, useText } from "../../text/text";
import "./roles.css";
import { DataTable } from "../../components/data-table";

/** Who may do what: the roles with their rights, and the accounts that hold them. */
export default function RolesPage() {
  const t = useText();
  const roles = useQuery(rolesQuery);
  const accounts = useQuery(accountsQuery);
  const clients = useClients();
  return (
    <>
      <PageHeader title={t("screen.page.roles")} />
      <Loaded query={roles} skeleton={<TableSkeleton rows={6} />}>
        {(list) => (
          <Block flush title={t("screen.roles.roles")}>
            <DataTable<Role>
              rowKey="key"
              dataSource={list}
              columns={[
                {
                  title: t("screen.roles.role"),
                  render: (_, r) => <strong>{t.of(`screen.role.${r.key}`, r.name)}</strong>,
                },
                {
                  title: t("screen.roles.members"),
                  align: "right",
                  render: (_, r) =>
                    count(accounts.data?.filter((a) => a.grants?.some((g) => g.role === r.key)).length),
                },
                {
                  title: t("screen.roles.rights"),
                  render: (_, r) => <Rights rights={r.permissions ?? []} />,
                },
              ]}
            />
          </Block>
        )}
      </Loaded>
      <Loaded query={accounts} skeleton={<TableSkeleton rows={6} />}>
        {(list) => (
          <Block flush title={t("screen.roles.accounts")}>
            <DataTable<Account>
              rowKey="id"
              pagination={list.length > 50 ? { pageSize: 50 } : false}
              dataSource={list}
              columns={[
                { title: t("screen.sign_in.login"), render: (_, a) => <strong>{a.login}</strong> },
                { title: t("screen.people.name"), dataIndex: "display" },
                {
                  title: t("screen.roles.role"),
                  render: (_, a) =>
                    (a.grants ?? [])
                      .map((g) => {
                        const client = g.domain.startsWith("client:") ? clients.name(g.domain.slice(7)) : "";
                        return roleName(t, g.role) + (client && ` (${client})`);
                      })
                      .join(", "),
                },
                {
                  title: t("screen.people.state"),
                  render: (_, a) => (
                    <StateTag kind="account_state" state={a.disabled_at ? "disabled" : "active"} />
                  ),
                },
                {
                  title: t("screen.roles.since"),
                  render: (_, a) => dateTime(a.created_at, deviceZone()),
                },
              ]}
            />
          </Block>
        )}
      </Loaded>
    </>
  );
}

const word = (t: Text, kind: string, key: string) =>
  key === "*" ? t("screen.roles.everything") : t.of(`screen.${kind}.${key}`, key);

/** Rights by object: "Forecast: see, publish". */
function Rights({ rights }: { rights: Permission[] }) {
  const t = useText();
  const byObject = new Map<string, Set<string>>();
  for (const right of rights) {
    const actions = byObject.get(right.object) ?? new Set();
    byObject.set(right.object, actions.add(right.action));
  }
  return (
    <ul className="rights">
      {[...byObject.entries()].map(([object, actions]) => (
        <li key={object}>
          {word(t, "object", object)}
          <span className="soft"> {[...actions].map((a) => word(t, "verb", a)).join(", ")}</span>
        </li>
      ))}
    </ul>
  );
}
