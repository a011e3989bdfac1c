// Amounts as people type them, with a comma or a point before the decimals: exactly, or not at all. A mark that may be one
// between thousands is refused: whoever guesses wrong stores a price a thousandfold.

import { decimals } from "./currency.js";
import { language, t } from "./i18n.js";

const PRICE_MINOR_MAX = 100_000_000; // as the API has it, and the next one
const POWER_W_MAX = 5_000_000;

/** "1,89" of a currency -> `{value: 189}`, in its minor unit; or `{flaw}`, in words. */
export const readPrice = (text, currency) => read(text, decimals(currency), { most: PRICE_MINOR_MAX, example: 189 });

/** "7.4" kW -> `{value: 7400}`, in W; or `{flaw}`. Two decimals are enough: three may be the thousands of 1.000. */
export function readPower(text) {
  const { value, flaw } = read(text, 2, { least: 1, most: POWER_W_MAX / 10, example: 740 });
  return flaw === undefined ? { value: value * 10 } : { flaw };
}

/** "7.204" kWh -> `{value: 7204}`, in Wh; or `{flaw}`. */
export const readEnergy = (text) => read(text, 3, { example: 7200 });

/** "-12,97" -> `{value: -12.97}`, in degrees of at most `most`; nothing -> null; or `{flaw}`. */
export function readDegrees(text, most) {
  const typed = text.trim();
  if (typed === "") return { value: null };
  const value = /^[-−]?\d{1,3}(?:[.,]\d{1,15})?$/.test(typed) ? Number(typed.replace(",", ".").replace("−", "-")) : NaN;
  if (Number.isNaN(value)) return { flaw: t("amount.unreadable", { typed, example: write(-1297, 2) }) };
  return Math.abs(value) <= most ? { value } : { flaw: t("amount.range", { typed, least: -most, most }) };
}

/** 189 of a currency -> "1.89", as it is typed in the language of the page. */
export const writePrice = (minor, currency) => write(minor, decimals(currency));

function read(text, digits, { least = 0, most = Infinity, example }) {
  const typed = text.trim();
  if (typed === "") return { flaw: t("amount.empty", { example: write(example, digits) }) };
  const [, whole, rest = ""] = /^(\d{1,9})(?:[.,](\d{1,9}))?$/.exec(typed) ?? [];
  if (whole === undefined) return { flaw: t("amount.unreadable", { typed, example: write(example, digits) }) };
  if (rest.length > digits) return { flaw: t("amount.digits", { typed, n: digits }) };
  const value = Number(whole + rest.padEnd(digits, "0"));
  if (least <= value && value <= most) return { value };
  return { flaw: t("amount.range", { typed, least: write(least, digits), most: write(most, digits) }) };
}

function write(scaled, digits) {
  const format = new Intl.NumberFormat(language(), { useGrouping: false, minimumFractionDigits: digits, maximumFractionDigits: digits });
  return format.format(scaled / 10 ** digits);
}
