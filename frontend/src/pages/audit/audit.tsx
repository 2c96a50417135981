import { Table } from "antd";
import { client, unwrap } from "../../api/client";
import type { AuditEntry } from "../../api/models";
import { usePages } from "../../api/use-pages";
import { usePageFrame } from "../../app/frame";
import { MoreButton } from "../../components/more-button";
import { Block, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded } from "../../components/states";
import { dateTime, deviceZone } from "../../format/time";
import { useText } from "../../text/text";

/** Who changed what and when, newest first. */
export default function AuditPage() {
  const t = useText();
  const zone = deviceZone();
  usePageFrame("none", undefined, zone);
  const list = usePages<AuditEntry>(["audit"], (cursor) =>
    unwrap(
      client.GET("/api/v1/audit", {
        params: { query: { cursor, limit: 100 } },
      }),
    ),
  );
  return (
    <>
      <PageHeader title={t("screen.page.audit")} />
      <Loaded query={list}>
        {(entries) =>
          entries.length === 0 ? (
            <EmptyView title={t("screen.audit.none")} />
          ) : (
            <Block flush>
              <Table<AuditEntry>
                size="small"
                rowKey="id"
                pagination={false}
                dataSource={entries}
                scroll={{ x: "max-content" }}
                columns={[
                  { title: t("screen.audit.at"), render: (_, e) => dateTime(e.at, zone) },
                  { title: t("screen.audit.actor"), dataIndex: "actor" },
                  {
                    title: t("screen.audit.action"),
                    render: (_, e) => t.of(`screen.verb.${e.action}`, e.action),
                  },
                  {
                    title: t("screen.audit.object"),
                    render: (_, e) => t.of(`screen.object.${e.object}`, e.object),
                  },
                  { title: t("screen.audit.id"), render: (_, e) => <code>{e.object_id}</code> },
                  { title: t("screen.audit.detail"), dataIndex: "detail" },
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
