/**
 * Splits the message catalogues for the first visit: what the shell, the sign-in
 * and the home page can show comes first, everything else with the first page
 * that is opened. What can be shown is read from the sources, so nobody keeps a list.
 *
 * `virtual:texts/<locale>/first` and `virtual:texts/<locale>/rest` are the parts.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const src = join(import.meta.dirname, "../src");
const locales = join(import.meta.dirname, "../../config/locales");

/** Where a first visit begins; their static imports belong to it. */
const ENTRIES = ["main.tsx", "app/shell.tsx", "pages/home/home.tsx", "pages/home/office.tsx"];
const PREFIX = "virtual:texts/";

/** The sources that a first visit runs. */
function firstSources() {
  const seen = new Map();
  const visit = (path) => {
    if (seen.has(path)) return;
    const text = readFileSync(path, "utf8");
    seen.set(path, text);
    for (const [, name] of text.matchAll(/^(?:import|export)[^;]*?from "(\.[^"]+)";/gms)) {
      const base = join(dirname(path), name);
      const file = [`${base}.tsx`, `${base}.ts`].find((candidate) => existsSync(candidate));
      if (file) visit(file);
    }
  };
  for (const entry of ENTRIES) visit(join(src, entry));
  return [...seen.values()].join("\n");
}

/** The two parts of one language's catalogue. */
export function splitCatalogue(locale) {
  const all = JSON.parse(readFileSync(join(locales, `${locale}.json`), "utf8"));
  const text = firstSources();
  const named = new Set([...text.matchAll(/"(screen\.[a-z0-9_.]+)"/g)].map((m) => m[1]));
  const families = [...text.matchAll(/`(screen\.[a-z0-9_.]+)\$\{/g)].map((m) => m[1]);
  families.push(...[...text.matchAll(/kind="([a-z_]+)"/g)].map((m) => `screen.${m[1]}.`));
  const first = {};
  const rest = {};
  for (const [key, message] of Object.entries(all))
    (named.has(key) || families.some((family) => key.startsWith(family)) ? first : rest)[key] = message;
  return { first, rest };
}

/** The Vite plugin that serves the parts. */
export function catalogues() {
  return {
    name: "muster-catalogues",
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}.js` : undefined),
    load(id) {
      const [, locale, part] = /^\0virtual:texts\/([\w-]+)\/(first|rest)\.js$/.exec(id) ?? [];
      if (!locale) return undefined;
      this.addWatchFile(join(locales, `${locale}.json`));
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(splitCatalogue(locale)[part]))});`;
    },
  };
}
