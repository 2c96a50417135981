import { DownloadOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { App, Button, Table } from "antd";
import { client, unwrap } from "../../api/client";
import type { Invoice, InvoiceLine } from "../../api/models";
import { Problem } from "../../api/problem";
import { invoiceQuery } from "../../api/queries";
import { useClients } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { Loaded, problemText } from "../../components/states";
import { StateTag } from "../../components/status";
import { Why } from "../../components/why";
import { grouped, money } from "../../format/number";
import { dateTime, deviceZone, monthLabel } from "../../format/time";
import { currentLocale } from "../../text/locale";
import { useText } from "../../text/text";
import { DataTable } from "../../components/data-table";

/** One invoice: its lines, and behind each line how it came about. */
export default function InvoicePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const invoice = useQuery(invoiceQuery(id));
  return <Loaded query={invoice}>{(data) => <InvoiceView invoice={data} />}</Loaded>;
}

export function InvoiceView({ invoice }: { invoice: Invoice }) {
  const t = useText();
  const clients = useClients();
  const { currency } = invoice.total;
  return (
    <>
      <PageHeader
        title={invoice.label || t("screen.invoice.unnumbered")}
        facts={
          <>
            <StateTag kind="invoice_state" state={invoice.status} />
            <Fact name={t("screen.shell.client")}>{clients.name(invoice.client_id)}</Fact>
            <Fact name={t("screen.shell.period")}>{monthLabel(invoice.from.slice(0, 7))}</Fact>
            {invoice.issued_at && (
              <Fact name={t("screen.invoice.issued_at")}>{dateTime(invoice.issued_at, deviceZone())}</Fact>
            )}
            <Link to="/invoices">{t("screen.invoice.all")}</Link>
          </>
        }
        actions={
          <>
            <Button
              icon={<DownloadOutlined />}
              href={`/api/v1/invoices/${invoice.id}/workbook?locale=${currentLocale()}`}
            >
              {t("screen.invoice.workbook_download")}
            </Button>
            <IssueButton invoice={invoice} />
          </>
        }
      />
      <Block flush>
        <DataTable<InvoiceLine>
          rowKey="no"
          dataSource={invoice.lines ?? []}
          columns={[
            { title: "#", align: "right", render: (_, l) => l.no },
            { title: t("screen.invoice.line"), render: (_, l) => l.name },
            { title: t("screen.invoice.quantity"), align: "right", render: (_, l) => grouped(l.quantity) },
            { title: t("screen.invoice.unit"), render: (_, l) => t.of(`screen.unit.${l.unit}`, l.unit) },
            {
              title: t("screen.invoice.rate", { currency }),
              align: "right",
              render: (_, l) => grouped(l.unit_price),
            },
            {
              title: t("screen.invoice.amount", { currency }),
              align: "right",
              render: (_, l) => (
                <Why
                  title={l.name}
                  reasons={(l.steps ?? []).flatMap((step) => [
                    { name: t.of(`screen.step.${step.code}`, step.code), value: "" },
                    ...Object.entries(step.params ?? {}).map(([name, value]) => ({
                      name: `\u2003${t.of(`screen.trace.${name}`, name)}`,
                      value,
                    })),
                  ])}
                >
                  {grouped(l.amount.value)}
                </Why>
              ),
            },
          ]}
          summary={() => (
            <>
              <SumRow name={t("screen.invoice.net")} value={grouped(invoice.net.value)} />
              <SumRow name={t("screen.invoice.tax")} value={grouped(invoice.tax.value)} />
              <SumRow name={t("screen.invoice.total")} value={money(invoice.total.value, currency)} strong />
            </>
          )}
        />
      </Block>
    </>
  );
}

function SumRow(props: { name: string; value: string; strong?: boolean }) {
  return (
    <Table.Summary.Row>
      <Table.Summary.Cell index={0} colSpan={5}>
        {props.strong ? <strong>{props.name}</strong> : props.name}
      </Table.Summary.Cell>
      <Table.Summary.Cell index={1} align="right">
        {props.strong ? <strong>{props.value}</strong> : props.value}
      </Table.Summary.Cell>
    </Table.Summary.Row>
  );
}

function IssueButton({ invoice }: { invoice: Invoice }) {
  const t = useText();
  const session = useSession();
  const clients = useClients();
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const issue = useMutation({
    // Whoever issues has looked at it: a draft is marked as reviewed first.
    mutationFn: async () => {
      const path = { id: invoice.id };
      const reviewed =
        invoice.status === "draft"
          ? await unwrap(
              client.POST("/api/v1/invoices/{id}/review", {
                params: { path },
                body: { version: invoice.version },
              }),
            )
          : invoice;
      return unwrap(
        client.POST("/api/v1/invoices/{id}/issue", {
          params: { path },
          body: { version: reviewed.version },
        }),
      );
    },
    onSuccess: (issued) => {
      void message.success(t("screen.invoice.issued", { number: issued.label }));
      return queries.invalidateQueries({ queryKey: ["invoices"] });
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  if ((invoice.status !== "draft" && invoice.status !== "reviewed") || !can(session, "invoices", "issue"))
    return null;
  return (
    <Button
      type="primary"
      loading={issue.isPending}
      onClick={() =>
        modal.confirm({
          title: t("screen.invoice.issue_question", { client: clients.name(invoice.client_id) }),
          content: t("screen.invoice.issue_consequence", {
            total: money(invoice.total.value, invoice.total.currency),
          }),
          okText: t("screen.invoice.issue"),
          onOk: () => issue.mutateAsync(),
        })
      }
    >
      {t("screen.invoice.issue")}
    </Button>
  );
}
