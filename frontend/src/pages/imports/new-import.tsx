import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert, Button, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { ImportMapping, ImportPreview, Job } from "../../api/models";
import { Problem } from "../../api/problem";
import { useFrame } from "../../app/frame";
import { JobLine, useJob } from "../../app/jobs";
import { Block, PageHeader } from "../../components/page-header";
import { ProblemView } from "../../components/states";
import { count } from "../../format/number";
import { useText } from "../../text/text";
import { ImportSum, type RowCounts } from "./import";
import { MappingTable } from "./mapping-table";
import { missingFields } from "./mapping";
import "./imports.css";

const kinds = ["contacts", "intervals", "states", "people"] as const;

/** What the import's job leaves as its result. */
interface Outcome {
  id: string;
  dry_run: boolean;
  counts: RowCounts;
}

/** The outcome of a finished job. */
function outcomeOf(job: Job | undefined): Outcome | undefined {
  return job?.status === "done" ? (job.result as Outcome) : undefined;
}

/** A file becomes rows: choose, see its first rows, map its columns, try, import. */
export default function NewImportPage() {
  const t = useText();
  const { clients, clientId } = useFrame();
  const queries = useQueryClient();
  const [kind, setKind] = useState<string>("contacts");
  const [source, setSource] = useState("file");
  const [chosen, setChosen] = useState<string>();
  const [file, setFile] = useState<File>();
  const [mapping, setMapping] = useState<ImportMapping>();
  const [jobId, setJobId] = useState<string>();
  const job = useJob(jobId);
  const outcome = outcomeOf(job.data);
  const forClient = clients.find((c) => c.id === (chosen ?? clientId)) ?? clients[0];

  /** The file comes last: the server reads the fields before it. */
  const form = (fields: Record<string, string>) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    body.set("file", file!);
    return body;
  };
  const common = () => ({ client: forClient?.slug ?? "", kind, source });
  const preview = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/imports/preview", {
          body: form(common()) as never,
          bodySerializer: (body) => body,
        }),
      ),
    onSuccess: (found) => setMapping(found.mapping),
  });
  const run = useMutation({
    mutationFn: (dryRun: boolean) =>
      unwrap(
        client.POST("/api/v1/imports", {
          body: form({
            ...common(),
            mapping: JSON.stringify(mapping),
            dry_run: String(dryRun),
            create: String(kind === "people"),
          }) as never,
          bodySerializer: (body) => body,
        }),
      ),
    onSuccess: (started) => setJobId(started.id),
  });
  useEffect(() => {
    if (outcome && !outcome.dry_run) void queries.invalidateQueries({ queryKey: ["imports"] });
  }, [outcome, queries]);
  const forgetRun = () => {
    run.reset();
    setJobId(undefined);
  };
  const startOver = () => {
    preview.reset();
    forgetRun();
  };
  const busy = run.isPending || job.data?.status === "running" || job.data?.status === "waiting";

  return (
    <>
      <PageHeader
        title={t("screen.import.start")}
        facts={<Link to="/imports">{t("screen.import.all")}</Link>}
      />
      <Block title={t("screen.import.step_file")}>
        <p className="soft">
          <a href={`/api/v1/import-templates/${kind}`} download>
            {t("screen.import.template")}
          </a>
        </p>
        <div className="import-choice">
          <label className="field">
            <span>{t("screen.import.kind")}</span>
            <Select
              value={kind}
              onChange={(value) => {
                setKind(value);
                startOver();
              }}
              options={kinds.map((k) => ({ value: k, label: t(`screen.import.kind_${k}`) }))}
            />
          </label>
          <label className="field">
            <span>{t("screen.shell.client")}</span>
            <Select
              value={forClient?.id}
              onChange={(id) => {
                setChosen(id);
                startOver();
              }}
              options={clients.map((c) => ({ value: c.id, label: c.name }))}
            />
          </label>
          <label className="field">
            <span>{t("screen.import.source")}</span>
            <Input
              value={source}
              onChange={(event) => setSource(event.target.value)}
              style={{ width: 120 }}
            />
          </label>
          <label className="field">
            <span>{t("screen.import.file")}</span>
            <input
              type="file"
              accept=".csv,.tsv,.txt,.gz,.xlsx"
              onChange={(event) => {
                setFile(event.target.files?.[0]);
                startOver();
              }}
            />
          </label>
          <Button disabled={!file} loading={preview.isPending} onClick={() => preview.mutate()}>
            {t("screen.import.preview")}
          </Button>
        </div>
        <p className="soft">{t("screen.import.file_help")}</p>
      </Block>
      {preview.isError && <ProblemView problem={preview.error} />}
      {preview.data && mapping && (
        <>
          <Mapping
            preview={preview.data}
            mapping={mapping}
            onChange={(next) => {
              setMapping(next);
              forgetRun();
            }}
          />
          <Actions
            missing={missingFields(preview.data, mapping)}
            busy={busy}
            tried={outcome?.dry_run ? outcome : undefined}
            onRun={(dryRun) => run.mutate(dryRun)}
          />
          {run.isError && <ProblemView problem={run.error} />}
          {job.data && <Progress job={job.data} outcome={outcome} />}
        </>
      )}
    </>
  );
}

function Mapping(props: {
  preview: ImportPreview;
  mapping: ImportMapping;
  onChange: (mapping: ImportMapping) => void;
}) {
  const t = useText();
  const { preview } = props;
  return (
    <Block
      flush
      title={t("screen.import.step_columns")}
      extra={
        <span className="soft">{t("screen.import.rows_shown", { rows: preview.sample?.length ?? 0 })}</span>
      }
    >
      {(preview.undecided ?? []).map((sentence) => (
        <Alert key={sentence} type="warning" showIcon banner title={sentence} />
      ))}
      <MappingTable {...props} />
    </Block>
  );
}

function Actions(props: {
  missing: string[];
  busy: boolean;
  tried: Outcome | undefined;
  onRun: (dryRun: boolean) => void;
}) {
  const t = useText();
  const { missing, tried } = props;
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
      <Button type="primary" disabled={!tried} loading={props.busy} onClick={() => props.onRun(false)}>
        {t("screen.import.take", { rows: count(tried ? tried.counts.new + tried.counts.changed : null) })}
      </Button>
      {!tried && missing.length === 0 && <span className="soft">{t("screen.import.try_first")}</span>}
    </div>
  );
}

function Progress({ job, outcome }: { job: Job; outcome: Outcome | undefined }) {
  const t = useText();
  if (job.status === "failed")
    return (
      <ProblemView
        problem={new Problem({ status: 422, code: job.error?.code ?? "internal", detail: job.error?.detail })}
      />
    );
  if (!outcome)
    return (
      <Block>
        <JobLine job={job} />
      </Block>
    );
  return (
    <>
      <Alert
        type="success"
        showIcon
        title={t(outcome.dry_run ? "screen.import.tried" : "screen.import.taken")}
        action={
          !outcome.dry_run && (
            <Link to="/imports/$id" params={{ id: outcome.id }}>
              {t("screen.import.details")}
            </Link>
          )
        }
      />
      <ImportSum counts={outcome.counts} />
    </>
  );
}
