// Points one below the other, the nearest or the free ones first.

import { h, keyed, put, say, set } from "./dom.js";
import { connectorName, filters } from "./filters.js";
import { clock, day, distance, money, power } from "./format.js";
import { t } from "./i18n.js";
import { now } from "./now.js";
import { badge, shown, STATUSES } from "./status.js";

const SHOWN_FIRST = 60;

/** Return `{element, show}`; `show(points, selectedId)`. */
export function pointList() {
  let most = SHOWN_FIRST;
  let last = [[], null];
  const items = h("ul", { class: "points" });
  const empty = h("p", { class: "empty", hidden: true }, t("list.empty"));
  const more = h("button", { type: "button", class: "link wide", hidden: true, onclick: () => show(...last, (most += 200)) }, t("list.more"));
  const element = h("div", { class: "list" }, items, empty, more);

  function show(points, selected) {
    last = [points, selected];
    const ordered = [...points].sort(order);
    empty.hidden = ordered.length > 0;
    more.hidden = ordered.length <= most;
    keyed(items, ordered.slice(0, most), ({ id }) => id, row, (element, point) => fill(element, point, selected));
  }
  return { element, show };
}

function row(point) {
  const link = h("a", { class: "row", href: `#/point/${point.id}` }, h("span", { class: "sign" }), h("span", { class: "what" }, h("strong", {}), h("small", {})), h("span", { class: "when" }, h("span", {}, h("b", {}), h("small", {}, " / kWh")), h("small", {})));
  return h("li", {}, link);
}

function fill(element, point, selected) {
  const link = element.firstChild;
  const [sign, what, when] = link.children;
  set(link, "aria-current", point.id === selected ? "true" : null);
  link.classList.toggle("stale", point.stale);
  if (sign.dataset.status !== point.status) {
    sign.dataset.status = point.status;
    put(sign, badge(point.status));
  }
  say(what.firstChild, point.name);
  const place = filters.near === null || point.location.lat === null ? point.node : distance(metresTo(filters.near, point.location));
  say(what.lastChild, [power(point.max_power_w), connectorName(point), place].join(" · "));
  say(when.firstChild.firstChild, money(point.price_per_kwh_minor, point.currency));
  say(when.lastChild, availability(point));
  when.lastChild.className = shown(point.status);
}

/** A word or two on when a point can be had. */
export function availability(point) {
  const status = shown(point.status);
  const fromMs = point.next_free?.start_ms ?? null;
  if ((status === "RESERVED" || status === "CHARGING") && fromMs !== null && fromMs > now()) {
    return t("list.free_from", { when: day(fromMs, now()) === t("today") ? clock(fromMs) : `${day(fromMs, now())} ${clock(fromMs)}` });
  }
  return t(`status.${status}`);
}

function order(a, b) {
  if (filters.near !== null) return far(a) - far(b);
  return STATUSES.indexOf(shown(a.status)) - STATUSES.indexOf(shown(b.status)) || a.name.localeCompare(b.name, undefined, { numeric: true });
}

const far = (point) => (point.location.lat === null ? Infinity : metresTo(filters.near, point.location));

/** Metres between two places (haversine formula). */
export function metresTo(from, to) {
  const rad = Math.PI / 180;
  const north = ((to.lat - from.lat) * rad) / 2;
  const east = ((to.lon - from.lon) * rad) / 2;
  const chord = Math.sin(north) ** 2 + Math.cos(from.lat * rad) * Math.cos(to.lat * rad) * Math.sin(east) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.min(1, Math.sqrt(chord)));
}
