import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Drawer, Form, Input, Modal, Popconfirm, Select } from "antd";
import { useState } from "react";
import { client, items, unwrap } from "../../api/client";
import { Problem } from "../../api/problem";
import type { components } from "../../api/schema";
import { useClients, useFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { Block, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded, problemText } from "../../components/states";
import { ClientName, StateTag } from "../../components/status";
import { dateTime, deviceZone } from "../../format/time";
import { useText } from "../../text/text";
import { FeedsIn } from "./feeds";

type Endpoint = components["schemas"]["Endpoint"];
type Delivery = components["schemas"]["Delivery"];

const endpointsKey = ["webhooks"];
const isSet = (id: string) => !/^[0-]*$/.test(id);

/** Other systems that hear what happens here. */
export default function ConnectionsPage() {
  const t = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const clients = useClients();
  const session = useSession();
  const [adding, setAdding] = useState(false);
  const [shown, setShown] = useState<Endpoint>();
  const endpoints = useQuery({
    queryKey: endpointsKey,
    queryFn: async () => items(await unwrap(client.GET("/api/v1/webhooks"))),
  });
  const done = () => queries.invalidateQueries({ queryKey: endpointsKey });
  const failed = (cause: unknown) => void message.error(problemText(t, Problem.of(cause)));
  const toggle = useMutation({
    mutationFn: (e: Endpoint) =>
      unwrap(
        client.PATCH("/api/v1/webhooks/{id}", {
          params: { path: { id: e.id } },
          headers: { "If-Match": `"v${e.version}"` },
          body: { active: !e.active },
        }),
      ),
    onSuccess: done,
    onError: failed,
  });
  const remove = useMutation({
    mutationFn: (e: Endpoint) =>
      unwrap(client.DELETE("/api/v1/webhooks/{id}", { params: { path: { id: e.id } } })),
    onSuccess: done,
    onError: failed,
  });
  const add = (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t("screen.webhook.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("screen.page.connections")} actions={endpoints.data?.length ? add : undefined} />
      <Loaded query={endpoints}>
        {(list) =>
          list.length === 0 ? (
            <EmptyView
              title={t("screen.webhook.none")}
              advice={t("screen.webhook.none_advice")}
              action={add}
            />
          ) : (
            <Block flush>
              <DataTable<Endpoint>
                rowKey="id"
                pagination={false}
                dataSource={list}
                columns={[
                  { title: t("screen.webhook.url"), dataIndex: "url" },
                  {
                    title: t("screen.shell.client"),
                    render: (_, e) =>
                      isSet(e.client_id) ? (
                        <ClientName name={clients.name(e.client_id)} color={clients.color(e.client_id)} />
                      ) : (
                        t("screen.webhook.everyone")
                      ),
                  },
                  {
                    title: t("screen.webhook.types"),
                    render: (_, e) => e.types?.join(", ") || t("screen.webhook.every"),
                  },
                  {
                    title: t("screen.webhook.state"),
                    render: (_, e) => t(e.active ? "screen.webhook.active" : "screen.webhook.paused"),
                  },
                  {
                    align: "right",
                    render: (_, e) => (
                      <>
                        <Button type="link" size="small" onClick={() => setShown(e)}>
                          {t("screen.webhook.deliveries")}
                        </Button>
                        <Button type="link" size="small" onClick={() => toggle.mutate(e)}>
                          {t(e.active ? "screen.webhook.pause" : "screen.webhook.resume")}
                        </Button>
                        <Popconfirm
                          title={t("screen.webhook.remove_sure")}
                          okText={t("screen.webhook.remove")}
                          onConfirm={() => remove.mutate(e)}
                        >
                          <Button type="link" size="small" danger>
                            {t("screen.webhook.remove")}
                          </Button>
                        </Popconfirm>
                      </>
                    ),
                  },
                ]}
              />
            </Block>
          )
        }
      </Loaded>
      {can(session, "feeds", "view") && <FeedsIn />}
      {adding && <AddDialog onClose={() => setAdding(false)} onAdded={done} />}
      {shown && <Deliveries endpoint={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

function AddDialog({ onClose, onAdded }: { onClose: () => void; onAdded: () => Promise<void> }) {
  const t = useText();
  const { clients } = useFrame();
  const [form] = Form.useForm<{ url: string; client?: string; types?: string }>();
  const add = useMutation({
    mutationFn: (v: { url: string; client?: string; types?: string }) =>
      unwrap(
        client.POST("/api/v1/webhooks", {
          body: {
            url: v.url.trim(),
            client_id: v.client,
            types: (v.types ?? "")
              .split(",")
              .map((type) => type.trim())
              .filter(Boolean),
          },
        }),
      ),
    onSuccess: onAdded,
  });
  return (
    <Modal
      open
      title={t("screen.webhook.add")}
      okText={t("screen.webhook.add")}
      okButtonProps={{ loading: add.isPending, style: add.data && { display: "none" } }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {add.error && (
        <Alert type="error" showIcon role="alert" message={problemText(t, Problem.of(add.error))} />
      )}
      {add.data ? (
        <>
          <p>{t("screen.webhook.secret")}</p>
          <Input.TextArea readOnly autoSize value={add.data.secret} aria-label={t("screen.webhook.secret")} />
          <p className="soft">{t("screen.webhook.secret_help")}</p>
        </>
      ) : (
        <Form form={form} layout="vertical" onFinish={(v) => add.mutate(v)}>
          <Form.Item
            name="url"
            label={t("screen.webhook.url")}
            rules={[{ required: true, message: t("screen.contract.required") }]}
          >
            <Input placeholder="https://crm.example.com/muster" autoFocus />
          </Form.Item>
          <Form.Item name="client" label={t("screen.shell.client")}>
            <Select
              allowClear
              placeholder={t("screen.webhook.everyone")}
              options={clients.map((c) => ({ value: c.id, label: c.name }))}
            />
          </Form.Item>
          <Form.Item name="types" label={t("screen.webhook.types")} extra={t("screen.webhook.types_help")}>
            <Input placeholder="contact., invoice., roster.published" />
          </Form.Item>
        </Form>
      )}
    </Modal>
  );
}

function Deliveries({ endpoint, onClose }: { endpoint: Endpoint; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const key = [...endpointsKey, endpoint.id, "deliveries"];
  const deliveries = useQuery({
    queryKey: key,
    refetchInterval: 5000,
    queryFn: async () =>
      items(
        await unwrap(
          client.GET("/api/v1/webhooks/{id}/deliveries", { params: { path: { id: endpoint.id } } }),
        ),
      ),
  });
  const again = useMutation({
    mutationFn: (d: Delivery) =>
      unwrap(client.POST("/api/v1/webhook-deliveries/{id}/again", { params: { path: { id: d.id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
  return (
    <Drawer open title={`${t("screen.webhook.deliveries")}: ${endpoint.url}`} size={760} onClose={onClose}>
      <Loaded query={deliveries}>
        {(list) =>
          list.length === 0 ? (
            <p className="soft">{t("screen.webhook.no_deliveries")}</p>
          ) : (
            <DataTable<Delivery>
              rowKey="id"
              pagination={list.length > 50 ? { pageSize: 50 } : false}
              dataSource={list}
              columns={[
                { title: t("screen.webhook.when"), render: (_, d) => dateTime(d.created_at, deviceZone()) },
                { title: t("screen.webhook.event"), dataIndex: "type" },
                {
                  title: t("screen.webhook.state"),
                  render: (_, d) => <StateTag kind="webhook_state" state={d.status} />,
                },
                { title: t("screen.webhook.attempts"), dataIndex: "attempts", align: "right" },
                { title: t("screen.webhook.problem"), dataIndex: "problem" },
                {
                  render: (_, d) =>
                    d.status === "given_up" && (
                      <Button type="link" size="small" onClick={() => again.mutate(d)}>
                        {t("screen.webhook.again")}
                      </Button>
                    ),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Drawer>
  );
}
