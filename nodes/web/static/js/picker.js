// Choosing one point in a dialog: type, arrows, Enter.

import { h, keyed } from "./dom.js";
import { connectorName, matches } from "./filters.js";
import { money, power } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { onPoints, points } from "./points.js";
import { badge, shown, STATUSES } from "./status.js";

const MOST = 40;

/** Resolve to the point that is chosen, or to null. */
export function pickPoint() {
  return new Promise((resolve) => {
    let chosen = null;
    const search = h("input", { type: "search", placeholder: t("filter.text"), "aria-label": t("filter.text"), oninput: draw });
    const list = h("ul", { class: "points" });
    const close = h("button", { type: "button", class: "small", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"));
    const dialog = h("dialog", { class: "dialog picker", "aria-labelledby": "picker" }, h("header", {}, h("h2", { id: "picker" }, t("trip.add")), close), h("div", { class: "search" }, icon("search"), search), list);

    function draw() {
      const found = [...points.all()].filter((point) => matches(point, search.value.trim())).sort((a, b) => STATUSES.indexOf(shown(a.status)) - STATUSES.indexOf(shown(b.status)) || a.name.localeCompare(b.name));
      keyed(list, found.slice(0, MOST), ({ id, status }) => `${id} ${status}`, row, () => {});
    }

    function row(point) {
      const choose = () => {
        chosen = point;
        dialog.close();
      };
      const facts = [power(point.max_power_w), connectorName(point), point.node].join(" · ");
      return h("li", {}, h("button", { type: "button", class: "row", onclick: choose }, h("span", { class: "sign" }, badge(point.status)), h("span", { class: "what" }, h("strong", {}, point.name), h("small", {}, facts)), h("span", { class: "when" }, h("span", {}, h("b", {}, money(point.price_per_kwh_minor, point.currency)), h("small", {}, " / kWh")))));
    }

    const unlisten = onPoints(draw);
    dialog.addEventListener("keydown", (event) => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      const all = [search, ...list.querySelectorAll("button")];
      all[Math.min(all.length - 1, Math.max(0, all.indexOf(document.activeElement) + by))].focus();
    });
    dialog.addEventListener("close", () => {
      unlisten();
      dialog.remove();
      resolve(chosen);
    });
    draw();
    document.body.append(dialog);
    dialog.showModal();
    search.focus();
  });
}
