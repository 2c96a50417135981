import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert, Button, Select } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { ImportPreview, ImportRun } from "../../api/models";
import { useFrame } from "../../app/frame";
import { Block, PageHeader } from "../../components/page-header";
import { ProblemView } from "../../components/states";
import { count } from "../../format/number";
import { useText } from "../../text/text";
import { ImportSum } from "./import";
import { MappingTable } from "./mapping-table";
import { missingFields, proposedMapping } from "./mapping";
import "./imports.css";

const kinds = ["contacts", "intervals", "states", "people"] as const;

/** A file becomes rows: choose, see its first rows, map its columns, try, import. */
export default function NewImportPage() {
  const t = useText();
  const { clients, clientId } = useFrame();
  const queries = useQueryClient();
  const [kind, setKind] = useState<string>("contacts");
  const [chosen, setChosen] = useState<string>();
  const [file, setFile] = useState<File>();
  const [mapping, setMapping] = useState<Record<string, string>>({});
  const forClient = chosen ?? clientId ?? clients[0]?.id;

  const form = (dryRun?: boolean) => {
    const body = new FormData();
    body.set("file", file!);
    body.set("kind", kind);
    body.set("client", forClient ?? "");
    if (dryRun !== undefined) {
      body.set("mapping", JSON.stringify(mapping));
      body.set("dry_run", String(dryRun));
    }
    return body;
  };
  const preview = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/imports/preview", {
          body: form(),
          bodySerializer: (body: FormData) => body,
        }),
      ),
    onSuccess: (found) => setMapping(proposedMapping(found)),
  });
  const run = useMutation({
    mutationFn: (dryRun: boolean) =>
      unwrap(
        client.POST("/api/v1/imports", {
          body: form(dryRun),
          bodySerializer: (body: FormData) => body,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["imports"] }),
  });
  const choose = (next: File | undefined) => {
    setFile(next);
    preview.reset();
    run.reset();
  };

  return (
    <>
      <PageHeader
        title={t("screen.import.start")}
        facts={<Link to="/imports">{t("screen.import.all")}</Link>}
      />
      <Block title={t("screen.import.step_file")}>
        <div className="import-choice">
          <label className="field">
            <span>{t("screen.import.kind")}</span>
            <Select
              value={kind}
              onChange={(value) => {
                setKind(value);
                preview.reset();
                run.reset();
              }}
              options={kinds.map((k) => ({ value: k, label: t(`screen.import.kind_${k}`) }))}
            />
          </label>
          <label className="field">
            <span>{t("screen.shell.client")}</span>
            <Select
              value={forClient}
              onChange={setChosen}
              options={clients.map((c) => ({ value: c.id, label: c.name }))}
            />
          </label>
          <label className="field">
            <span>{t("screen.import.file")}</span>
            <input
              type="file"
              accept=".csv,.tsv,.txt,.gz,.xlsx"
              onChange={(event) => choose(event.target.files?.[0])}
            />
          </label>
          <Button disabled={!file} loading={preview.isPending} onClick={() => preview.mutate()}>
            {t("screen.import.preview")}
          </Button>
        </div>
        <p className="soft">{t("screen.import.file_help")}</p>
      </Block>
      {preview.isError && <ProblemView problem={preview.error} />}
      {preview.data && (
        <>
          <Mapping
            preview={preview.data}
            mapping={mapping}
            onChange={(next) => {
              setMapping(next);
              run.reset();
            }}
          />
          <Actions
            preview={preview.data}
            mapping={mapping}
            busy={run.isPending}
            tried={run.data}
            onRun={(dryRun) => run.mutate(dryRun)}
          />
          {run.isError && <ProblemView problem={run.error} />}
          {run.data && <Outcome run={run.data} />}
        </>
      )}
    </>
  );
}

function Mapping(props: {
  preview: ImportPreview;
  mapping: Record<string, string>;
  onChange: (mapping: Record<string, string>) => void;
}) {
  const t = useText();
  return (
    <Block
      flush
      title={t("screen.import.step_columns")}
      extra={
        <span className="soft">
          {t("screen.import.read_as", {
            encoding: props.preview.encoding,
            line: props.preview.header_line,
            rows: props.preview.rows.length,
          })}
        </span>
      }
    >
      <MappingTable {...props} />
    </Block>
  );
}

function Actions(props: {
  preview: ImportPreview;
  mapping: Record<string, string>;
  busy: boolean;
  tried: ImportRun | undefined;
  onRun: (dryRun: boolean) => void;
}) {
  const t = useText();
  const missing = missingFields(props.preview, props.mapping);
  return (
    <div className="import-actions">
      {missing.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t("screen.import.missing", {
            fields: missing.map((field) => t.of(`screen.field.${field}`, field)).join(", "),
          })}
        />
      )}
      <Button disabled={missing.length > 0} loading={props.busy} onClick={() => props.onRun(true)}>
        {t("screen.import.try")}
      </Button>
      <Button
        type="primary"
        disabled={missing.length > 0 || !props.tried?.dry_run}
        loading={props.busy}
        onClick={() => props.onRun(false)}
      >
        {t("screen.import.take", {
          rows: count(props.tried?.dry_run ? props.tried.rows_new + props.tried.rows_changed : null),
        })}
      </Button>
      {!props.tried && missing.length === 0 && <span className="soft">{t("screen.import.try_first")}</span>}
    </div>
  );
}

function Outcome({ run }: { run: ImportRun }) {
  const t = useText();
  return (
    <>
      <Alert
        type="success"
        showIcon
        title={t(run.dry_run ? "screen.import.tried" : "screen.import.taken")}
        action={
          <Link to="/imports/$id" params={{ id: run.id }}>
            {t("screen.import.details")}
          </Link>
        }
      />
      <ImportSum run={run} />
    </>
  );
}
