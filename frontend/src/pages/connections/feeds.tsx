import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Drawer, Form, Input, Modal, Popconfirm, Select } from "antd";
import { useState } from "react";
import { client, items, unwrap } from "../../api/client";
import { Problem } from "../../api/problem";
import { peopleQuery, queuesQuery } from "../../api/queries";
import type { components } from "../../api/schema";
import { useClients, useFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { Block } from "../../components/page-header";
import { EmptyView, Loaded, problemText } from "../../components/states";
import { ClientName } from "../../components/status";
import { dateTime, deviceZone, duration } from "../../format/time";
import { useText } from "../../text/text";

type Feed = components["schemas"]["Health"];
type MadeFeed = components["schemas"]["MadeFeed"];
type FeedName = components["schemas"]["NameView"];
type Meaning = components["schemas"]["Meaning"];
type Refusal = components["schemas"]["Refusal"];

const feedsKey = ["feeds"];
const kinds = ["json", "csv", "queue_log"] as const;
const activities = ["work", "break", "meal", "training", "meeting", "office", "absent", "off"];

/** What other exchanges tell: live events that become contacts and states here. */
export function FeedsIn() {
  const t = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const clients = useClients();
  const edit = can(useSession(), "feeds", "edit");
  const [adding, setAdding] = useState(false);
  const [shown, setShown] = useState<string>();
  const [made, setMade] = useState<MadeFeed>();
  const feeds = useQuery({
    queryKey: feedsKey,
    refetchInterval: 10_000,
    queryFn: async () => items(await unwrap(client.GET("/api/v1/feeds"))),
  });
  const done = () => queries.invalidateQueries({ queryKey: feedsKey });
  const failed = (cause: unknown) => void message.error(problemText(t, Problem.of(cause)));
  const toggle = useMutation({
    mutationFn: (f: Feed) =>
      unwrap(
        client.PATCH("/api/v1/feeds/{id}", {
          params: { path: { id: f.id } },
          headers: { "If-Match": `"v${f.version}"` },
          body: { active: !f.active },
        }),
      ),
    onSuccess: done,
    onError: failed,
  });
  const remove = useMutation({
    mutationFn: (f: Feed) => unwrap(client.DELETE("/api/v1/feeds/{id}", { params: { path: { id: f.id } } })),
    onSuccess: done,
    onError: failed,
  });
  const renew = useMutation({
    mutationFn: (f: Feed) =>
      unwrap(client.POST("/api/v1/feeds/{id}/token", { params: { path: { id: f.id } } })),
    onSuccess: (f) => {
      setMade(f);
      return done();
    },
    onError: failed,
  });
  const add = edit && <Button onClick={() => setAdding(true)}>{t("screen.feed.add")}</Button>;
  const open = feeds.data?.find((f) => f.id === shown);
  return (
    <Block title={t("screen.feed.title")} extra={feeds.data?.length ? add : undefined} flush>
      <Loaded query={feeds}>
        {(list) =>
          list.length === 0 ? (
            <EmptyView title={t("screen.feed.none")} advice={t("screen.feed.none_advice")} action={add} />
          ) : (
            <DataTable<Feed>
              rowKey="id"
              pagination={false}
              dataSource={list}
              columns={[
                {
                  title: t("screen.feed.name"),
                  render: (_, f) => (
                    <>
                      {f.name} <span className="soft">{f.source}</span>
                    </>
                  ),
                },
                {
                  title: t("screen.feed.kind"),
                  render: (_, f) => t.of(`screen.feed.kind_${f.kind}`, f.kind),
                },
                {
                  title: t("screen.shell.client"),
                  render: (_, f) =>
                    f.client_id ? (
                      <ClientName name={clients.name(f.client_id)} color={clients.color(f.client_id)} />
                    ) : (
                      t("screen.webhook.everyone")
                    ),
                },
                { title: t("screen.feed.state"), render: (_, f) => <FeedState feed={f} /> },
                {
                  title: t("screen.feed.last"),
                  render: (_, f) => (f.last_event_at ? dateTime(f.last_event_at, deviceZone()) : "–"),
                },
                {
                  title: t("screen.feed.lag"),
                  align: "right",
                  render: (_, f) => (f.last_event_at ? lag(f.lag_ms) : "–"),
                },
                { title: t("screen.feed.accepted"), dataIndex: "accepted", align: "right" },
                { title: t("screen.feed.refused"), dataIndex: "refused", align: "right" },
                {
                  align: "right",
                  render: (_, f) => (
                    <>
                      <Button type="link" size="small" onClick={() => setShown(f.id)}>
                        {t("screen.feed.names")}
                      </Button>
                      {edit && (
                        <>
                          <Button type="link" size="small" onClick={() => toggle.mutate(f)}>
                            {t(f.active ? "screen.webhook.pause" : "screen.webhook.resume")}
                          </Button>
                          <Popconfirm
                            title={t("screen.feed.renew_sure")}
                            okText={t("screen.feed.renew")}
                            onConfirm={() => renew.mutate(f)}
                          >
                            <Button type="link" size="small">
                              {t("screen.feed.renew")}
                            </Button>
                          </Popconfirm>
                          <Popconfirm
                            title={t("screen.feed.remove_sure")}
                            okText={t("screen.webhook.remove")}
                            onConfirm={() => remove.mutate(f)}
                          >
                            <Button type="link" size="small" danger>
                              {t("screen.webhook.remove")}
                            </Button>
                          </Popconfirm>
                        </>
                      )}
                    </>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      {adding && (
        <AddFeed
          onClose={() => setAdding(false)}
          onMade={(f) => {
            setAdding(false);
            setMade(f);
            void done();
          }}
        />
      )}
      {made && <Secret feed={made} onClose={() => setMade(undefined)} />}
      {open && <FeedDrawer feed={open} edit={edit} onClose={() => setShown(undefined)} />}
    </Block>
  );
}

/** A lag in words; a negative one means that the source's clock is ahead. */
function lag(ms: number): string {
  return `${ms < 0 ? "−" : ""}${duration(Math.abs(ms) / 1000)}`;
}

function FeedState({ feed }: { feed: Feed }) {
  const t = useText();
  return (
    <>
      {!feed.active ? (
        <span className="state-tag">{t("screen.webhook.paused")}</span>
      ) : feed.last_received_at && feed.stale ? (
        <span className="status status-bad">{t("screen.feed.stale")}</span>
      ) : feed.last_received_at ? (
        <span className="status status-good">{t("screen.feed.live")}</span>
      ) : (
        <span className="state-tag">{t("screen.feed.never")}</span>
      )}
      {feed.to_map > 0 && (
        <>
          {" "}
          <span className="status status-watch">{t("screen.feed.to_map", { count: feed.to_map })}</span>
        </>
      )}
    </>
  );
}

/** What a source needs to send: the token, once, and how to use it. */
function Secret({ feed, onClose }: { feed: MadeFeed; onClose: () => void }) {
  const t = useText();
  const address = `${window.location.origin}/api/v1/feeds/${feed.id}/events`;
  const example =
    feed.kind === "queue_log"
      ? `MUSTER_FEED_TOKEN=${feed.token} muster feed tail queue_log --file /var/log/asterisk/queue_log --to ${address}`
      : feed.kind === "csv"
        ? `curl ${address} -H 'Authorization: Bearer ${feed.token}' -H 'Content-Type: text/csv' --data-binary @events.csv`
        : `curl ${address} -H 'Authorization: Bearer ${feed.token}' -H 'Content-Type: application/json' -d '[{"id":"1","at":"${new Date().toISOString()}","type":"agent.ready","agent":"1001"}]'`;
  return (
    <Modal
      open
      title={feed.name}
      width={760}
      onCancel={onClose}
      onOk={onClose}
      cancelButtonProps={{ style: { display: "none" } }}
    >
      <p>{t("screen.feed.token")}</p>
      <Input.TextArea readOnly autoSize value={feed.token} aria-label={t("screen.feed.token")} />
      <p>{t("screen.feed.example")}</p>
      <Input.TextArea readOnly autoSize value={example} aria-label={t("screen.feed.example")} />
      <p className="soft">{t("screen.feed.example_help")}</p>
    </Modal>
  );
}

type NewFeed = { name: string; source?: string; kind: Feed["kind"]; client?: string };

function AddFeed({ onClose, onMade }: { onClose: () => void; onMade: (f: MadeFeed) => void }) {
  const t = useText();
  const { clients } = useFrame();
  const [form] = Form.useForm<NewFeed>();
  const add = useMutation({
    mutationFn: (v: NewFeed) =>
      unwrap(
        client.POST("/api/v1/feeds", {
          body: {
            name: v.name.trim(),
            source: v.source?.trim() || undefined,
            kind: v.kind,
            client_id: v.client,
          },
        }),
      ),
    onSuccess: onMade,
  });
  return (
    <Modal
      open
      title={t("screen.feed.add")}
      okText={t("screen.feed.add")}
      okButtonProps={{ loading: add.isPending }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {add.error && (
        <Alert type="error" showIcon role="alert" message={problemText(t, Problem.of(add.error))} />
      )}
      <Form form={form} layout="vertical" initialValues={{ kind: "json" }} onFinish={(v) => add.mutate(v)}>
        <Form.Item
          name="name"
          label={t("screen.feed.name")}
          rules={[{ required: true, message: t("screen.contract.required") }]}
        >
          <Input autoFocus />
        </Form.Item>
        <Form.Item name="kind" label={t("screen.feed.kind")}>
          <Select options={kinds.map((kind) => ({ value: kind, label: t(`screen.feed.kind_${kind}`) }))} />
        </Form.Item>
        <Form.Item name="client" label={t("screen.shell.client")} extra={t("screen.feed.client_help")}>
          <Select
            allowClear
            placeholder={t("screen.webhook.everyone")}
            options={clients.map((c) => ({ value: c.id, label: c.name }))}
          />
        </Form.Item>
        <Form.Item name="source" label={t("screen.feed.source")} extra={t("screen.feed.source_help")}>
          <Input placeholder="asterisk-1" />
        </Form.Item>
      </Form>
    </Modal>
  );
}

/** What the feed's names mean, and what was refused. */
function FeedDrawer({ feed, edit, onClose }: { feed: Feed; edit: boolean; onClose: () => void }) {
  const t = useText();
  const names = useQuery({
    queryKey: [...feedsKey, feed.id, "names"],
    refetchInterval: 10_000,
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/feeds/{id}/names", { params: { path: { id: feed.id } } }))),
  });
  const refusals = useQuery({
    queryKey: [...feedsKey, feed.id, "refusals"],
    refetchInterval: 10_000,
    queryFn: async () =>
      items(await unwrap(client.GET("/api/v1/feeds/{id}/refusals", { params: { path: { id: feed.id } } }))),
  });
  return (
    <Drawer open title={`${t("screen.feed.names")}: ${feed.name}`} size={860} onClose={onClose}>
      <Loaded query={names}>
        {(list) =>
          list.length === 0 ? (
            <p className="soft">{t("screen.feed.no_names")}</p>
          ) : (
            <DataTable<FeedName>
              rowKey="id"
              pagination={list.length > 50 ? { pageSize: 50 } : false}
              dataSource={list}
              columns={[
                { title: t("screen.feed.what"), render: (_, n) => t.of(`screen.feed.of_${n.kind}`, n.kind) },
                { title: t("screen.feed.there"), dataIndex: "name" },
                {
                  title: t("screen.feed.here"),
                  width: 320,
                  render: (_, n) => <MeaningSelect feed={feed} name={n} disabled={!edit || !!n.valid_to} />,
                },
                {
                  title: t("screen.feed.waiting"),
                  align: "right",
                  render: (_, n) => (n.status === "open" ? n.waiting : ""),
                },
              ]}
            />
          )
        }
      </Loaded>
      <h3 style={{ marginTop: 20 }}>{t("screen.feed.refusals")}</h3>
      <Loaded query={refusals}>
        {(list) =>
          list.length === 0 ? (
            <p className="soft">{t("screen.feed.no_refusals")}</p>
          ) : (
            <DataTable<Refusal>
              rowKey="id"
              pagination={list.length > 20 ? { pageSize: 20 } : false}
              dataSource={list}
              columns={[
                { title: t("screen.webhook.when"), render: (_, r) => dateTime(r.at, deviceZone()) },
                {
                  title: t("screen.webhook.problem"),
                  render: (_, r) => <span style={{ whiteSpace: "normal" }}>{r.detail}</span>,
                },
                {
                  title: t("screen.webhook.event"),
                  render: (_, r) => (
                    <code style={{ whiteSpace: "normal", wordBreak: "break-all" }}>{r.event}</code>
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

/** Chooses what a name means here. */
function MeaningSelect({ feed, name, disabled }: { feed: Feed; name: FeedName; disabled: boolean }) {
  const t = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const { clients } = useFrame();
  const people = useQuery({ ...peopleQuery, enabled: name.kind === "agent" }).data ?? [];
  const of = feed.client_id ? clients.filter((c) => c.id === feed.client_id) : clients;
  const queues = useQueries({
    queries: of.map((c) => ({ ...queuesQuery(c.id), enabled: name.kind === "queue" })),
    combine: (all) => all.flatMap((one) => one.data ?? []),
  });
  const save = useMutation({
    mutationFn: (m: Meaning) =>
      unwrap(client.PUT("/api/v1/feeds/{id}/names", { params: { path: { id: feed.id } }, body: m })),
    onSuccess: () => queries.invalidateQueries({ queryKey: feedsKey }),
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  const named = (activity: string) =>
    t.of(`screen.activity.${activity}`, t.of(`screen.agent_state.${activity}`, activity));
  const options =
    name.kind === "code"
      ? activities.map((activity) => ({ value: activity, label: named(activity) }))
      : [
          ...(name.kind === "agent"
            ? people.map((p) => ({
                value: p.id,
                label: [p.number, p.name].filter(Boolean).join(" "),
              }))
            : queues.map((q) => ({ value: q.id, label: q.name }))),
          { value: "ignore", label: t("screen.feed.ignore") },
        ];
  const value =
    name.status === "open"
      ? undefined
      : name.status === "ignored"
        ? "ignore"
        : name.kind === "code"
          ? name.activity
          : name.target_id;
  const choose = (v: string) => {
    const m: Meaning = { kind: name.kind, name: name.name };
    if (v === "ignore") m.ignore = true;
    else if (name.kind === "code") {
      m.activity = v;
      m.paid = !["meal", "absent", "off"].includes(v);
      m.billable = v === "work";
    } else m.target_id = v;
    save.mutate(m);
  };
  return (
    <Select
      showSearch={{ optionFilterProp: "label" }}
      style={{ width: "100%" }}
      aria-label={name.name}
      disabled={disabled}
      status={name.status === "open" ? "warning" : undefined}
      placeholder={t("screen.feed.open")}
      loading={save.isPending}
      value={value}
      options={options}
      onChange={choose}
    />
  );
}
