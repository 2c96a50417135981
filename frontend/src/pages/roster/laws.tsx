import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, Modal, Select } from "antd";
import { useState } from "react";
import { client, unwrap } from "../../api/client";
import type { LabourLaw } from "../../api/models";
import { Problem } from "../../api/problem";
import { labourLawsQuery, presetsQuery, siteLawsQuery, sitesQuery } from "../../api/queries";
import { problemText } from "../../components/states";
import { useText } from "../../text/text";

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 0];

/** Which labour law each site follows from when on, and the laws themselves as data. */
export function Laws(props: { open: boolean; close: () => void; firstDay: string }) {
  const t = useText();
  return (
    <Modal
      open={props.open}
      onCancel={props.close}
      footer={null}
      width={820}
      destroyOnHidden
      title={t("screen.laws.title")}
    >
      <p>△ {t("screen.laws.counsel")}</p>
      <Choices firstDay={props.firstDay} />
      <OwnLaw />
    </Modal>
  );
}

function Choices({ firstDay }: { firstDay: string }) {
  const t = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const sites = useQuery(sitesQuery).data ?? [];
  const laws = useQuery(labourLawsQuery).data ?? [];
  const presets = useQuery(presetsQuery).data ?? [];
  const chosen = useQuery(siteLawsQuery).data ?? [];
  const [site, setSite] = useState<string>();
  const [law, setLaw] = useState<string>();
  const [holidays, setHolidays] = useState("");
  const [rest, setRest] = useState<number[]>([]);
  const [from, setFrom] = useState(firstDay);
  const name = (id: string) => sites.find((s) => s.id === id)?.name ?? "";
  const store = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/site-laws", {
          body: {
            site_id: site!,
            law: law!,
            holidays: holidays || undefined,
            rest_days: rest,
            valid_from: from,
          },
        }),
      ),
    onSuccess: () => {
      void message.success(t("screen.laws.chosen", { site: name(site!), law: law!, day: from }));
      return queries.invalidateQueries({ queryKey: ["site-laws"] });
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  // 4 January 2026 is a Sunday.
  const names = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
    weekday: "short",
    timeZone: "UTC",
  });
  const weekday = (d: number) => names.format(Date.UTC(2026, 0, 4 + d));
  return (
    <section>
      <table className="side-table">
        <thead>
          <tr>
            <th>{t("screen.laws.site")}</th>
            <th>{t("screen.laws.law")}</th>
            <th>{t("screen.laws.holidays")}</th>
            <th>{t("screen.laws.rest_days")}</th>
            <th>{t("screen.laws.valid")}</th>
          </tr>
        </thead>
        <tbody>
          {chosen.map((row) => (
            <tr key={row.id}>
              <td>{name(row.site_id)}</td>
              <td>{row.law}</td>
              <td>{row.holidays || "–"}</td>
              <td>{(row.rest_days ?? []).map(weekday).join(" ") || "–"}</td>
              <td>
                {row.valid_from}–{row.valid_to ?? ""}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {chosen.length === 0 && <p className="soft">{t("screen.laws.none")}</p>}
      <form
        className="laws-form"
        onSubmit={(event) => {
          event.preventDefault();
          store.mutate();
        }}
      >
        <Select
          aria-label={t("screen.laws.site")}
          placeholder={t("screen.laws.site")}
          value={site}
          onChange={setSite}
          options={sites.map((s) => ({ value: s.id, label: s.name }))}
        />
        <Select
          aria-label={t("screen.laws.law")}
          placeholder={t("screen.laws.law")}
          value={law}
          onChange={setLaw}
          options={laws.map((l) => ({ value: l.id, label: `${l.id} · ${l.regime}` }))}
        />
        <Select
          aria-label={t("screen.laws.holidays")}
          value={holidays}
          onChange={setHolidays}
          options={[
            { value: "", label: t("screen.laws.holidays_law") },
            ...presets.map((p) => ({ value: p.id, label: p.name })),
          ]}
        />
        <Select
          mode="multiple"
          aria-label={t("screen.laws.rest_days")}
          placeholder={t("screen.laws.rest_days")}
          value={rest}
          onChange={setRest}
          options={WEEKDAYS.map((d) => ({ value: d, label: weekday(d) }))}
        />
        <input
          type="date"
          aria-label={t("screen.laws.valid")}
          value={from}
          required
          onChange={(event) => setFrom(event.target.value)}
        />
        <Button type="primary" htmlType="submit" disabled={!site || !law} loading={store.isPending}>
          {t("screen.laws.choose")}
        </Button>
      </form>
    </section>
  );
}

/** A law as text, to be changed and put in its place. */
function OwnLaw() {
  const t = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const laws = useQuery(labourLawsQuery).data ?? [];
  const [shown, setShown] = useState<LabourLaw>();
  const [text, setText] = useState("");
  const store = useMutation({
    mutationFn: async () => {
      const body = await unwrap(client.POST("/api/v1/labour-laws/reading", { body: { text } }));
      const known = laws.find((law) => law.id === body.id);
      return unwrap(
        client.PUT("/api/v1/labour-laws/{id}", {
          params: { path: { id: body.id } },
          headers: known ? { "If-Match": `"v${known.edition}"` } : {},
          body,
        }),
      );
    },
    onSuccess: (law) => {
      void message.success(t("screen.laws.stored", { law: law.id, edition: law.edition }));
      return queries.invalidateQueries({ queryKey: ["labour-laws"] });
    },
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
  });
  const show = (id: string) => {
    const law = laws.find((l) => l.id === id);
    setShown(law);
    if (!law) return;
    const statute = Object.entries(law).filter(([name]) => !["own", "edition", "$schema"].includes(name));
    setText(JSON.stringify(Object.fromEntries(statute), undefined, 2));
  };
  return (
    <section className="laws-own">
      <h3>{t("screen.laws.own")}</h3>
      <p className="soft">{t("screen.laws.own_help")}</p>
      <Select
        aria-label={t("screen.laws.show")}
        placeholder={t("screen.laws.show")}
        value={shown?.id}
        onChange={show}
        options={laws.map((l) => ({
          value: l.id,
          label: `${l.id} · ${l.edition > 0 ? t("screen.laws.edition", { edition: l.edition }) : t("screen.laws.shipped")}`,
        }))}
      />
      {shown && <p className="soft">{shown.source}</p>}
      <Input.TextArea
        aria-label={t("screen.laws.text")}
        rows={10}
        value={text}
        spellCheck={false}
        className="laws-text"
        onChange={(event) => setText(event.target.value)}
      />
      <Button disabled={text.trim() === ""} loading={store.isPending} onClick={() => store.mutate()}>
        {t("screen.laws.store")}
      </Button>
    </section>
  );
}
