import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, InputNumber, Select } from "antd";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { client, unwrap } from "../../api/client";
import type { CapacityAnswer, CapacityPlan, CapacityQuestion, HiringClass } from "../../api/models";
import { Problem } from "../../api/problem";
import { capacityPlansQuery } from "../../api/queries";
import { useClients, useFrame } from "../../app/frame";
import { EditGrid } from "../../components/edit-grid/edit-grid";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { Loaded, PageSkeleton, problemText, ProblemView } from "../../components/states";
import { count, money } from "../../format/number";
import { monthLabel } from "../../format/time";
import { useText } from "../../text/text";
import { type ComparedLine, compareOption, compareRows } from "../scenarios/compare-option";
import { capacityGrid } from "./capacity-grid";

const Chart = lazy(() => import("../../components/chart/chart").then((m) => ({ default: m.Chart })));

const MONTHS = 12;

/** People by month: who is needed, who leaves, who must be hired, and what that costs. */
export function Capacity({ tabs }: { tabs: ReactNode }) {
  const { clientId, clients } = useFrame();
  const id = clientId ?? clients[0]?.id;
  return id ? <ClientCapacity key={id} clientId={id} tabs={tabs} /> : <PageSkeleton />;
}

function ClientCapacity({ clientId, tabs }: { clientId: string; tabs: ReactNode }) {
  const plans = useQuery(capacityPlansQuery(clientId));
  const suggestion = useQuery({
    queryKey: ["capacity-question", clientId],
    queryFn: () =>
      unwrap(
        client.GET("/api/v1/clients/{id}/capacity-question", {
          params: { path: { id: clientId }, query: { months: MONTHS } },
        }),
      ),
    staleTime: Infinity,
  });
  const [chosen, setChosen] = useState<string>();
  return (
    <Loaded query={{ ...suggestion, data: plans.data && suggestion.data }}>
      {(suggested) => {
        const plan = chosen === "" ? undefined : (plans.data!.find((p) => p.id === chosen) ?? plans.data![0]);
        return (
          <CapacityView
            key={plan ? `${plan.id} ${plan.edition}` : "new"}
            clientId={clientId}
            plans={plans.data!}
            plan={plan}
            start={plan?.question ?? suggested.question}
            notes={plan ? [] : (suggested.notes ?? [])}
            tabs={tabs}
            onChoose={setChosen}
          />
        );
      }}
    </Loaded>
  );
}

function CapacityView(props: {
  clientId: string;
  plans: CapacityPlan[];
  plan: CapacityPlan | undefined;
  start: CapacityQuestion;
  notes: string[];
  tabs: ReactNode;
  onChoose: (id: string) => void;
}) {
  const t = useText();
  const clients = useClients();
  const { plan } = props;
  const [question, setQuestion] = useState(props.start);
  const [past, setPast] = useState<CapacityQuestion[]>([]);
  const [future, setFuture] = useState<CapacityQuestion[]>([]);
  const change = (next: CapacityQuestion) => {
    setPast([...past, question]);
    setFuture([]);
    setQuestion(next);
  };
  const step = (
    from: CapacityQuestion[],
    set: typeof setPast,
    to: CapacityQuestion[],
    put: typeof setPast,
  ) => {
    const last = from.at(-1);
    if (!last) return;
    set(from.slice(0, -1));
    put([...to, question]);
    setQuestion(last);
  };
  const answer = useQuery({
    queryKey: ["capacity", question],
    queryFn: () => unwrap(client.POST("/api/v1/staffing/capacity", { body: question })),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
  });
  const grid = useMemo(
    () => capacityGrid(t, question, answer.data),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `t` is new on every render; a change of language draws anew
    [question, answer.data],
  );
  return (
    <>
      <PageHeader
        title={t("screen.capacity.title", { client: clients.name(props.clientId) })}
        facts={
          <>
            <Select
              aria-label={t("screen.capacity.plan")}
              value={plan?.id ?? ""}
              popupMatchSelectWidth={false}
              onChange={props.onChoose}
              options={[
                ...props.plans.map((p) => ({ value: p.id, label: p.name })),
                { value: "", label: t("screen.capacity.fresh") },
              ]}
            />
            <label>
              {t("screen.capacity.heads")}{" "}
              <InputNumber
                min={0}
                value={question.heads}
                onChange={(heads) => heads !== null && change({ ...question, heads })}
                style={{ width: 90 }}
              />
            </label>
            <Fact name={t("screen.capacity.total")}>
              {answer.data ? money(answer.data.cost.value, answer.data.cost.currency) : "…"}
            </Fact>
          </>
        }
        actions={
          <>
            {props.tabs}
            <SaveButton {...props} question={question} changed={past.length > 0 || !plan} />
          </>
        }
      />
      {answer.isError && <ProblemView problem={answer.error} />}
      <CapacityChart question={question} answer={answer.data} />
      <Block flush title={t("screen.capacity.months")}>
        <EditGrid
          label={t("screen.capacity.months")}
          corner={t("screen.capacity.figure")}
          columns={grid.columns}
          rows={grid.rows}
          height={460}
          onEdit={(edits) => change(grid.apply(edits))}
          onUndo={() => step(past, setPast, future, setFuture)}
          onRedo={() => step(future, setFuture, past, setPast)}
        />
      </Block>
      <Classes question={question} answer={answer.data} onChange={change} />
      {props.notes.length > 0 && (
        <details className="soft">
          <summary>{t("screen.capacity.notes", { count: props.notes.length })}</summary>
          <ul>
            {props.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** Required against productive people. */
function CapacityChart({
  question,
  answer,
}: {
  question: CapacityQuestion;
  answer: CapacityAnswer | undefined;
}) {
  const t = useText();
  const [required, productive] = [t("screen.capacity.required_fte"), t("screen.capacity.productive_fte")];
  const months = useMemo(() => (question.months ?? []).map((month) => month.name), [question.months]);
  const lines: ComparedLine[] = useMemo(
    () => [
      { name: required, kind: "base", values: (answer?.lines ?? []).map((line) => line.required_fte) },
      { name: productive, kind: "changed", values: (answer?.lines ?? []).map((line) => line.productive_fte) },
    ],
    [answer, required, productive],
  );
  const option = useMemo(() => compareOption(months.map(monthName), "FTE", lines, true), [months, lines]);
  return (
    <Block title={t("screen.capacity.chart")}>
      <Suspense fallback={<div className="skeleton" style={{ height: 230 }} />}>
        <Chart
          option={option}
          height={200}
          name="capacity"
          label={t("screen.capacity.chart_label")}
          rows={() => compareRows(months, lines)}
        />
      </Suspense>
    </Block>
  );
}

const monthName = (name: string) => (/^\d{4}-\d{2}$/.test(name) ? monthLabel(name) : name);

/** Productivity by month since the start: two months of training, then a ramp. */
const usualRamp = [0, 0.5, 0.8];

/** Hiring classes: given ones, and whether the plan may open further ones. */
function Classes(props: {
  question: CapacityQuestion;
  answer: CapacityAnswer | undefined;
  onChange: (next: CapacityQuestion) => void;
}) {
  const t = useText();
  const { question } = props;
  const months = question.months ?? [];
  const classes = question.classes ?? [];
  const [start, setStart] = useState(Math.min(2, months.length - 1));
  const [size, setSize] = useState<number | null>(10);
  const [ramp, setRamp] = useState(usualRamp.map((r) => r * 100).join(", "));
  const shares = ramp
    .split(/[,;\s]+/)
    .filter((part) => part !== "")
    .map((part) => Number(part) / 100);
  const sound = shares.every((share) => share >= 0 && share <= 1);
  const proposed = (props.answer?.classes ?? []).slice(classes.length);
  const text = (c: HiringClass) =>
    t("screen.capacity.class", {
      size: c.size,
      month: monthName(months[c.start]?.name ?? ""),
      ramp: (c.ramp ?? []).map((r) => `${count(r * 100)}%`).join(" → ") || "100%",
    });
  const usual: HiringClass = { name: "", start: 0, size: 0, ramp: usualRamp };
  return (
    <Block
      title={t("screen.capacity.classes")}
      extra={
        <Button
          onClick={() =>
            props.onChange({
              ...question,
              propose: question.propose ? undefined : { lead: 2, class: { ...usual, ramp: shares } },
            })
          }
        >
          {t(question.propose ? "screen.capacity.propose_stop" : "screen.capacity.propose")}
        </Button>
      }
    >
      <ul className="capacity-list">
        {classes.map((c, index) => (
          <li key={index}>
            {text(c)}
            <Button
              type="link"
              onClick={() => props.onChange({ ...question, classes: classes.filter((_, i) => i !== index) })}
            >
              {t("screen.scenario.remove")}
            </Button>
          </li>
        ))}
        {proposed.map((c, index) => (
          <li key={`proposed ${index}`} className="soft">
            {text(c)} · {t("screen.capacity.proposed")}
          </li>
        ))}
        {classes.length + proposed.length === 0 && (
          <li className="soft">{t("screen.capacity.no_classes")}</li>
        )}
      </ul>
      <div className="capacity-classes">
        <label className="field">
          <span>{t("screen.capacity.class_start")}</span>
          <Select
            value={start}
            onChange={setStart}
            popupMatchSelectWidth={false}
            options={months.map((month, index) => ({ value: index, label: monthName(month.name) }))}
          />
        </label>
        <label className="field">
          <span>{t("screen.capacity.class_size")}</span>
          <InputNumber min={1} precision={0} value={size} onChange={setSize} />
        </label>
        <label className="field">
          <span>{t("screen.capacity.class_ramp")}</span>
          <Input
            value={ramp}
            status={sound ? undefined : "error"}
            onChange={(event) => setRamp(event.target.value)}
          />
        </label>
        <Button
          disabled={!size || !sound}
          onClick={() =>
            props.onChange({
              ...question,
              classes: [...classes, { name: "", start, size: size ?? 0, ramp: shares }],
            })
          }
        >
          {t("screen.capacity.add_class")}
        </Button>
      </div>
    </Block>
  );
}

function SaveButton(props: {
  clientId: string;
  plan: CapacityPlan | undefined;
  question: CapacityQuestion;
  changed: boolean;
  onChoose: (id: string) => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const { plan, question, clientId } = props;
  const name =
    plan?.name ?? t("screen.capacity.name", { month: monthName(question.months?.[0]?.name ?? "") });
  const save = useMutation({
    mutationFn: () =>
      plan
        ? unwrap(
            client.PUT("/api/v1/staffing/capacity-plans/{id}", {
              params: { path: { id: plan.id } },
              headers: { "If-Match": `"v${plan.edition}"` },
              body: { name, question },
            }),
          )
        : unwrap(
            client.POST("/api/v1/staffing/capacity-plans", { body: { client_id: clientId, name, question } }),
          ),
    onSuccess: async (saved) => {
      void message.success(t("screen.capacity.saved", { name: saved.name }));
      await queries.invalidateQueries({ queryKey: ["capacity-plans"] });
      props.onChoose(saved.id);
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  return (
    <Button type="primary" disabled={!props.changed} loading={save.isPending} onClick={() => save.mutate()}>
      {t("screen.capacity.save")}
    </Button>
  );
}
