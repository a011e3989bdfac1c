// Planning a trip: stops in order, reserved all or none, on whatever servers they are.

import { h, keyed, put, say, set } from "./dom.js";
import { connectorName } from "./filters.js";
import { clock, duration, money, power } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { note } from "./ledger.js";
import { windowText } from "./calendar.js";
import { now } from "./now.js";
import { submit, told, toTell, underWay } from "./outbox.js";
import { pickPoint } from "./picker.js";
import { onPoints, points } from "./points.js";
import { alternative, explain } from "./problems.js";
import { progress } from "./progress.js";
import { driver, session, setDriver } from "./session.js";
import { addStop, changeStop, draftStops, firstOverlap, moveStop, onDraft, removeStop, setStops } from "./trip_draft.js";

const MINUTE_MS = 60_000;
const LENGTHS_MIN = [15, 30, 45, 60, 90, 120, 180, 240];

/** Show the planner; returns what ends it. */
export function tripView(place) {
  let refusal = null; // {at, problem} of the last answer, until that stop is changed
  const list = h("ol", { class: "stops" });
  const empty = h("div", { class: "empty" }, icon("trip"), h("p", {}, t("trip.empty")));
  const name = h("input", { id: "trip-driver", required: true, maxlength: 100, autocomplete: "name", value: driver(), onchange: () => setDriver(name.value) });
  const total = h("p", { class: "summary" });
  const outcome = h("div", { class: "outcome", "aria-live": "polite" });
  const confirm = h("button", { type: "submit", class: "primary wide" }, t("trip.confirm"));
  const add = h("button", { type: "button", class: "wide", onclick: async () => {
    const point = await pickPoint();
    if (point !== null) addStop({ point_id: point.id }, now());
  } }, icon("plus"), t("trip.add"));
  const form = h(
    "form",
    { class: "stack", onsubmit: (event) => { event.preventDefault(); send(); } },
    list, empty, add, total,
    !session.authentication && h("label", {}, h("span", {}, t("booking.driver")), name),
    outcome, confirm,
    h("button", { type: "button", class: "link wide", onclick: () => { refusal = null; setStops([]); put(outcome); } }, t("trip.clear")),
  );
  put(place, h("h1", { tabindex: -1 }, t("trip.title")), h("p", { class: "soft" }, t("trip.why")), form);

  function draw() {
    const stops = draftStops();
    const overlap = firstOverlap();
    keyed(list, stops.map((stop, at) => ({ stop, at })), ({ at }) => String(at), makeStop, (element, item) => fillStop(element, item, overlap));
    empty.hidden = stops.length > 0;
    confirm.disabled = stops.length === 0 || overlap >= 0 || underWay("trip").length > 0;
    form.lastChild.hidden = stops.length === 0;
    const charging = stops.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
    const nodes = new Set(stops.map(({ point_id: id }) => id.split(".")[0]));
    say(total, stops.length === 0 ? "" : `${t("trip.total", { n: stops.length, span: duration(charging) })} · ${t("trip.nodes", { n: nodes.size })}`);
  }

  function makeStop({ at }) {
    const date = h("input", { type: "datetime-local", required: true, step: 60, "aria-label": t("trip.start"), onchange: () => { const ms = Date.parse(date.value); if (Number.isFinite(ms)) touch(at, { startMs: ms, endMs: ms + lengthOf(at) }); } });
    const length = h("select", { "aria-label": t("booking.length"), onchange: () => touch(at, { endMs: draftStops()[at].startMs + Number(length.value) * MINUTE_MS }) });
    const small = (name_, label, onclick) => h("button", { type: "button", class: "small", "aria-label": t(label, { at: at + 1 }), title: t(label, { at: at + 1 }), onclick }, icon(name_));
    return h(
      "li",
      { class: "stop" },
      h("span", { class: "number" }, String(at + 1)),
      h("div", { class: "what" }, h("a", {}), h("small", { class: "soft" })),
      h("div", { class: "tools" }, small("up", "trip.up", () => { refusal = null; moveStop(at, -1); }), small("down", "trip.down", () => { refusal = null; moveStop(at, 1); }), small("close", "trip.remove", () => { refusal = null; removeStop(at); put(outcome); })),
      h("div", { class: "window" }, date, length),
      h("div", { class: "flaw", "aria-live": "polite" }),
    );
  }

  const lengthOf = (at) => draftStops()[at].endMs - draftStops()[at].startMs;

  function touch(at, values) {
    if (refusal?.at === at) refusal = null;
    put(outcome);
    changeStop(at, values);
  }

  function fillStop(element, { stop, at }, overlap) {
    const [, what, tools, window, flaw] = element.children;
    const point = points.get(stop.point_id);
    say(what.firstChild, point?.name ?? stop.point_id);
    set(what.firstChild, "href", `#/point/${stop.point_id}`);
    say(what.lastChild, point === undefined ? "" : [point.node, power(point.max_power_w), connectorName(point), `${money(point.price_per_kwh_minor, point.currency)}/kWh`].join(" · "));
    tools.children[0].disabled = at === 0;
    tools.children[1].disabled = at === draftStops().length - 1;
    const [date, length] = window.children;
    if (document.activeElement !== date) date.value = local(stop.startMs);
    const minutes = Math.round((stop.endMs - stop.startMs) / MINUTE_MS);
    const offered = [...new Set([...LENGTHS_MIN, minutes])].sort((a, b) => a - b);
    if (length.children.length !== offered.length || length.value !== String(minutes)) {
      put(length, offered.map((each) => h("option", { value: each }, duration(each * MINUTE_MS))));
      length.value = String(minutes);
    }
    drawFlaw(flaw, at, overlap);
    element.classList.toggle("refused", refusal?.at === at || overlap === at);
  }

  function drawFlaw(flaw, at, overlap) {
    const look = overlap === at ? "overlap" : refusal?.at === at ? "refused" : "";
    if (flaw.dataset.look === look) return;
    flaw.dataset.look = look;
    if (look === "overlap") put(flaw, icon("warn"), h("p", {}, t("trip.overlap")));
    else if (look === "refused") {
      const free = alternative(refusal.problem);
      put(flaw, icon("warn"), h("div", {}, h("p", {}, explain(refusal.problem)), free !== null && h("button", { type: "button", class: "primary", onclick: () => takeInstead(at, free) }, t("trip.take", { when: windowText(...free) }))));
    } else put(flaw);
  }

  /** Move a refused stop to its next free window, and those behind it as much later as they need. */
  function takeInstead(at, [startMs, endMs]) {
    refusal = null;
    const moved = draftStops().map((stop) => ({ ...stop }));
    Object.assign(moved[at], { startMs, endMs });
    for (let next = at + 1; next < moved.length; next += 1) {
      const late = moved[next - 1].endMs - moved[next].startMs;
      if (late > 0) Object.assign(moved[next], { startMs: moved[next].startMs + late, endMs: moved[next].endMs + late });
    }
    put(outcome);
    setStops(moved);
    confirm.focus();
  }

  function send() {
    if (!session.authentication) setDriver(name.value);
    refusal = null;
    const stops = draftStops().map(({ point_id, startMs, endMs }) => ({ point_id, start_ms: startMs, end_ms: endMs }));
    watch(submit({ kind: "trip", method: "POST", path: "/v1/trips", body: { driver_id: driver(), stops } }));
    draw();
  }

  async function watch(entry) {
    put(outcome, progress(entry));
    await entry.settled;
    if (outcome.isConnected) told(entry);
    if (entry.state === "done") {
      note("trips", entry.answer);
      setStops([]);
      put(outcome, h("div", { class: "note good" }, icon("check"), h("div", {}, h("p", {}, t("trip.done")), h("ol", { class: "plain" }, entry.answer.stops.map((stop) => h("li", {}, `${points.get(stop.point_id)?.name ?? stop.point_id}: ${windowText(stop.start_ms, stop.end_ms)}`))), h("a", { href: "#/mine" }, t("booking.see")))));
    } else if (entry.state === "refused") {
      const at = entry.problem.body.stop ?? null;
      if (at !== null && at < draftStops().length) refusal = { at, problem: entry.problem };
      const named = at === null ? "" : (points.get(entry.body.stops[at]?.point_id)?.name ?? "");
      put(outcome, h("div", { class: "note bad", role: "alert" }, icon("warn"), h("p", {}, at === null ? explain(entry.problem) : t("trip.refused", { at: at + 1, name: named }))));
    } else put(outcome, h("div", { class: "note bad" }, icon("warn"), h("p", {}, t("outbox.abandoned"))));
    draw();
    if (refusal !== null) list.children[refusal.at]?.querySelector(".flaw button")?.focus();
  }

  const ends = [onDraft(draw), onPoints(draw)];
  draw();
  toTell("trip").forEach(watch);
  return () => ends.forEach((end) => end());
}

/** A local time as `datetime-local` wants it. */
function local(ms) {
  const date = new Date(ms);
  const two = (value) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${clock(ms)}`;
}

