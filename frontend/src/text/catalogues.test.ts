import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import en from "../../../config/locales/en.json";
import zh from "../../../config/locales/zh-CN.json";
import { splitCatalogue } from "../../scripts/catalogues.mjs";

const parameters = (text: string) => [...new Set(text.match(/\{[a-z][a-zA-Z0-9_]*\}/g) ?? [])].sort();
const english: Record<string, string> = en;
const chinese: Record<string, string> = zh;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.includes(".test.") ? [readFileSync(path, "utf8")] : [];
  });
}

describe("message catalogues", () => {
  it("have the same keys", () => {
    expect(Object.keys(chinese).sort()).toEqual(Object.keys(english).sort());
  });

  it("have the same parameters in every message", () => {
    for (const key of Object.keys(english))
      expect([key, parameters(chinese[key]!)]).toEqual([key, parameters(english[key]!)]);
  });

  it("are written in Chinese characters where English has words", () => {
    const same = Object.keys(english).filter(
      (key) =>
        key.startsWith("screen.") &&
        !/[\u4e00-\u9fff]/.test(chinese[key]!) &&
        /[a-z]{2}/i.test(english[key]!.replace(/\{\w+\}/g, "")) &&
        !/^(WAPE|PNG|CSV|AHT|AHT \(m:ss\))$/.test(english[key]!),
    );
    expect(same).toEqual([]);
  });

  it("split into what a first visit shows and the rest, and lose nothing", () => {
    for (const [locale, all] of [
      ["en", english],
      ["zh-CN", chinese],
    ] as const) {
      const { first, rest } = splitCatalogue(locale);
      expect({ ...rest, ...first }).toEqual(all);
      expect(Object.keys(first).length + Object.keys(rest).length).toBe(Object.keys(all).length);
      for (const key of [
        "screen.sign_in.title",
        "screen.page.roster",
        "screen.home.hello",
        "screen.did.create_client",
      ])
        expect(Object.keys(first)).toContain(key);
      expect(Object.keys(rest)).toContain("error.http.stale");
    }
  });

  it("hold no message of the screens that no screen can show", () => {
    const all = sources(join(__dirname, "..")).join("\n");
    const families = [...all.matchAll(/`(screen\.[a-z_.]*)\$\{/g)].map((m) => m[1]!);
    families.push(...[...all.matchAll(/kind="([a-z_]+)"/g)].map((m) => `screen.${m[1]!}.`));
    families.push(...["object", "verb"].map((kind) => `screen.${kind}.`));
    const unused = Object.keys(english).filter(
      (key) =>
        key.startsWith("screen.") &&
        !all.includes(`"${key}"`) &&
        !families.some((family) => family !== "screen." && key.startsWith(family)),
    );
    expect(unused).toEqual([]);
  });
});
