// Figures and times as people write them. Wire units in (ms, W, Wh, minor units), text out.

import { decimals } from "./currency.js";
import { language, t } from "./i18n.js";

const made = new Map();

function formatter(kind, options) {
  const key = `${language()} ${kind.name} ${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new kind(language(), options));
  return made.get(key);
}

const number = (value, digits = 0, least = 0) =>
  formatter(Intl.NumberFormat, { maximumFractionDigits: digits, minimumFractionDigits: least }).format(value);

/** 189, "BRL" -> R$ 1.89. A currency that the browser does not take is written as it came. */
export function money(minor, currency) {
  const digits = decimals(currency);
  try {
    const style = { style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: digits, maximumFractionDigits: digits };
    return formatter(Intl.NumberFormat, style).format(minor / 10 ** digits);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    return `${currency ?? ""} ${number(minor / 10 ** digits, digits, digits)}`.trim();
  }
}

/** 22000 -> 22 kW. */
export const power = (watts) => `${number(watts / 1000, 1)} kW`;

/** 7200 -> 7.20 kWh. */
export const energy = (wh) => `${number(wh / 1000, 2, 2)} kWh`;

/** 830 -> 830 m; 4200 -> 4.2 km. */
export const distance = (metres) => (metres < 950 ? `${number(Math.round(metres / 10) * 10)} m` : `${number(metres / 1000, metres < 20000 ? 1 : 0)} km`);

/** 14:30. */
export const clock = (ms) => formatter(Intl.DateTimeFormat, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms);

/** 14:30:05. */
export const clockExact = (ms) =>
  formatter(Intl.DateTimeFormat, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(ms);

/** Today, tomorrow, or a date. */
export function day(ms, nowMs) {
  const days = Math.round((midnight(ms) - midnight(nowMs)) / 86_400_000);
  if (days === 0) return t("today");
  if (days === 1) return t("tomorrow");
  if (days === -1) return t("yesterday");
  return formatter(Intl.DateTimeFormat, { weekday: "short", day: "numeric", month: "short" }).format(ms);
}

/** A weekday in short and the day of the month, for buttons. */
export const weekday = (ms) => formatter(Intl.DateTimeFormat, { weekday: "short" }).format(ms).replace(".", "");
export const dayOfMonth = (ms) => formatter(Intl.DateTimeFormat, { day: "numeric" }).format(ms);

/** Today 14:30 – 15:30. */
export function span(startMs, endMs, nowMs) {
  const last = midnight(endMs) === midnight(startMs) || endMs === midnight(startMs, 1) ? clock(endMs) : `${day(endMs, nowMs)} ${clock(endMs)}`;
  return `${day(startMs, nowMs)} ${clock(startMs)} – ${last}`;
}

/** 5400000 -> 1 h 30 min. */
export function duration(ms) {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return t("days", { n: Math.round(hours / 24) });
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** 4000 -> 0:04; for what counts down. */
export function countdown(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  return `${Math.floor(seconds / 3600)}:${parts.join(":")}`;
}

/** 3 s ago, 5 min ago. */
export function ago(ms) {
  if (ms < 60_000) return t("ago", { span: `${Math.max(0, Math.round(ms / 1000))} s` });
  return t("ago", { span: duration(ms) });
}

/** The beginning of a local day, `days` later. */
export function midnight(ms, days = 0) {
  const date = new Date(ms);
  date.setHours(0, 0, 0, 0);
  date.setDate(date.getDate() + days);
  return date.getTime();
}
