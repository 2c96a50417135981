/**
 * Fails when a first visit loads more than the budget: the page's own scripts
 * and styles, everything they import statically, the shell, the home page of the
 * reader's role and the texts they show, all compressed with gzip.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 450;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** What a first visit fetches beyond the entry. */
const SHELL = ["index.html", "src/app/shell.tsx", "src/pages/home/home.tsx"];
const ENGLISH = ["virtual:texts/en/first"];
const CHINESE = ["virtual:texts/zh-CN/first", "/zh_CN.js"];
const VISITS = {
  "office, English": [...SHELL, ...ENGLISH, "src/pages/home/office.tsx"],
  "office, Chinese": [...SHELL, ...CHINESE, "src/pages/home/office.tsx"],
  "agent, English": [...SHELL, ...ENGLISH, "virtual:texts/en/rest", "src/pages/agent/day.tsx"],
  "agent, Chinese": [...SHELL, ...CHINESE, "virtual:texts/zh-CN/rest", "src/pages/agent/day.tsx"],
};

const keys = Object.keys(manifest);
function keyOf(name) {
  const key = manifest[name] ? name : keys.find((k) => k.includes(name));
  if (!key) throw new Error(`size budget: no chunk ${name} in the manifest`);
  return key;
}

function collect(files, key) {
  const chunk = manifest[key];
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const next of chunk.imports ?? []) collect(files, next);
}

const kilobytes = (file) => gzipSync(readFileSync(new URL(file, dist))).length / 1000;
let failed = false;
for (const [visit, entries] of Object.entries(VISITS)) {
  const files = new Set();
  for (const entry of entries) collect(files, keyOf(entry));
  const sizes = [...files].map((file) => ({ file, kb: kilobytes(file) })).sort((a, b) => b.kb - a.kb);
  const total = sizes.reduce((sum, entry) => sum + entry.kb, 0);
  console.log(`${total.toFixed(1).padStart(7)} kB  first load, ${visit}, of ${BUDGET_KB} kB allowed`);
  if (process.argv.includes("--files"))
    for (const { file, kb } of sizes.slice(0, 12)) console.log(`${kb.toFixed(1).padStart(12)} kB  ${file}`);
  if (total > BUDGET_KB) failed = true;
}
if (failed) process.exit(1);
