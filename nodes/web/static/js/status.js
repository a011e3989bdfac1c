// What a point is doing: a colour, a shape and a word each, so that none of them has to be told apart by colour alone.

import { h, s } from "./dom.js";
import { t } from "./i18n.js";

/** Statuses in the order in which they are listed. */
export const STATUSES = ["AVAILABLE", "RESERVED", "CHARGING", "INOPERATIVE", "OUTOFORDER", "UNKNOWN"];

// Within 24 by 24, centred on 0,0; then the mark inside.
const SHAPES = {
  AVAILABLE: ["M0-11a11 11 0 1 0 0 22 11 11 0 0 0 0-22z", "M-5 .3-1.600 3.700 5-3.500"],
  RESERVED: ["M0-13 13 0 0 13-13 0z", "M0-5V.500L3.500 2.500"],
  CHARGING: ["M-6-10.500H6L12 0 6 10.500H-6L-12 0z", "M1.500-6.500-3.500 1H0L-1.500 6.500 3.500-1H0z"],
  INOPERATIVE: ["M-7-10H7q3 0 3 3V7q0 3-3 3H-7q-3 0-3-3V-7q0-3 3-3z", "M-3.500-4v8M3.500-4v8"],
  OUTOFORDER: ["M0-12.500 12.500 9.500H-12.500z", "M0-4.500V2M0 5v.500"],
  UNKNOWN: ["M0-11a11 11 0 1 0 0 22 11 11 0 0 0 0-22z", "M-3-3q0-3 3-3t3 3q0 2-3 3.500M0 5v.500"],
};

/** A status that we know how to show. */
export const shown = (status) => (status in SHAPES ? status : status === "BLOCKED" ? "INOPERATIVE" : "UNKNOWN");

/** The shape of a status, centred on 0,0, for maps. */
export function mark(status) {
  const [outline, inner] = SHAPES[shown(status)];
  return s("g", { class: `mark ${shown(status)}` }, s("path", { class: "outline", d: outline }), s("path", { class: "inner", d: inner }));
}

/** The shape of a status as an image beside text. */
export function badge(status) {
  return s("svg", { viewBox: "-14 -14 28 28", class: "badge", "aria-hidden": "true" }, mark(status));
}

/** The shape and the word. */
export function statusChip(status) {
  return h("span", { class: `status ${shown(status)}` }, badge(status), t(`status.${shown(status)}`));
}
