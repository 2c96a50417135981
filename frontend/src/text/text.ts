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

const load: Record<Locale, () => Promise<{ default: Record<string, string> }>> = {
  "zh-CN": () => import("../../../config/locales/zh-CN.json"),
  en: () => import("../../../config/locales/en.json"),
};

/** Starts the texts in the current language; the other language is fetched when chosen. */
export async function startText(): Promise<void> {
  const locale = currentLocale();
  document.documentElement.lang = locale;
  await i18next.use(initReactI18next).init({
    lng: locale,
    resources: { [locale]: { translation: (await load[locale]()).default } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false, prefix: "{", suffix: "}" },
    returnNull: false,
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0]);
}

/** Switches the language of every page at once. */
export async function changeLocale(locale: Locale): Promise<void> {
  if (!i18next.hasResourceBundle(locale, "translation")) {
    i18next.addResourceBundle(locale, "translation", (await load[locale]()).default);
  }
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
