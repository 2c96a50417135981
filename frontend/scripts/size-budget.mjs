/**
 * Fails when a first visit loads more than the budget: the page's own scripts
 * and styles, everything they import statically, the shell, the home page and
 * the larger of the two message catalogues, all compressed with gzip.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 450;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** What a first visit fetches beyond the entry. */
const FIRST_VISIT = [
  "index.html",
  "src/app/shell.tsx",
  "src/pages/home/home.tsx",
  "../config/locales/en.json",
];

const files = new Set();
function collect(key) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`size budget: no chunk ${key} in the manifest`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const next of chunk.imports ?? []) collect(next);
}
FIRST_VISIT.forEach(collect);

const sizes = [...files]
  .map((file) => ({ file, kb: gzipSync(readFileSync(new URL(file, dist))).length / 1000 }))
  .sort((a, b) => b.kb - a.kb);
const total = sizes.reduce((sum, entry) => sum + entry.kb, 0);
for (const { file, kb } of sizes.slice(0, 8)) console.log(`${kb.toFixed(1).padStart(7)} kB  ${file}`);
console.log(`${total.toFixed(1).padStart(7)} kB  first load, of ${BUDGET_KB} kB allowed`);
if (total > BUDGET_KB) process.exit(1);
