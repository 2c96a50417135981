import { Input, Table } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Person } from "../../api/models";
import { usePages } from "../../api/use-pages";
import { useFrame } from "../../app/frame";
import { MoreButton } from "../../components/more-button";
import { Block, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded } from "../../components/states";
import { StateTag } from "../../components/status";
import { useText } from "../../text/text";

/** The agents: where they sit, whom they belong to, what they can do. */
export default function PeoplePage() {
  const t = useText();
  const { clientId } = useFrame();
  const { q = "" } = useSearch({ from: "__root__" });
  const navigate = useNavigate();
  const [typed, setTyped] = useState(q);
  const list = usePages<Person>(["people", clientId, q], (cursor) =>
    unwrap(
      client.GET("/api/v1/people", {
        params: {
          path: {} as Record<string, never>,
          query: { client: clientId, q: q || undefined, cursor, limit: 100 },
        },
      }),
    ),
  );
  return (
    <>
      <PageHeader
        title={t("screen.page.people")}
        actions={
          <Input.Search
            aria-label={t("screen.people.search")}
            placeholder={t("screen.people.search")}
            value={typed}
            allowClear
            style={{ width: 260 }}
            onChange={(event) => setTyped(event.target.value)}
            onSearch={(value) =>
              void navigate({
                to: "/people",
                search: (old) => ({ ...old, q: value || undefined }),
              })
            }
          />
        }
      />
      <Loaded query={list}>
        {(people) =>
          people.length === 0 ? (
            <EmptyView title={t("screen.people.none")} advice={t("screen.people.none_advice")} />
          ) : (
            <Block flush>
              <Table<Person>
                size="small"
                rowKey="id"
                pagination={false}
                dataSource={people}
                scroll={{ x: "max-content" }}
                columns={[
                  { title: t("screen.people.label"), render: (_, p) => <strong>{p.label}</strong> },
                  { title: t("screen.people.name"), dataIndex: "name" },
                  { title: t("screen.people.site"), dataIndex: "site" },
                  { title: t("screen.people.team"), dataIndex: "team" },
                  {
                    title: t("screen.people.tier"),
                    render: (_, p) => p.tier && t.of(`screen.tier.${p.tier}`, p.tier),
                  },
                  { title: t("screen.people.skills"), render: (_, p) => p.skills.join(", ") },
                  {
                    title: t("screen.people.state"),
                    render: (_, p) => <StateTag kind="person_state" state={p.state} />,
                  },
                ]}
              />
            </Block>
          )
        }
      </Loaded>
      <MoreButton list={list} />
    </>
  );
}
