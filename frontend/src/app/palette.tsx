import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Modal } from "antd";
import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { peopleQuery } from "../api/queries";
import { useText } from "../text/text";
import { useFrame } from "./frame";
import { pagesFor } from "./pages";
import { can, ownClient } from "./rights";
import { useSession } from "./session";

interface Hit {
  key: string;
  kind: string;
  label: string;
  run: () => void;
}

/** Ctrl+K: pages, clients and people by a few letters. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const t = useText();
  const session = useSession();
  const { clients, setClient } = useFrame();
  const navigate = useNavigate();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const listId = useId();
  const wanted = query.trim().toLowerCase();

  const people = useQuery({
    ...peopleQuery,
    enabled: wanted.length > 1 && can(session, "people", "view"),
  });

  const hits = useMemo<Hit[]>(() => {
    const match = (text: string) => text.toLowerCase().includes(wanted);
    const go = (to: string, search?: Record<string, string>) => () => void navigate({ to, search });
    return [
      ...pagesFor(session)
        .map((page) => ({
          key: page.path,
          kind: t("screen.palette.page"),
          label: t(page.title),
          run: go(page.path),
        }))
        .filter((hit) => match(hit.label)),
      ...(ownClient(session) ? [] : clients)
        .filter((c) => match(c.name) || match(c.slug))
        .map((c) => ({
          key: c.id,
          kind: t("screen.palette.client"),
          label: c.name,
          run: () => setClient(c.id),
        })),
      ...(wanted.length > 1 ? (people.data ?? []) : [])
        .map((person) => ({
          key: person.id,
          kind: t("screen.palette.person"),
          label: `${person.number} ${person.name || person.label}`,
          run: go("/people", { q: person.number }),
        }))
        .filter((hit) => match(hit.label))
        .slice(0, 8),
    ];
  }, [wanted, session, clients, people.data, navigate, setClient, t]);

  const active = Math.min(at, hits.length - 1);
  const choose = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    hit.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(active + 1, hits.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(active - 1, 0));
    else if (event.key === "Enter") choose(hits[active]);
    else return;
    event.preventDefault();
  };

  return (
    <Modal
      open
      footer={null}
      closable={false}
      onCancel={onClose}
      width={520}
      className="palette"
      title={<span className="visually-hidden">{t("screen.shell.search")}</span>}
    >
      <input
        autoFocus
        className="palette-input"
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={hits[active] ? `${listId}-${active}` : undefined}
        aria-label={t("screen.shell.search")}
        placeholder={t("screen.palette.placeholder")}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul className="palette-list" role="listbox" id={listId} aria-label={t("screen.palette.results")}>
        {hits.map((hit, i) => (
          <li
            key={hit.kind + hit.key}
            id={`${listId}-${i}`}
            role="option"
            aria-selected={i === active}
            onMouseMove={() => setAt(i)}
            onClick={() => choose(hit)}
          >
            <span>{hit.label}</span>
            <span className="soft">{hit.kind}</span>
          </li>
        ))}
      </ul>
      {hits.length === 0 && <p className="soft">{t("screen.palette.nothing", { query })}</p>}
    </Modal>
  );
}
