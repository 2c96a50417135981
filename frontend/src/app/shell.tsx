import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { allTexts, useText } from "../text/text";
import { FrameProvider } from "./frame";
import { type PageEntry, type PageGroup, pagesFor } from "./pages";
import { isAgent } from "./rights";
import { useSession } from "./session";
import { TopBar } from "./top-bar";
import "./shell.css";

const Palette = lazy(async () => {
  const [palette] = await Promise.all([import("./palette"), allTexts()]);
  return palette;
});

/** The frame around every page: rail by right, top bar, page. */
export function Shell() {
  const session = useSession();
  const agent = isAgent(session);
  const [searching, setSearching] = useState(false);

  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setSearching(true);
      }
    };
    addEventListener("keydown", open);
    return () => removeEventListener("keydown", open);
  }, []);

  return (
    <FrameProvider>
      <SkipLink />
      <div className={agent ? "shell shell-agent" : "shell"}>
        <Rail pages={pagesFor(session)} />
        <TopBar onSearch={() => setSearching(true)} />
        <main className="page" id="page" tabIndex={0}>
          <Outlet />
        </main>
      </div>
      {searching && (
        <Suspense fallback={null}>
          <Palette onClose={() => setSearching(false)} />
        </Suspense>
      )}
    </FrameProvider>
  );
}

function SkipLink() {
  const t = useText();
  return (
    <a className="skip-link" href="#page">
      {t("screen.shell.skip")}
    </a>
  );
}

const groups: PageGroup[] = ["today", "plan", "floor", "clients", "money", "admin"];

function Rail({ pages }: { pages: PageEntry[] }) {
  const t = useText();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const isHere = (page: PageEntry) =>
    page.path === "/" ? path === "/" : path === page.path || path.startsWith(`${page.path}/`);
  return (
    <nav className="rail" aria-label={t("screen.shell.pages")}>
      <Link to="/" className="rail-mark" aria-label="muster">
        muster
      </Link>
      {groups.map((group) => {
        const entries = pages.filter((page) => page.group === group);
        if (entries.length === 0) return null;
        return (
          <section key={group} aria-label={t(`screen.group.${group}`)}>
            <h2 aria-hidden>{t(`screen.group.${group}`)}</h2>
            <ul>
              {entries.map((page) => (
                <li key={page.path}>
                  <Link to={page.path} aria-current={isHere(page) ? "page" : undefined}>
                    <page.icon aria-hidden />
                    <span>{t(page.title)}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </nav>
  );
}
