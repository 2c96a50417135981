import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Input, Modal } from "antd";
import { type ReactNode, useState } from "react";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { ClientName } from "../../components/status";
import { Loaded } from "../../components/states";
import { useText } from "../../text/text";
import { Editor } from "./editor";
import { type Lists, useLists } from "./lists";
import { addressOf, isSlug, type Which, whichOf } from "./model";
import { readSetting } from "./setting";
import "./routing.css";

/** How contacts find agents: what holds for all, per client, queue, pool and partner. */
export default function RoutingPage() {
  const { version } = useSearch({ from: "__root__" });
  const which = whichOf(version);
  const lists = useLists();
  const t = useText();
  const setting = useQuery({
    queryKey: ["routing", "setting", which.kind, which.key],
    queryFn: () => readSetting(which),
    staleTime: Infinity,
    gcTime: 0,
  });
  return (
    <div className="routing">
      <Settings lists={lists} which={which} />
      <div>
        <Loaded query={setting}>
          {(found) => (
            <Editor
              key={`${addressOf(which)} ${found.version}`}
              which={which}
              title={titleOf(which, lists, t("screen.routing.all_clients"))}
              setting={found}
              lists={lists}
            />
          )}
        </Loaded>
      </div>
    </div>
  );
}

/** A setting by the name that people know. */
function titleOf({ kind, key }: Which, lists: Lists, all: string): string {
  switch (kind) {
    case "provider":
      return all;
    case "client":
      return lists.clients.find((c) => c.id === key)?.name ?? "";
    case "queue":
      return lists.clients
        .flatMap((c) => c.queues.filter((q) => q.id === key).map((q) => `${c.name} · ${q.name}`))
        .join("");
    case "pool":
      return lists.pools.find((p) => p.key === key)?.policy.name ?? key;
    case "partner":
      return lists.partners.find((p) => p.key === key)?.policy.name ?? key;
  }
}

/** What can be set, by whose it is. */
function Settings({ lists, which }: { lists: Lists; which: Which }) {
  const t = useText();
  const session = useSession();
  const navigate = useNavigate();
  const [adding, setAdding] = useState<"pool" | "partner">();
  const edits = can(session, "clients", "edit");
  const go = (to: Which) =>
    void navigate({ to: ".", search: (old: object) => ({ ...old, version: addressOf(to) }) });
  const entry = (to: Which, label: ReactNode) => (
    <li key={addressOf(to)}>
      <button
        type="button"
        className="plain"
        aria-current={addressOf(to) === addressOf(which) ? "page" : undefined}
        onClick={() => go(to)}
      >
        {label}
      </button>
    </li>
  );
  const add = (kind: "pool" | "partner") =>
    edits && (
      <Button size="small" type="text" onClick={() => setAdding(kind)}>
        {t(`screen.routing.add_${kind}`)}
      </Button>
    );
  return (
    <nav className="routing-nav" aria-label={t("screen.page.routing")}>
      <ul>{entry({ kind: "provider", key: "provider" }, t("screen.routing.all_clients"))}</ul>
      {lists.clients.map((c) => (
        <section key={c.id}>
          <h2>
            <ClientName name={c.name} color={c.colour} />
          </h2>
          <ul>
            {entry({ kind: "client", key: c.id }, t("screen.routing.client_weights"))}
            {c.queues.map((q) => entry({ kind: "queue", key: q.id }, q.name))}
          </ul>
        </section>
      ))}
      <section>
        <h2>
          {t("screen.routing.pools")} {add("pool")}
        </h2>
        <ul>
          {!lists.pools.some((p) => p.key === "shared") &&
            entry({ kind: "pool", key: "shared" }, t("screen.routing.pool_shared"))}
          {lists.pools.map((p) => entry({ kind: "pool", key: p.key }, p.policy.name))}
        </ul>
      </section>
      <section>
        <h2>
          {t("screen.routing.partners")} {add("partner")}
        </h2>
        <ul>{lists.partners.map((p) => entry({ kind: "partner", key: p.key }, p.policy.name))}</ul>
      </section>
      {adding && (
        <AddDialog
          title={t(`screen.routing.add_${adding}`)}
          onClose={() => setAdding(undefined)}
          onAdd={(slug) => {
            setAdding(undefined);
            go({ kind: adding, key: slug });
          }}
        />
      )}
    </nav>
  );
}

/** Asks for the slug of a new pool or partner; the rest is its form. */
function AddDialog(props: { title: string; onClose: () => void; onAdd: (slug: string) => void }) {
  const t = useText();
  const [slug, setSlug] = useState("");
  return (
    <Modal
      open
      title={props.title}
      okText={props.title}
      okButtonProps={{ disabled: !isSlug(slug) }}
      onOk={() => props.onAdd(slug)}
      onCancel={props.onClose}
    >
      <p>
        <label htmlFor="routing-slug">{t("screen.routing.slug")}</label>
      </p>
      <Input
        id="routing-slug"
        autoFocus
        maxLength={63}
        value={slug}
        onChange={(e) => setSlug(e.target.value.trim())}
        onPressEnter={() => isSlug(slug) && props.onAdd(slug)}
      />
      <p className="soft">{t("screen.routing.slug_help")}</p>
    </Modal>
  );
}
