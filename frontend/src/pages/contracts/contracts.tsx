import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import type { Client } from "../../api/models";
import { useClients, useFrame } from "../../app/frame";
import { DataTable } from "../../components/data-table";
import { Block, PageHeader } from "../../components/page-header";
import { EmptyView } from "../../components/states";
import { ClientName } from "../../components/status";
import { useText } from "../../text/text";

/** The clients; each leads to all that is agreed with it. */
export default function ContractsPage() {
  const t = useText();
  const { clients } = useFrame();
  const { color } = useClients();
  const add = (
    <Link to="/contracts/$id" params={{ id: "new" }}>
      <Button type="primary">{t("screen.contract.add")}</Button>
    </Link>
  );
  return (
    <>
      <PageHeader title={t("screen.page.contracts")} actions={clients.length > 0 && add} />
      {clients.length === 0 ? (
        <EmptyView title={t("screen.contract.none")} advice={t("screen.contract.none_advice")} action={add} />
      ) : (
        <Block flush>
          <DataTable<Client>
            rowKey="id"
            pagination={false}
            dataSource={clients}
            columns={[
              {
                title: t("screen.shell.client"),
                render: (_, c) => (
                  <Link to="/contracts/$id" params={{ id: c.id }}>
                    <ClientName name={c.name} color={color(c.id)} />
                  </Link>
                ),
              },
              { title: t("screen.contract.slug"), dataIndex: "slug" },
              { title: t("screen.contract.zone"), dataIndex: "zone" },
              { title: t("screen.contract.currency"), dataIndex: "currency" },
            ]}
          />
        </Block>
      )}
    </>
  );
}
