import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { App, Button, Modal, Select } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { Invoice } from "../../api/models";
import { Problem } from "../../api/problem";
import { invoicesQuery } from "../../api/queries";
import { useClients, useFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded, problemText } from "../../components/states";
import { ClientName, StateTag } from "../../components/status";
import { money, NONE } from "../../format/number";
import { addMonths, dateLabel, deviceZone, monthLabel } from "../../format/time";
import { useText } from "../../text/text";
import { DataTable } from "../../components/data-table";

/** Invoices, drafts first; a new draft from a month's locked figures. */
export default function InvoicesPage() {
  const t = useText();
  const session = useSession();
  const { clientId } = useFrame();
  const clients = useClients();
  const invoices = useQuery(invoicesQuery(clientId));
  const [drafting, setDrafting] = useState(false);
  return (
    <>
      <PageHeader
        title={t("screen.page.invoices")}
        actions={
          can(session, "invoices", "edit") && (
            <Button type="primary" onClick={() => setDrafting(true)}>
              {t("screen.invoice.draft")}
            </Button>
          )
        }
      />
      <Loaded query={invoices}>
        {(list) =>
          list.length === 0 ? (
            <EmptyView title={t("screen.invoice.none")} advice={t("screen.invoice.none_advice")} />
          ) : (
            <Block flush>
              <DataTable<Invoice>
                rowKey="id"
                pagination={list.length > 50 ? { pageSize: 50 } : false}
                dataSource={list
                  .filter((i) => i.status !== "superseded")
                  .sort(
                    (a, b) =>
                      Number(open(b)) - Number(open(a)) ||
                      b.from.localeCompare(a.from) ||
                      clients.name(a.client_id).localeCompare(clients.name(b.client_id)),
                  )}
                columns={[
                  {
                    title: t("screen.invoice.number"),
                    render: (_, i) => (
                      <Link to="/invoices/$id" params={{ id: i.id }}>
                        {i.label || t("screen.invoice.unnumbered")}
                      </Link>
                    ),
                  },
                  {
                    title: t("screen.shell.client"),
                    render: (_, i) => (
                      <ClientName name={clients.name(i.client_id)} color={clients.color(i.client_id)} />
                    ),
                  },
                  { title: t("screen.shell.period"), render: (_, i) => monthLabel(i.from.slice(0, 7)) },
                  {
                    title: t("screen.invoice.state"),
                    render: (_, i) => <StateTag kind="invoice_state" state={i.status} />,
                  },
                  {
                    title: t("screen.invoice.net"),
                    align: "right",
                    render: (_, i) => money(i.net.value, i.net.currency),
                  },
                  {
                    title: t("screen.invoice.total"),
                    align: "right",
                    render: (_, i) => <strong>{money(i.total.value, i.total.currency)}</strong>,
                  },
                  {
                    title: t("screen.invoice.issued_at"),
                    render: (_, i) => (i.issued_at ? dateLabel(i.issued_at, deviceZone()) : NONE),
                  },
                  {
                    title: t("screen.invoice.workbook"),
                    render: (_, i) => <a href={`/api/v1/invoices/${i.id}/workbook`}>Excel</a>,
                  },
                ]}
              />
            </Block>
          )
        }
      </Loaded>
      {drafting && (
        <DraftDialog periods={periodsOf(invoices.data ?? [])} onClose={() => setDrafting(false)} />
      )}
    </>
  );
}

/** Whether somebody still has to do something with it. */
const open = (invoice: Invoice) => invoice.status === "draft" || invoice.status === "reviewed";

/** The months worth a draft: those invoiced so far, and the one after. */
function periodsOf(invoices: Invoice[]): string[] {
  const known = [...new Set(invoices.map((i) => i.from.slice(0, 7)))].sort().reverse();
  const latest = known[0] ?? addMonths(new Date().toISOString().slice(0, 7), -1);
  return [addMonths(latest, 1), ...(known.length > 0 ? known : [latest])];
}

function DraftDialog({ periods, onClose }: { periods: string[]; onClose: () => void }) {
  const t = useText();
  const { clients, clientId } = useFrame();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const [chosen, setChosen] = useState(clientId ?? clients[0]?.id);
  const [period, setPeriod] = useState(periods[1] ?? periods[0]!);
  const draft = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/invoices/drafts", {
          body: { client_id: chosen ?? "", on: `${period}-01` },
        }),
      ),
    onSuccess: async (invoice) => {
      await queries.invalidateQueries({ queryKey: ["invoices"] });
      onClose();
      void navigate({ to: "/invoices/$id", params: { id: invoice.id } });
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  return (
    <Modal
      open
      title={t("screen.invoice.draft")}
      okText={t("screen.invoice.draft")}
      okButtonProps={{ loading: draft.isPending, disabled: !chosen }}
      onOk={() => draft.mutate()}
      onCancel={onClose}
    >
      <div className="field">
        <span id="draft-client">{t("screen.shell.client")}</span>
        <Select
          aria-labelledby="draft-client"
          value={chosen}
          onChange={setChosen}
          options={clients.map((c) => ({ value: c.id, label: c.name }))}
        />
      </div>
      <div className="field">
        <span id="draft-period">{t("screen.shell.period")}</span>
        <Select
          aria-labelledby="draft-period"
          value={period}
          onChange={setPeriod}
          options={periods.map((p) => ({ value: p, label: monthLabel(p) }))}
        />
      </div>
    </Modal>
  );
}
