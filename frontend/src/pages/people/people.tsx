import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { useMemo, useState } from "react";
import type { Person } from "../../api/models";
import { peopleQuery, sitesQuery, skillsQuery, teamsQuery } from "../../api/queries";
import { useClients, useFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded } from "../../components/states";
import { ClientName } from "../../components/status";
import { count } from "../../format/number";
import { useText } from "../../text/text";
import { DataTable } from "../../components/data-table";
import { AddPerson } from "./add-person";
import "./people.css";

/** Names by id, of whatever has been loaded. */
function useNames(list: { id: string; name: string }[] | undefined): (id: string) => string {
  return useMemo(() => {
    const names = new Map(list?.map((entry) => [entry.id, entry.name]));
    return (id) => names.get(id) ?? "";
  }, [list]);
}

/** The agents: where they sit, whom they belong to, what they can do. */
export default function PeoplePage() {
  const t = useText();
  const { clientId } = useFrame();
  const clients = useClients();
  const { q = "" } = useSearch({ from: "__root__" });
  const navigate = useNavigate();
  const session = useSession();
  const [typed, setTyped] = useState(q);
  const [adding, setAdding] = useState(false);
  const people = useQuery(peopleQuery);
  const site = useNames(useQuery(sitesQuery).data);
  const team = useNames(useQuery(teamsQuery).data);
  const skill = useNames(useQuery(skillsQuery).data);
  const wanted = q.trim().toLowerCase();
  const shown = (list: Person[]) =>
    list.filter(
      (p) =>
        (!clientId || p.clients?.includes(clientId)) &&
        `${p.number} ${p.label} ${p.name}`.toLowerCase().includes(wanted),
    );
  return (
    <>
      <PageHeader
        title={t("screen.page.people")}
        facts={
          <Fact name={t("screen.people.count")}>{count(people.data ? shown(people.data).length : null)}</Fact>
        }
        actions={
          <>
            <Input.Search
              aria-label={t("screen.people.search")}
              placeholder={t("screen.people.search")}
              value={typed}
              allowClear
              style={{ width: 260 }}
              onChange={(event) => setTyped(event.target.value)}
              onSearch={(value) =>
                void navigate({ to: "/people", search: (old) => ({ ...old, q: value || undefined }) })
              }
            />
            {can(session, "imports", "run") && (
              <Link to="/imports/new">
                <Button>{t("screen.people.import")}</Button>
              </Link>
            )}
            {can(session, "people", "edit") && (
              <Button type="primary" onClick={() => setAdding(true)}>
                {t("screen.people.add")}
              </Button>
            )}
          </>
        }
      />
      {adding && <AddPerson onClose={() => setAdding(false)} />}
      <Loaded query={people}>
        {(list) =>
          shown(list).length === 0 ? (
            <EmptyView title={t("screen.people.none")} advice={t("screen.people.none_advice")} />
          ) : (
            <Block flush>
              <DataTable<Person>
                rowKey="id"
                pagination={{ pageSize: 50, showSizeChanger: false, hideOnSinglePage: true }}
                dataSource={shown(list)}
                columns={[
                  { title: t("screen.people.number"), render: (_, p) => <strong>{p.number}</strong> },
                  { title: t("screen.people.name"), render: (_, p) => p.name || p.label },
                  { title: t("screen.people.site"), render: (_, p) => site(p.site_id) },
                  { title: t("screen.people.team"), render: (_, p) => team(p.team_id) },
                  { title: t("screen.people.tier"), render: (_, p) => t.of(`screen.tier.${p.tier}`, p.tier) },
                  {
                    title: t("screen.people.skills"),
                    render: (_, p) => (p.skills ?? []).map(skill).join(", "),
                  },
                  {
                    title: t("screen.group.clients"),
                    render: (_, p) =>
                      (p.clients ?? []).map((id) => (
                        <span key={id} style={{ marginRight: 10 }}>
                          <ClientName name={clients.name(id)} color={clients.color(id)} />
                        </span>
                      )),
                  },
                ]}
              />
            </Block>
          )
        }
      </Loaded>
    </>
  );
}
