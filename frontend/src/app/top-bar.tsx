import { DownOutlined, LeftOutlined, RightOutlined, SearchOutlined } from "@ant-design/icons";
import { App, Button, Dropdown, Modal, Select } from "antd";
import { useState } from "react";
import { addDays, addMonths, dayLabel, isoWeek, monthLabel, zoneLabel } from "../format/time";
import { useText } from "../text/text";
import { useFrame, useZone } from "./frame";
import { JobsButton } from "./jobs";
import { LanguageSwitch } from "./language-switch";
import { PasswordForm } from "./password-form";
import { isAgent } from "./rights";
import { useSession, useSignOut } from "./session";

/** Scope, period and zone on the left; search, jobs, language and the reader on the right. */
export function TopBar({ onSearch }: { onSearch: () => void }) {
  const t = useText();
  const session = useSession();
  const agent = isAgent(session);
  return (
    <header className="top-bar">
      {!agent && <ScopeSwitch />}
      <PeriodStepper />
      <ZoneInForce />
      <span className="top-bar-space" />
      {!agent && (
        <button type="button" className="plain top-bar-search" onClick={onSearch}>
          <SearchOutlined aria-hidden /> {t("screen.shell.search")} <kbd>Ctrl K</kbd>
        </button>
      )}
      {!agent && <JobsButton />}
      <LanguageSwitch />
      <Me />
    </header>
  );
}

/** One client, or all of them. A client's own people have no choice and see none. */
function ScopeSwitch() {
  const t = useText();
  const { clients, clientId, setClient } = useFrame();
  if (clients.length < 2) return <strong className="top-bar-scope">{clients[0]?.name}</strong>;
  return (
    <Select
      aria-label={t("screen.shell.scope")}
      className="top-bar-select"
      variant="filled"
      popupMatchSelectWidth={false}
      value={clientId ?? ""}
      onChange={(id: string) => setClient(id || undefined)}
      options={[
        { value: "", label: t("screen.shell.all_clients") },
        ...clients.map((client) => ({ value: client.id, label: client.name })),
      ]}
    />
  );
}

/** Steps through weeks or months, whichever the page is about. */
function PeriodStepper() {
  const t = useText();
  const { page, period, setPeriod } = useFrame();
  if (page.granularity === "none" || !period) return null;
  const weekly = page.granularity === "week";
  const step = (by: number) => setPeriod(weekly ? addDays(period, 7 * by) : addMonths(period, by));
  return (
    <div className="period" role="group" aria-label={t("screen.shell.period")}>
      <Button
        type="text"
        icon={<LeftOutlined />}
        aria-label={t(weekly ? "screen.shell.week_before" : "screen.shell.month_before")}
        onClick={() => step(-1)}
      />
      <span aria-live="polite">
        {weekly
          ? t("screen.shell.week", { week: isoWeek(period), from: day(period), to: day(addDays(period, 6)) })
          : monthLabel(period)}
      </span>
      <Button
        type="text"
        icon={<RightOutlined />}
        aria-label={t(weekly ? "screen.shell.week_after" : "screen.shell.month_after")}
        onClick={() => step(1)}
      />
    </div>
  );
}

const day = (date: string) => dayLabel(`${date}T00:00:00Z`, "UTC");

function ZoneInForce() {
  const t = useText();
  const zone = useZone();
  return (
    <span className="top-bar-zone" title={t("screen.shell.zone")}>
      {zoneLabel(zone, Date.now())}
    </span>
  );
}

function Me() {
  const t = useText();
  const { user, provider } = useSession();
  const signOut = useSignOut();
  const { message } = App.useApp();
  const [changing, setChanging] = useState(false);
  return (
    <>
      <Dropdown
        trigger={["click"]}
        menu={{
          items: [
            {
              key: "who",
              disabled: true,
              label: <span className="soft">{`${user.login} · ${provider}`}</span>,
            },
            { type: "divider" },
            { key: "password", label: t("screen.password.submit") },
            { key: "out", label: t("screen.shell.sign_out") },
          ],
          onClick: ({ key }) => {
            if (key === "out") void signOut();
            if (key === "password") setChanging(true);
          },
        }}
      >
        <button type="button" className="plain top-bar-me">
          <span className="visually-hidden">{t("screen.shell.me")}</span>
          <span className="top-bar-initial" aria-hidden>
            {user.display.slice(0, 1).toUpperCase()}
          </span>
          <span className="top-bar-name">{user.display}</span>
          <DownOutlined aria-hidden />
        </button>
      </Dropdown>
      <Modal
        open={changing}
        onCancel={() => setChanging(false)}
        footer={null}
        destroyOnHidden
        width={400}
        title={<span id="password-title">{t("screen.password.submit")}</span>}
      >
        <PasswordForm
          titleId="password-title"
          changed={() => {
            setChanging(false);
            void message.success(t("screen.password.changed"));
          }}
        />
      </Modal>
    </>
  );
}
