import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { App, Button, Input, Modal, Select } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { AdjustmentInput, Forecast, Scenario } from "../../api/models";
import { Problem } from "../../api/problem";
import { forecastsQuery, queuesQuery, scenariosQuery } from "../../api/queries";
import { useClients, useFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { EmptyView, Loaded, problemText, ProblemView } from "../../components/states";
import { ClientName } from "../../components/status";
import { dateLabel } from "../../format/time";
import { useText } from "../../text/text";
import { Changes } from "./changes";
import { Outcome } from "./outcome";
import { stays } from "./stays";
import { RangeDialog } from "../forecast/range-dialog";
import { weeksOf } from "../forecast/versions";
import "./scenarios.css";

/** What-ifs: a version with changes that are not made in it, staffed and priced. */
export default function ScenariosPage() {
  const t = useText();
  const session = useSession();
  const { clientId } = useFrame();
  const scenarios = useQuery(scenariosQuery(clientId));
  const forecasts = useQuery(forecastsQuery(clientId));
  const { version } = useSearch({ from: "__root__" });
  const navigate = useNavigate();
  const show = (id: string | undefined) =>
    void navigate({ to: ".", search: (old) => ({ ...old, version: id }), replace: true });
  const [making, setMaking] = useState(false);
  const [adding, setAdding] = useState<string>();
  const bases = (forecasts.data ?? []).filter((f) => f.settings.source !== "client");
  const action = can(session, "forecasts", "edit") && bases.length > 0 && (
    <Button type="primary" onClick={() => setMaking(true)}>
      {t("screen.scenario.new")}
    </Button>
  );
  return (
    <>
      <Loaded query={{ ...scenarios, data: forecasts.data && scenarios.data }}>
        {(list) => {
          const chosen = list.find((s) => s.id === version) ?? list[0];
          const base = forecasts.data?.find((f) => f.id === chosen?.forecast_id);
          return (
            <>
              <PageHeader title={t("screen.page.scenarios")} actions={action} />
              {!chosen ? (
                <EmptyView title={t("screen.scenario.none")} advice={t("screen.scenario.none_advice")} />
              ) : (
                <>
                  <ScenarioList
                    scenarios={list}
                    forecasts={forecasts.data ?? []}
                    chosen={chosen.id}
                    onChoose={show}
                  />
                  {base && (
                    <ScenarioView
                      key={chosen.id}
                      scenario={chosen}
                      base={base}
                      adding={adding === chosen.id}
                      onAdding={(is) => setAdding(is ? chosen.id : undefined)}
                      onGone={() => show(undefined)}
                    />
                  )}
                </>
              )}
            </>
          );
        }}
      </Loaded>
      {making && (
        <NewScenario
          bases={bases}
          onClose={() => setMaking(false)}
          onMade={(made) => {
            setMaking(false);
            show(made.id);
            setAdding(made.id);
          }}
        />
      )}
    </>
  );
}

/** What a base version is called. */
function useBaseName(): (forecast: Forecast) => string {
  const t = useText();
  const clients = useClients();
  return (f) =>
    [
      clients.name(f.client_id),
      t("screen.forecast.version", { version: f.version }),
      t.of(`screen.version_state.${f.status}`, f.status),
      t("screen.staffing.weeks", { weeks: weeksOf(f) }),
    ].join(" · ");
}

function ScenarioList(props: {
  scenarios: Scenario[];
  forecasts: Forecast[];
  chosen: string;
  onChoose: (id: string) => void;
}) {
  const t = useText();
  const clients = useClients();
  const base = (s: Scenario) => props.forecasts.find((f) => f.id === s.forecast_id);
  return (
    <Block flush title={t("screen.scenario.list")}>
      <DataTable<Scenario>
        rowKey="id"
        dataSource={props.scenarios}
        scroll={{ x: "max-content", y: 200 }}
        rowClassName={(s) => (s.id === props.chosen ? "scenario-chosen" : "")}
        columns={[
          {
            title: t("screen.scenario.name"),
            render: (_, s) => (
              <Button type="link" aria-pressed={s.id === props.chosen} onClick={() => props.onChoose(s.id)}>
                {s.name}
              </Button>
            ),
          },
          {
            title: t("screen.shell.client"),
            render: (_, s) => (
              <ClientName name={clients.name(s.client_id)} color={clients.color(s.client_id)} />
            ),
          },
          {
            title: t("screen.scenario.base"),
            render: (_, s) => {
              const f = base(s);
              return (
                f &&
                `${t("screen.forecast.version", { version: f.version })} · ${t("screen.staffing.weeks", { weeks: weeksOf(f) })}`
              );
            },
          },
          {
            title: t("screen.scenario.changes"),
            align: "right",
            render: (_, s) => s.adjustments?.length ?? 0,
          },
          { title: t("screen.scenario.note"), render: (_, s) => s.note },
          {
            title: t("screen.scenario.made"),
            render: (_, s) => dateLabel(s.created_at, base(s)?.zone ?? "UTC"),
          },
        ]}
      />
    </Block>
  );
}

function ScenarioView(props: {
  scenario: Scenario;
  base: Forecast;
  adding: boolean;
  onAdding: (is: boolean) => void;
  onGone: () => void;
}) {
  const t = useText();
  const session = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const { scenario, base } = props;
  const editable = can(session, "forecasts", "edit");
  const queues = useQuery(queuesQuery(scenario.client_id));
  const path = { id: scenario.id };
  const failed = (cause: unknown) => void message.error(problemText(t, Problem.of(cause)));
  const refresh = () => queries.invalidateQueries({ queryKey: ["scenarios"] });
  const change = useMutation({
    mutationFn: (adjustments: AdjustmentInput[]) =>
      unwrap(
        client.PUT("/api/v1/scenarios/{id}", {
          params: { path },
          headers: { "If-Match": `"v${scenario.edition}"` },
          body: { name: scenario.name, note: scenario.note, adjustments },
        }),
      ),
    onSuccess: refresh,
    onError: failed,
  });
  const promote = useMutation({
    mutationFn: () => unwrap(client.POST("/api/v1/scenarios/{id}/promote", { params: { path } })),
    onSuccess: async (draft) => {
      void message.success(t("screen.scenario.promoted", { version: draft.version }));
      await queries.invalidateQueries({ queryKey: ["forecasts"] });
      await navigate({ to: "/forecast", search: (old) => ({ ...old, version: draft.id }) });
    },
    onError: failed,
  });
  const remove = useMutation({
    mutationFn: () => unwrap(client.DELETE("/api/v1/scenarios/{id}", { params: { path } })),
    onSuccess: () => {
      props.onGone();
      return refresh();
    },
    onError: failed,
  });
  const adjustments = scenario.adjustments ?? [];
  return (
    <>
      <div className="scenario-head">
        <h2>{scenario.name}</h2>
        <Fact name={t("screen.scenario.base")}>
          {t("screen.forecast.version", { version: base.version })} ·{" "}
          {t("screen.staffing.weeks", { weeks: weeksOf(base) })}
        </Fact>
        {editable && (
          <span className="scenario-actions">
            <Button
              danger
              onClick={() =>
                modal.confirm({
                  title: t("screen.scenario.delete"),
                  content: t("screen.scenario.delete_consequence", { name: scenario.name }),
                  okText: t("screen.scenario.delete"),
                  okButtonProps: { danger: true },
                  cancelText: t("screen.action.cancel"),
                  onOk: () => remove.mutateAsync().catch(() => undefined),
                })
              }
            >
              {t("screen.scenario.delete")}
            </Button>
            <Button loading={promote.isPending} onClick={() => promote.mutate()}>
              {t("screen.scenario.promote")}
            </Button>
          </span>
        )}
      </div>
      <Changes
        adjustments={adjustments}
        queues={queues.data ?? []}
        zone={base.zone}
        editable={editable}
        busy={change.isPending}
        onAdd={() => props.onAdding(true)}
        onChange={(next) => change.mutate(next)}
      />
      <Outcome scenario={scenario} queues={queues.data ?? []} />
      {props.adding && queues.data && (
        <RangeDialog
          forecast={base}
          queues={queues.data}
          queueId={undefined}
          title={t("screen.scenario.add_title", { name: scenario.name })}
          okText={t("screen.scenario.add")}
          onClose={() => props.onAdding(false)}
          onApply={(added) => change.mutate([...adjustments.map(stays), added])}
        />
      )}
    </>
  );
}

function NewScenario(props: { bases: Forecast[]; onClose: () => void; onMade: (made: Scenario) => void }) {
  const t = useText();
  const queries = useQueryClient();
  const baseName = useBaseName();
  const [name, setName] = useState("");
  const [note, setNote] = useState("");
  const [base, setBase] = useState(props.bases.find((f) => f.status !== "draft")?.id ?? props.bases[0]?.id);
  const make = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/scenarios", {
          body: { name: name.trim(), forecast_id: base ?? "", ...(note.trim() && { note: note.trim() }) },
        }),
      ),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["scenarios"] });
      props.onMade(made);
    },
  });
  return (
    <Modal
      open
      title={t("screen.scenario.new")}
      okText={t("screen.scenario.create")}
      cancelText={t("screen.action.cancel")}
      okButtonProps={{ disabled: name.trim() === "" || !base, loading: make.isPending }}
      onCancel={props.onClose}
      onOk={() => make.mutate()}
    >
      <label className="field">
        <span>{t("screen.scenario.name")}</span>
        <Input
          autoFocus
          maxLength={200}
          value={name}
          placeholder={t("screen.scenario.name_example")}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <label className="field">
        <span>{t("screen.scenario.base")}</span>
        <Select
          value={base}
          onChange={setBase}
          options={props.bases.map((f) => ({ value: f.id, label: baseName(f) }))}
        />
      </label>
      <label className="field">
        <span>{t("screen.scenario.note")}</span>
        <Input.TextArea value={note} maxLength={2000} onChange={(event) => setNote(event.target.value)} />
      </label>
      {make.isError && <ProblemView problem={make.error} />}
    </Modal>
  );
}
