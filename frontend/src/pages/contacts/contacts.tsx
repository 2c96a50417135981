import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { App, Button, Input, Popconfirm } from "antd";
import { useState } from "react";
import { client, items, unwrap } from "../../api/client";
import { Problem } from "../../api/problem";
import type { components } from "../../api/schema";
import { useClients } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { Block, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded, problemText } from "../../components/states";
import { ClientName, StateTag } from "../../components/status";
import { dateLabel, dateTime, deviceZone, duration } from "../../format/time";
import { useText } from "../../text/text";
import { Segments } from "./segments";

type Customer = components["schemas"]["Customer"];
type Link = components["schemas"]["Link"];
type PastContact = components["schemas"]["PastContact"];

/** Whose contacts: one customer across channels, the history, and why each agent. */
export default function ContactsPage() {
  const t = useText();
  const { q = "" } = useSearch({ from: "__root__" });
  const navigate = useNavigate();
  const [typed, setTyped] = useState(q);
  const found = useQuery({
    queryKey: ["customers", "search", q],
    enabled: q !== "",
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/customers", { params: { query: { identity: q } } }))),
  });
  return (
    <>
      <PageHeader
        title={t("screen.page.contacts")}
        actions={
          <Input.Search
            aria-label={t("screen.contact.search")}
            placeholder={t("screen.contact.search")}
            value={typed}
            allowClear
            autoFocus
            style={{ width: 300 }}
            onChange={(event) => setTyped(event.target.value)}
            onSearch={(value) =>
              void navigate({
                to: "/contacts",
                search: (old) => ({ ...old, q: value.trim() || undefined }),
              })
            }
          />
        }
      />
      <Proposals />
      {q === "" ? (
        <EmptyView title={t("screen.contact.prompt")} advice={t("screen.contact.prompt_advice")} />
      ) : (
        <Loaded query={found}>
          {(list) =>
            list.length === 0 ? (
              <EmptyView title={t("screen.contact.none")} advice={t("screen.contact.none_advice")} />
            ) : (
              list.map((c) => <CustomerBlock key={c.id} customer={c} />)
            )
          }
        </Loaded>
      )}
    </>
  );
}

/** Decides links; whatever shows customers is read again. */
function useDecide() {
  const t = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (v: { link: Link; status: "linked" | "dismissed" | "undone" }) =>
      unwrap(
        client.POST("/api/v1/customer-links/{id}", {
          params: { path: { id: v.link.id } },
          body: { status: v.status },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["customers"] }),
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
}

/** Customers that a contact named together, for somebody to decide. */
function Proposals() {
  const t = useText();
  const session = useSession();
  const decide = useDecide();
  const mayDecide = can(session, "contacts", "edit");
  const open = useQuery({
    queryKey: ["customers", "links", "proposed"],
    enabled: mayDecide,
    queryFn: async () => {
      const links = items(await unwrap(client.GET("/api/v1/customer-links")));
      const both = async (id: string) =>
        unwrap(client.GET("/api/v1/customers/{id}", { params: { path: { id } } }));
      return Promise.all(
        links
          .slice(0, 20)
          .map(async (link) => ({ link, kept: await both(link.kept_id), gone: await both(link.gone_id) })),
      );
    },
  });
  if (!open.data?.length) return null;
  return (
    <Block title={t("screen.contact.proposed")}>
      <p className="soft">{t("screen.contact.proposed_help")}</p>
      <ul className="contact-proposals">
        {open.data.map(({ link, kept, gone }) => (
          <li key={link.id}>
            {named(kept)} · {named(gone)}{" "}
            <Button size="small" onClick={() => decide.mutate({ link, status: "linked" })}>
              {t("screen.contact.link")}
            </Button>{" "}
            <Button size="small" onClick={() => decide.mutate({ link, status: "dismissed" })}>
              {t("screen.contact.dismiss")}
            </Button>
          </li>
        ))}
      </ul>
    </Block>
  );
}

/** What a customer is known by, or the id for readers who may not see that. */
const named = (c: Customer) => (c.identities ?? []).map((i) => i.value).join(", ") || c.id;

function CustomerBlock({ customer }: { customer: Customer }) {
  const t = useText();
  const session = useSession();
  const clients = useClients();
  const queries = useQueryClient();
  const decide = useDecide();
  const history = useQuery({
    queryKey: ["customers", customer.id, "contacts"],
    queryFn: async () =>
      items(
        await unwrap(
          client.GET("/api/v1/customers/{id}/contacts", { params: { path: { id: customer.id } } }),
        ),
      ),
  });
  const erase = useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/v1/customers/{id}/erase", { params: { path: { id: customer.id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["customers"] }),
  });
  const links = (customer.links ?? []).filter((l) => l.status === "linked");
  const zone = deviceZone();
  return (
    <Block
      title={named(customer)}
      extra={
        can(session, "contacts", "edit") && (
          <>
            {links.map((link) => (
              <Button key={link.id} size="small" onClick={() => decide.mutate({ link, status: "undone" })}>
                {t("screen.contact.undo_link")}
              </Button>
            ))}
            <Popconfirm
              title={t("screen.contact.erase_sure")}
              okText={t("screen.contact.erase")}
              onConfirm={() => erase.mutate()}
            >
              <Button size="small" danger type="text">
                {t("screen.contact.erase")}
              </Button>
            </Popconfirm>
          </>
        )
      }
    >
      <p className="soft">
        <ClientName name={clients.name(customer.client_id)} color={clients.color(customer.client_id)} />{" "}
        {t("screen.contact.since", { day: dateLabel(customer.created_at, zone) })}
        {links.length > 0 && ` · ${t("screen.contact.linked")}`}
        {customer.erased_at && ` · ${t("screen.contact.erased")}`}
      </p>
      <Loaded query={history}>
        {(list) =>
          list.length === 0 ? (
            <p className="soft">{t("screen.contact.no_history")}</p>
          ) : (
            <DataTable<PastContact>
              rowKey="id"
              pagination={list.length > 25 ? { pageSize: 25 } : false}
              dataSource={list}
              expandable={{ expandedRowRender: (c) => <Segments contact={c.id} /> }}
              columns={[
                { title: t("screen.contact.arrived"), render: (_, c) => dateTime(c.arrived_at, zone) },
                {
                  title: t("screen.contact.channel"),
                  render: (_, c) => t.of(`screen.channel.${c.channel}`, c.channel),
                },
                {
                  title: t("screen.contact.outcome"),
                  render: (_, c) => <StateTag kind="contact_outcome" state={c.outcome} />,
                },
                {
                  title: t("screen.contact.wait"),
                  align: "right",
                  render: (_, c) => duration(c.wait_ms / 1000),
                },
                {
                  title: t("screen.contact.handle"),
                  align: "right",
                  render: (_, c) => duration(c.handle_ms / 1000),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Block>
  );
}
