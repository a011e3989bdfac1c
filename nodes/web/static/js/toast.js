// A line that says what was done, and goes.

import { h } from "./dom.js";

const STAYS_MS = 6_000;
const MOST = 3;

let place = null;

/** Have a place for toasts in the page. */
export function toasts() {
  place = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
  return place;
}

/** Say something; `kind` is `good` or `bad`. */
export function toast(text, kind = "good") {
  const line = h("p", { class: `toast ${kind}` }, text);
  place.append(line);
  while (place.children.length > MOST) place.firstChild.remove();
  setTimeout(() => line.remove(), STAYS_MS);
}
