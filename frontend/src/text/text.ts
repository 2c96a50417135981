import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import type en from "../../../config/locales/en.json";
import { currentLocale, type Locale, rememberLocale } from "./locale";

/** Every message has a key in both catalogues; the compiler knows them. */
export type MessageKey = keyof typeof en;
export type Params = Record<string, string | number>;

/** Looks a message up and fills in `{name}` parameters. */
export interface Text {
  (key: MessageKey, params?: Params): string;
  /** For keys that come from data: the message, or `fallback` when the catalogue has none. */
  of(key: string, fallback: string, params?: Params): string;
}

/** The catalogue in two parts: what a first visit can show, and the rest. */
type Part = "first" | "rest";
type Load = () => Promise<{ default: Record<string, string> }>;

const load: Record<Locale, Record<Part, Load>> = {
  "zh-CN": {
    first: () => import("virtual:texts/zh-CN/first"),
    rest: () => import("virtual:texts/zh-CN/rest"),
  },
  en: { first: () => import("virtual:texts/en/first"), rest: () => import("virtual:texts/en/rest") },
};

const complete = new Map<Locale, Promise<void>>();
let wantsAll = false;

async function add(locale: Locale, part: Part): Promise<void> {
  i18next.addResourceBundle(locale, "translation", (await load[locale][part]()).default, true, true);
}

/** Starts the texts of a first visit in the current language. */
export async function startText(): Promise<void> {
  const locale = currentLocale();
  document.documentElement.lang = locale;
  const first = load[locale].first();
  await i18next.use(initReactI18next).init({
    lng: locale,
    resources: { [locale]: { translation: (await first).default } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false, prefix: "{", suffix: "}" },
    returnNull: false,
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0]);
  complete.clear();
}

/** Fetches all texts of the language in force: what every page but the first needs before it is shown. */
export function allTexts(locale = currentLocale()): Promise<void> {
  wantsAll = true;
  let fetched = complete.get(locale);
  if (!fetched) {
    fetched = add(locale, "rest");
    complete.set(locale, fetched);
    fetched.catch(() => complete.delete(locale)); // a lost connection is worth another try
  }
  return fetched;
}

/** Switches the language of every page at once. */
export async function changeLocale(locale: Locale): Promise<void> {
  const parts = [];
  if (!i18next.hasResourceBundle(locale, "translation")) parts.push(add(locale, "first"));
  if (wantsAll) parts.push(allTexts(locale));
  await Promise.all(parts);
  rememberLocale(locale);
  await i18next.changeLanguage(locale);
}

function textOf(t: (key: string, params?: Params) => string): Text {
  const text = ((key: MessageKey, params?: Params) => t(key, params)) as Text;
  text.of = (key, fallback, params) => (i18next.exists(key) ? t(key, params) : fallback);
  return text;
}

/** The messages of the language in force; the component renders again when it changes. */
export function useText(): Text {
  const { t } = useTranslation();
  return textOf(t as (key: string, params?: Params) => string);
}

/** The messages outside components. */
export function text(): Text {
  return textOf(i18next.t as unknown as (key: string, params?: Params) => string);
}
