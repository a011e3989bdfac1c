// One point: what it is, when it is free, and a reservation of it.

import { Problem } from "./api.js";
import { bookingForm } from "./booking.js";
import { h, put, say } from "./dom.js";
import { connectorName } from "./filters.js";
import { ago, duration, money, power } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { availability } from "./list.js";
import { note } from "./ledger.js";
import { now } from "./now.js";
import { submit } from "./outbox.js";
import { onPoints, points, refreshPoint } from "./points.js";
import { explain } from "./problems.js";
import { progress } from "./progress.js";
import { driver, askName } from "./session.js";
import { shown, statusChip } from "./status.js";
import { addStop } from "./trip_draft.js";

/** Show a point; returns what ends it. `onReady(point)` once it is known. */
export function pointView(place, id, { onReady }) {
  let form = null;
  const head = h("header", { class: "point-head" });
  const facts = h("dl", { class: "facts" });
  const now_ = h("div", { class: "now" });
  const rest = h("div", {}, h("p", { class: "skeleton" }));
  put(place, h("a", { class: "back", href: "#/" }, icon("back"), t("point.all")), head, facts, now_, rest);

  function draw() {
    const point = points.get(id);
    if (point === undefined) return;
    drawHead(head, point);
    drawFacts(facts, point);
    drawNow(now_, point);
    if (form === null) {
      form = bookingForm(point, {
        onTrip(startMs, endMs) {
          addStop({ point_id: point.id, startMs, endMs });
          location.hash = "#/trip";
        },
      });
      put(rest, h("h2", {}, t("booking.title")), form.element);
      onReady(point);
    }
  }

  const unlisten = onPoints((ids) => ids.has(id) && draw());
  draw();
  refreshPoint(id).catch((error) => {
    if (error instanceof Problem && error.status === 404) put(rest, h("p", { class: "empty" }, t("point.unknown")));
    else if (form === null) put(rest, h("p", { class: "empty" }, explain(error)));
  });
  return () => {
    unlisten();
    form?.end();
  };
}

function drawHead(head, point) {
  if (head.firstChild === null) put(head, h("h1", { tabindex: -1 }), h("p", { class: "soft" }), h("p", { class: "line" }));
  const [title, where, line] = head.children;
  say(title, point.name);
  say(where, [point.location.address, point.id].filter(Boolean).join(" · "));
  const look = `${point.status} ${availability(point)} ${point.stale} ${document.documentElement.lang}`;
  if (line.dataset.look === look) return;
  line.dataset.look = look;
  put(line, statusChip(point.status), shown(point.status) !== "AVAILABLE" && availability(point) !== t(`status.${shown(point.status)}`) && h("span", { class: "soft" }, availability(point)), point.stale && h("span", { class: "tag" }, t("point.stale", { ago: ago(now() - point.as_of_ms) })));
}

function drawFacts(facts, point) {
  const { terms } = point;
  const told = [
    [t("point.power"), power(point.max_power_w)],
    [t("point.connector"), connectorName(point)],
    [t("point.price"), `${money(point.price_per_kwh_minor, point.currency)} / kWh`],
    [t("point.node"), point.node],
    [t("point.cancel"), terms.cancel_until_s === 0 ? t("point.cancel_any") : t("point.cancel_until", { span: duration(terms.cancel_until_s * 1000) })],
    [t("point.no_show"), t("point.no_show_after", { span: duration(terms.no_show_s * 1000) })],
  ];
  const look = JSON.stringify(told);
  if (facts.dataset.look === look) return;
  facts.dataset.look = look;
  put(facts, told.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

/** Plugging in at once, where the point is free. */
function drawNow(place, point) {
  const look = shown(point.status);
  if (place.dataset.look === look) return;
  place.dataset.look = look;
  if (look !== "AVAILABLE") {
    put(place, point.fault !== null && point.fault !== undefined && h("div", { class: "note bad" }, icon("warn"), h("p", {}, t("point.fault", { fault: point.fault }))));
    return;
  }
  const button = h("button", { type: "button", class: "wide" }, icon("plug"), t("point.start_now"));
  const outcome = h("div", { class: "outcome", "aria-live": "polite" });
  button.addEventListener("click", async () => {
    if (driver() === "") await askName();
    if (driver() === "") return;
    button.disabled = true;
    const entry = submit({ kind: "plug_in", method: "POST", path: `/v1/points/${point.id}/start`, body: { driver_id: driver() } });
    put(outcome, progress(entry));
    await entry.settled;
    button.disabled = false;
    if (entry.state === "done") {
      note("sessions", entry.answer);
      location.hash = "#/mine";
    } else if (entry.state === "refused") put(outcome, h("div", { class: "note bad", role: "alert" }, icon("warn"), h("p", {}, explain(entry.problem))));
  });
  put(place, button, outcome);
}
