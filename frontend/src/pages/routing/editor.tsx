import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form, Modal } from "antd";
import { type ReactNode, useState } from "react";
import { client, unwrap } from "../../api/client";
import { Problem } from "../../api/problem";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { PageHeader } from "../../components/page-header";
import { problemText } from "../../components/states";
import { dateTime, deviceZone } from "../../format/time";
import { useText } from "../../text/text";
import { Changes } from "./changes";
import type { Lists } from "./lists";
import {
  type Document,
  documentOf,
  type FieldChange,
  nameOf,
  type SettingVersion,
  type Which,
} from "./model";
import { PartnerForm, PoolForm } from "./pool-form";
import { ClientForm, ProviderForm } from "./provider-form";
import { QueueForm } from "./queue-form";
import { putSetting, type Setting } from "./setting";
import { TryIt } from "./try-it";
import { Versions } from "./versions";

/** One setting as a form: checked field by field, confirmed as a list of changes, undone by version. */
export function Editor(props: {
  which: Which;
  title: string;
  setting: Setting;
  lists: Lists;
  aside?: ReactNode;
}) {
  const { which, setting } = props;
  const t = useText();
  const session = useSession();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<Document>();
  const [plan, setPlan] = useState<{ changes: FieldChange[]; version: number; document: Document }>();
  const [problems, setProblems] = useState<string[]>([]);
  const [versions, setVersions] = useState(false);
  const edits = can(session, "clients", "edit");

  const check = useMutation({
    mutationFn: async () => {
      const document = documentOf(form.getFieldsValue(true));
      return {
        document,
        found: await unwrap(client.POST("/api/v1/routing/check", { body: { ...which, document } })),
      };
    },
    onSuccess: ({ document, found }) => {
      const wrong = found.problems ?? [];
      if (wrong.length > 0) {
        show(wrong);
        return;
      }
      setProblems([]);
      setPlan({ changes: found.changes ?? [], version: setting.version, document });
    },
    onError: (cause) => setProblems([problemText(t, Problem.of(cause))]),
  });

  /** Every problem at its field; what has no field of its own stands above the form. */
  const show = (wrong: { field: string; detail: string }[]) => {
    const known = wrong.filter((w) => w.field && form.getFieldInstance(nameOf(w.field)) !== undefined);
    form.setFields(known.map((w) => ({ name: nameOf(w.field) as never, errors: [w.detail] })));
    setProblems(wrong.filter((w) => !known.includes(w)).map((w) => w.detail));
    if (known[0]) form.scrollToField(nameOf(known[0].field) as never, { block: "center" });
  };

  const save = useMutation({
    mutationFn: () => putSetting(which, plan!.version, plan!.document),
    onSuccess: async () => {
      setPlan(undefined);
      void message.success(t("screen.routing.saved"));
      await queries.invalidateQueries({ queryKey: ["routing"] });
    },
    onError: (cause) => {
      setPlan(undefined);
      setProblems([problemText(t, Problem.of(cause))]);
    },
  });

  const restore = (version: SettingVersion) => {
    form.resetFields();
    form.setFieldsValue(blank(form.getFieldsValue(true), version.document));
    setVersions(false);
    check.mutate();
  };
  const silent = which.kind === "partner" && Boolean(plan?.document.secret);

  return (
    <Form
      form={form}
      layout="vertical"
      size="small"
      className="routing-form"
      disabled={!edits}
      initialValues={setting.policy}
      onFinish={() => check.mutate()}
      onFinishFailed={({ errorFields }) =>
        form.scrollToField(errorFields[0]?.name ?? [], { block: "center" })
      }
    >
      <PageHeader
        title={props.title}
        facts={
          <>
            <span className="soft">
              {setting.version === 0
                ? t("screen.routing.by_default")
                : t("screen.routing.since", {
                    version: setting.version,
                    time: dateTime(setting.valid_from ?? "", deviceZone()),
                  })}
            </span>
            <Button type="link" size="small" disabled={false} onClick={() => setVersions(true)}>
              {t("screen.routing.versions")}
            </Button>
          </>
        }
        actions={
          edits && (
            <Button type="primary" htmlType="submit" size="middle" loading={check.isPending}>
              {t("screen.routing.check")}
            </Button>
          )
        }
      />
      {problems.length > 0 && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="routing-problem"
          message={problems.map((p) => (
            <p key={p}>{p}</p>
          ))}
        />
      )}
      {which.kind === "provider" && <ProviderForm />}
      {which.kind === "client" && <ClientForm />}
      {which.kind === "queue" && <QueueForm lists={props.lists} />}
      {which.kind === "pool" && <PoolForm lists={props.lists} slug={which.key} />}
      {which.kind === "partner" && <PartnerForm fresh={setting.version === 0} />}
      {plan && (
        <Modal
          open
          width={760}
          title={t("screen.routing.confirm", { what: props.title })}
          okText={t("screen.routing.put_in_force")}
          okButtonProps={{ loading: save.isPending, disabled: plan.changes.length === 0 && !silent }}
          onOk={() => save.mutate()}
          onCancel={() => setPlan(undefined)}
        >
          {plan.changes.length === 0 ? (
            <p>{t(silent ? "screen.routing.new_secret" : "screen.routing.nothing")}</p>
          ) : (
            <Changes changes={plan.changes} />
          )}
          {plan.changes.length > 0 && <TryIt which={which} document={plan.document} title={props.title} />}
          <p className="soft">{t("screen.routing.consequence")}</p>
        </Modal>
      )}
      {versions && (
        <Versions which={which} onClose={() => setVersions(false)} onRestore={edits ? restore : undefined} />
      )}
    </Form>
  );
}

/** An earlier document over the present one: what it does not name is empty. */
function blank(present: Document, earlier: Document): Document {
  return { ...Object.fromEntries(Object.keys(present).map((name) => [name, undefined])), ...earlier };
}
