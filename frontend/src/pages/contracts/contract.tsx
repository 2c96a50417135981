import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Alert, App, Button, Form, Modal } from "antd";
import { useState } from "react";
import { client, items, unwrap } from "../../api/client";
import { Problem } from "../../api/problem";
import { clientsQuery } from "../../api/queries";
import { PageHeader } from "../../components/page-header";
import { Loaded, problemText } from "../../components/states";
import { dateLabel } from "../../format/time";
import { useText } from "../../text/text";
import { type ClientDocument, documentText, emptyDocument, nextBeginning, partAt } from "./document";
import { Agreement, Hours, Identity, Measures, Queues, RateRules } from "./parts";
import "./contracts.css";

interface Stored {
  document: ClientDocument;
  etag: string;
}

const today = () => new Date().toISOString().slice(0, 10);

/** All that is agreed with one client, as a form over its document. */
export default function ContractPage() {
  const { id } = useParams({ from: "/contracts/$id" });
  const fresh = id === "new";
  const stored = useQuery({
    queryKey: ["clients", id, "document"],
    enabled: !fresh,
    staleTime: Infinity,
    gcTime: 0,
    queryFn: async (): Promise<Stored> => {
      let etag = "";
      const document = await unwrap(
        client.GET("/api/v1/clients/{id}/document", { params: { path: { id } } }).then((outcome) => {
          etag = outcome.response.headers.get("ETag") ?? "";
          return outcome;
        }),
      );
      return { document: document as ClientDocument, etag };
    },
  });
  if (fresh) return <ContractForm key="new" document={emptyDocument(today())} />;
  return (
    <Loaded query={stored}>
      {(v) => <ContractForm key={v.etag} id={id} document={v.document} etag={v.etag} />}
    </Loaded>
  );
}

interface Part {
  part: string;
  name: string;
  outcome: string;
}

function ContractForm({ id, document, etag }: { id?: string; document: ClientDocument; etag?: string }) {
  const t = useText();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [form] = Form.useForm<ClientDocument>();
  const [plan, setPlan] = useState<Part[]>();
  const [problem, setProblem] = useState<string>();

  /** What the form says over what it does not show. */
  const text = () => documentText({ ...document, ...form.getFieldsValue(true) });
  const refused = (cause: unknown) => {
    const found = Problem.of(cause);
    const part = partAt(text(), Number(found.params.line ?? 0));
    const said = typeof found.params.problem === "string" ? found.params.problem : problemText(t, found);
    setPlan(undefined);
    setProblem(part ? `${t.of(`screen.contract.part_${part}`, part)}: ${said}` : said);
  };
  const check = useMutation({
    mutationFn: async () =>
      items(await unwrap(client.POST("/api/v1/client-documents/check", { body: { document: text() } }))),
    onSuccess: (parts) => {
      setProblem(undefined);
      setPlan(parts);
    },
    onError: refused,
  });
  const save = useMutation({
    mutationFn: () =>
      unwrap(
        id
          ? client.PUT("/api/v1/clients/{id}/document", {
              params: { path: { id } },
              headers: { "If-Match": etag },
              body: { document: text() },
            })
          : client.POST("/api/v1/client-documents", { body: { document: text() } }),
      ),
    onSuccess: async (applied) => {
      setPlan(undefined);
      void message.success(t("screen.contract.saved"));
      await Promise.all([
        queries.invalidateQueries({ queryKey: clientsQuery.queryKey }),
        queries.invalidateQueries({ queryKey: ["onboarding"] }),
      ]);
      if (!id) void navigate({ to: "/contracts/$id", params: { id: applied.client_id }, replace: true });
    },
    onError: refused,
  });
  const changes = plan?.filter((p) => p.outcome !== "unchanged") ?? [];

  return (
    <Form
      form={form}
      layout="vertical"
      size="small"
      className="contract"
      initialValues={{
        ...document,
        valid_from: nextBeginning(document.valid_from, today(), id !== undefined),
      }}
      onFinish={() => check.mutate()}
      onFinishFailed={({ errorFields }) =>
        form.scrollToField(errorFields[0]?.name ?? [], { block: "center" })
      }
    >
      <PageHeader
        title={document.client.name ?? t("screen.contract.add")}
        facts={<Link to="/contracts">{t("screen.contract.all")}</Link>}
        actions={
          <Button type="primary" htmlType="submit" size="middle" loading={check.isPending}>
            {t("screen.contract.save")}
          </Button>
        }
      />
      {problem && <Alert type="error" showIcon role="alert" message={problem} className="contract-problem" />}
      <Identity known={id !== undefined} />
      <Hours />
      <Queues stored={id ? document.lobs : undefined} />
      <Agreement />
      <Measures stored={id ? (document.measures?.length ?? 0) : 0} />
      <RateRules />
      <Modal
        open={plan !== undefined}
        title={t("screen.contract.confirm")}
        okText={t("screen.contract.put_in_force")}
        okButtonProps={{ loading: save.isPending, disabled: changes.length === 0 }}
        onOk={() => save.mutate()}
        onCancel={() => setPlan(undefined)}
      >
        {changes.length === 0 ? (
          <p>{t("screen.contract.nothing")}</p>
        ) : (
          <>
            <p>
              {t("screen.contract.from", {
                day: dateLabel(`${form.getFieldValue("valid_from") as string}T00:00:00Z`, "UTC"),
              })}
            </p>
            <ul className="contract-plan">
              {changes.map((p) => (
                <li key={`${p.part} ${p.name}`}>
                  <strong>{t.of(`screen.contract.outcome_${p.outcome}`, p.outcome)}</strong>{" "}
                  {t.of(`screen.contract.applied_${p.part.replaceAll(" ", "_")}`, p.part)} {p.name}
                </li>
              ))}
            </ul>
          </>
        )}
      </Modal>
    </Form>
  );
}
