/** The languages that muster speaks. */
export const LOCALES = ["zh-CN", "en"] as const;
export type Locale = (typeof LOCALES)[number];

const KEY = "muster.locale";

/** The closest language we speak to a BCP 47 tag; English for anything else. */
export function nearestLocale(tag: string | undefined): Locale {
  return tag?.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

let current: Locale = nearestLocale(
  typeof localStorage === "undefined" ? undefined : (localStorage.getItem(KEY) ?? navigator.language),
);

export function currentLocale(): Locale {
  return current;
}

/** Remembers the chosen language on this device. */
export function rememberLocale(locale: Locale): void {
  current = locale;
  localStorage.setItem(KEY, locale);
  document.documentElement.lang = locale;
}

/** Whether somebody chose a language on this device. */
export function localeChosen(): boolean {
  return localStorage.getItem(KEY) !== null;
}
