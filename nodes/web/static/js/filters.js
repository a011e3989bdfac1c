// Which points are wanted, and the controls that say so.

import { h, set } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { shown, STATUSES } from "./status.js";

/** What is wanted; empty: no matter. Lives as long as the page, so that leaving a view loses nothing. */
export const filters = { text: "", free: false, status: "", connector: "", node: "", power: "", isOpen: false, near: null };

const POWERS_KW = [7, 11, 22, 50, 100, 150, 350];
const CONNECTORS = { IEC_62196_T2: "Type 2", IEC_62196_T2_COMBO: "CCS 2", IEC_62196_T1: "Type 1", IEC_62196_T1_COMBO: "CCS 1", CHADEMO: "CHAdeMO", GBT_AC: "GB/T AC", GBT_DC: "GB/T DC", SAE_J3400: "NACS", MCS: "MCS" };

/** All connectors, as the API names them. */
export const CONNECTOR_IDS = Object.keys(CONNECTORS);

/** A connector's name as people say it. */
export const connectorName = (point) => CONNECTORS[point.connector] ?? point.connector_label ?? t("connector.unknown");

/** Whether a point is wanted. */
export function isWanted(point) {
  const { text, free, status, connector, node, power } = filters;
  return (
    (!free || point.status === "AVAILABLE") &&
    (status === "" || shown(point.status) === status) &&
    (connector === "" || point.connector === connector) &&
    (node === "" || point.node === node) &&
    (power === "" || point.max_power_w >= Number(power) * 1000) &&
    (text === "" || matches(point, text))
  );
}

/** Whether a point's words hold all of those that were typed, accents aside. */
export function matches(point, text) {
  const words = plain(`${point.name} ${point.location.address ?? ""} ${point.id} ${connectorName(point)}`);
  return plain(text).split(/\s+/).every((word) => words.includes(word));
}

/** How many filters are on, the text left out. */
export const filterCount = () => ["status", "connector", "node", "power"].filter((name) => filters[name] !== "").length;

/** Return `{element, offer}`: the controls, and what to offer in them, by the points there are. */
export function filterForm({ onChange, onNear }) {
  const apply = (name, value) => {
    filters[name] = value;
    say();
    onChange();
  };
  const text = h("input", { type: "search", id: "search", placeholder: t("filter.text"), "aria-label": t("filter.text"), value: filters.text, autocomplete: "off", oninput: () => apply("text", text.value.trim()) });
  const free = h("button", { type: "button", class: "chip", onclick: () => apply("free", !filters.free) }, t("filter.free"));
  const near = h("button", { type: "button", class: "chip", onclick: onNear }, icon("near"), t("filter.near"));
  const count = h("span", { class: "count" });
  const more = h("button", { type: "button", class: "chip", "aria-controls": "more-filters", onclick: () => apply("isOpen", !filters.isOpen) }, icon("filter"), t("filter.more"), count);
  const selects = {
    status: choice("status", STATUSES.map((status) => [status, t(`status.${status}`)])),
    connector: choice("connector", []),
    power: choice("power", POWERS_KW.map((kw) => [String(kw), t("filter.least", { kw })])),
    node: choice("node", []),
  };
  const reset = h("button", { type: "button", class: "link", onclick: clear }, t("filter.reset"));
  const panel = h("div", { id: "more-filters", class: "more" }, Object.values(selects).map(({ element }) => element), reset);
  const element = h("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() }, h("div", { class: "search" }, icon("search"), text), h("div", { class: "chips" }, free, near, more), panel);

  function choice(name, options) {
    const select = h("select", { id: `filter-${name}`, onchange: () => apply(name, select.value) });
    const offer = (given) => {
      const now = [["", t("filter.any")], ...given];
      if (select.options.length === now.length && now.every(([value], at) => select.options[at].value === value)) return;
      select.replaceChildren(...now.map(([value, label]) => h("option", { value }, label)));
      select.value = filters[name];
    };
    offer(options);
    return { element: h("label", {}, h("span", {}, t(`filter.${name}`)), select), select, offer };
  }

  function clear() {
    Object.assign(filters, { text: "", free: false, status: "", connector: "", node: "", power: "" });
    text.value = "";
    for (const { select } of Object.values(selects)) select.value = "";
    say();
    onChange();
  }

  function say() {
    set(free, "aria-pressed", String(filters.free));
    set(near, "aria-pressed", String(filters.near !== null));
    set(more, "aria-expanded", String(filters.isOpen));
    panel.hidden = !filters.isOpen;
    count.textContent = filterCount() === 0 ? "" : String(filterCount());
  }

  say();
  return {
    element,
    say,
    offer(points) {
      const connectors = CONNECTOR_IDS.filter((id) => points.some((point) => point.connector === id));
      selects.connector.offer(connectors.map((id) => [id, CONNECTORS[id]]));
      selects.node.offer([...new Set(points.map(({ node }) => node))].sort().map((node) => [node, node]));
    },
  };
}

function plain(text) {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}
