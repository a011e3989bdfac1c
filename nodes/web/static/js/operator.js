// What operators do: see how the nodes are, set prices, take points out of service, add points.

import { get } from "./api.js";
import { h, keyed, put, say } from "./dom.js";
import { matches } from "./filters.js";
import { ago } from "./format.js";
import { known, t } from "./i18n.js";
import { icon } from "./icons.js";
import { link, onLink } from "./link.js";
import { onEvent } from "./live.js";
import { now } from "./now.js";
import { fillRow, newRow } from "./operator_row.js";
import { onPoints, points, take } from "./points.js";
import { pointForm } from "./point_form.js";
import { toast } from "./toast.js";

const POLL_MS = 5_000;
const ROWS_MOST = 200;
let searched = "";

/** Show the operator's page; returns what ends it. */
export function operatorView(place) {
  let nodes = [];
  let toldMs = null;
  const nodeList = h("ul", { class: "nodes" });
  const rows = h("tbody", { role: "rowgroup" });
  const found = h("p", { class: "soft small", role: "status" });
  const search = h("input", { type: "search", placeholder: t("filter.text"), "aria-label": t("filter.text"), value: searched, oninput: () => { searched = search.value.trim(); drawRows(); } });
  const columns = ["point", "node", "power", "price", "service"].map((name) => h("th", { scope: "col", role: "columnheader" }, t(`operator.${name}`)));
  const table = h("table", { class: "table", role: "table" }, h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns)), rows); // roles: a phone shows cards
  const form = pointForm({ nodes: () => nodes.map(({ id }) => id), onCreated: (point) => { take(point); toast(t("operator.created", { name: point.name })); } });
  put(
    place,
    h(
      "div",
      { class: "page wide" },
      h("h1", { tabindex: -1 }, t("operator.title")),
      h("section", { "aria-labelledby": "op-nodes" }, h("h2", { id: "op-nodes" }, t("operator.nodes")), nodeList),
      h("section", { "aria-labelledby": "op-points" }, h("div", { class: "split" }, h("h2", { id: "op-points" }, t("operator.points")), h("div", { class: "search" }, icon("search"), search)), h("div", { class: "scrolls", tabindex: 0, role: "group", "aria-label": t("operator.points") }, table), found),
      h("section", { "aria-labelledby": "op-new" }, h("h2", { id: "op-new" }, t("operator.new")), form.element),
    ),
  );

  function drawNodes() {
    keyed(nodeList, nodes, ({ id }) => id, () => h("li", { class: "card node" }, h("div", { class: "body" }, h("p", { class: "line" }, h("strong", {}), h("span", { class: "tag state" })), h("p", { class: "reason" }), h("dl", { class: "figures" }, ["points", "heard", "lag"].map((name) => h("div", {}, h("dt", {}, t(`operator.${name}`)), h("dd", {})))), h("p", { class: "soft small mono" }))), fillNode);
  }

  function fillNode(element, node) {
    const [line, reason, figures, address] = element.firstChild.children;
    const [count, heard, lag] = [...figures.children].map((each) => each.lastChild);
    element.dataset.state = link.state === "away" ? "UNKNOWN" : node.state;
    say(line.firstChild, node.id);
    say(line.lastChild, known(`node.${node.state}`) ?? node.state);
    say(reason, known(`reason.${node.reason_code}`, { ...node.reason_values, detail: node.reason }) ?? node.reason);
    say(count, node.points_seen < node.points ? `${node.points_seen} / ${node.points}` : String(node.points));
    say(heard, node.self ? ago(now() - (toldMs ?? now())) : ago(now() - node.heard_ms));
    say(lag, node.lag.events === 0 ? t("operator.no_lag") : t("operator.events", { n: node.lag.events }));
    say(address, `${node.url ?? ""} · ${t("operator.epoch", { epoch: node.epoch })}`);
  }

  function drawRows() {
    const all = [...points.all()].filter((point) => matches(point, searched)).sort((a, b) => a.id.localeCompare(b.id, undefined, { numeric: true }));
    say(found, all.length === 0 ? t(points.isLoaded ? "operator.none" : "list.loading") : all.length > ROWS_MOST ? t("operator.most", { shown: ROWS_MOST, all: all.length }) : "");
    keyed(rows, all.slice(0, ROWS_MOST), ({ id }) => id, newRow, fillRow);
  }

  async function readNodes() {
    try {
      ({ items: nodes } = await get("/v1/nodes"));
      toldMs = now();
      form.offer();
    } catch {
      // the link says so
    }
    drawNodes();
  }

  const ends = [onPoints(drawRows), onLink(({ state }) => (state === "live" ? readNodes() : drawNodes())), onEvent(({ type }) => /^node\.(state|birth|death)$/.test(type) && readNodes())];
  const timer = setInterval(() => (link.state === "away" ? drawNodes() : readNodes()), POLL_MS);
  readNodes();
  drawRows();
  return () => {
    clearInterval(timer);
    ends.forEach((end) => end());
  };
}
