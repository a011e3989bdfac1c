// One point in the operator's table: its price and whether it is in service are changed where they stand.

import { h, put, say, set } from "./dom.js";
import { connectorName } from "./filters.js";
import { power } from "./format.js";
import { t } from "./i18n.js";
import { submit } from "./outbox.js";
import { take } from "./points.js";
import { priceField } from "./price_field.js";
import { explain } from "./problems.js";
import { badge } from "./status.js";
import { toast } from "./toast.js";

/** Return a row that is still empty. */
export function newRow() {
  const price = priceField((point, minor) => patch(point, { price_per_kwh_minor: minor }));
  const service = h("button", { type: "button", role: "switch", class: "switch" }, h("span", {}));
  const cell = (name, ...children) => h("td", { role: "cell", dataset: { column: name, label: t(`operator.${name}`) } }, children);
  const head = h("th", { scope: "row", role: "rowheader" }, h("span", { class: "inline" }, h("span", { class: "sign" }), h("span", { class: "what" }, h("a", {}), h("small", { class: "soft" }))));
  const row = h("tr", { role: "row" }, head, cell("node"), cell("power"), cell("price", price.element), cell("service", service));
  row.price = price;
  service.addEventListener("click", () => patch(row.point, { maintenance: !row.point.maintenance }));
  return row;
}

/** Show a point in a row. */
export function fillRow(row, point) {
  row.point = point;
  const [head, node, power_, , service] = row.children;
  const [sign, what] = head.firstChild.children;
  if (sign.dataset.status !== point.status) {
    sign.dataset.status = point.status;
    put(sign, badge(point.status));
  }
  say(what.firstChild, point.name);
  set(what.firstChild, "href", `#/point/${point.id}`);
  say(what.lastChild, point.id);
  say(node, point.node);
  say(power_, `${power(point.max_power_w)} · ${connectorName(point)}`);
  row.price.show(point);
  set(service.firstChild, "aria-checked", String(!point.maintenance));
  set(service.firstChild, "aria-label", t("operator.service_of", { name: point.name }));
}

/** Ask for a change; what came of it is told. Returns the entry. */
function patch(point, body) {
  const entry = submit({ kind: "change", method: "PATCH", path: `/v1/points/${point.id}`, body });
  tell(entry, point);
  return entry;
}

async function tell(entry, point) {
  await entry.settled;
  if (entry.state === "done") {
    take(entry.answer);
    toast(t("operator.changed", { name: point.name }));
  } else toast(entry.state === "refused" ? explain(entry.problem) : t("outbox.abandoned"), "bad");
}
