import { currentLocale } from "../text/locale";

/** What stands where a figure is unknown. */
export const NONE = "–";

/** A count with thousands separators. */
export function count(value: number | string | null | undefined, digits = 0): string {
  if (value === null || value === undefined || value === "") return NONE;
  const number = Number(value);
  if (!Number.isFinite(number)) return NONE;
  return number.toLocaleString(currentLocale(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A share of two counts as a percentage with one decimal; unknown when nothing was counted. */
export function share(numerator: number | string, denominator: number | string): string {
  const d = Number(denominator);
  if (!d) return NONE;
  return percent(Number(numerator) / d);
}

/** A fraction as a percentage with one decimal. */
export function percent(fraction: number | string | null | undefined): string {
  if (fraction === null || fraction === undefined || fraction === "") return NONE;
  const number = Number(fraction);
  return Number.isFinite(number) ? `${(number * 100).toFixed(1)}%` : NONE;
}

/**
 * An amount with its currency code. The server's decimal is shown digit for
 * digit, only grouped: no binary fraction ever stands between ledger and screen.
 */
export function money(amount: string | undefined, currency: string): string {
  if (amount === undefined || amount === "") return NONE;
  return `${currency} ${grouped(amount)}`;
}

/** A decimal string with thousands separators, its digits untouched. */
export function grouped(decimal: string): string {
  const match = /^(-?)(\d+)(\.\d+)?$/.exec(decimal);
  if (!match) return decimal;
  const [, sign, whole = "", fraction = ""] = match;
  return `${sign ? "−" : ""}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${fraction}`;
}
