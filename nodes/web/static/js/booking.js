// Reserving a point: a window, who drives, the answer; and where it is refused, the next free window at one click.

import { get, query } from "./api.js";
import { dayCalendar, windowText } from "./calendar.js";
import { h, put, say, set } from "./dom.js";
import { clock, duration, energy, midnight, money } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { mine, note, onLedger } from "./ledger.js";
import { onLink } from "./link.js";
import { now } from "./now.js";
import { submit, told as toldEnd, toTell } from "./outbox.js";
import { onPoints } from "./points.js";
import { alternative, explain } from "./problems.js";
import { progress } from "./progress.js";
import { driver, session, setDriver } from "./session.js";

const MINUTE_MS = 60_000;
const LENGTHS_MIN = [15, 30, 45, 60, 90, 120, 180, 240, 360, 480];
const drafts = new Map(); // what was picked on a point, while the page is open

/** Return `{element, end}`: the form for one point. `onTrip(startMs, endMs)` adds the window to a trip instead. */
export function bookingForm(point, { onTrip }) {
  const draft = drafts.get(point.id) ?? { startMs: null, endMs: null };
  drafts.set(point.id, draft);
  let isOver = false;
  let told = null; // the calendar as it was last read, until
  let untilMs = 0;
  const calendar = dayCalendar({ onPick: pick, onDay: () => readCalendar() });
  const asOf = h("p", { class: "soft small", role: "status" });
  const start = h("input", { type: "time", id: "start", required: true, step: 60, onchange: timed });
  const length = h("select", { id: "length", onchange: timed });
  const name = h("input", { id: "driver", maxlength: 100, required: true, autocomplete: "name", value: driver(), onchange: () => setDriver(name.value) });
  const summary = h("p", { class: "summary" });
  const outcome = h("div", { class: "outcome", "aria-live": "polite" });
  const reserve = h("button", { class: "primary wide", type: "submit" }, t("booking.reserve"));
  const form = h(
    "form",
    { class: "stack", onsubmit: (event) => { event.preventDefault(); send(); } },
    calendar.element, asOf,
    h("div", { class: "fields" }, h("label", {}, h("span", {}, t("booking.start")), start), h("label", {}, h("span", {}, t("booking.length")), length)),
    !session.authentication && h("label", {}, h("span", {}, t("booking.driver")), name),
    summary, outcome, reserve,
    h("button", { type: "button", class: "wide", onclick: () => draft.startMs !== null && onTrip(draft.startMs, draft.endMs) }, icon("trip"), t("booking.to_trip")),
  );

  function pick(startMs, endMs) {
    Object.assign(draft, { startMs, endMs });
    put(outcome);
    show();
  }

  function show() {
    const { startMs, endMs } = draft;
    calendar.pick(startMs, endMs);
    const lengthMin = startMs === null ? 60 : Math.round((endMs - startMs) / MINUTE_MS);
    const offered = [...new Set([...LENGTHS_MIN, lengthMin])].sort((a, b) => a - b).filter((minutes) => minutes * 60 >= point.terms.min_window_s && minutes * 60 <= point.terms.max_window_s);
    put(length, offered.map((minutes) => h("option", { value: minutes }, duration(minutes * MINUTE_MS))));
    length.value = String(lengthMin);
    start.value = startMs === null ? "" : clock(startMs);
    reserve.disabled = startMs === null;
    if (startMs === null) return say(summary, t("booking.pick"));
    const most = (point.max_power_w * (endMs - startMs)) / 3_600_000;
    return put(summary, h("strong", {}, windowText(startMs, endMs)), h("span", { class: "soft" }, t("booking.most", { energy: energy(most), cost: money((most / 1000) * point.price_per_kwh_minor, point.currency) })));
  }

  function timed() {
    const [hours, minutes] = start.value.split(":").map(Number);
    if (!Number.isFinite(minutes)) return;
    const date = new Date(calendar.dayMs());
    date.setHours(hours, minutes);
    pick(date.getTime(), date.getTime() + Number(length.value) * MINUTE_MS);
  }

  async function readCalendar() {
    const from = Math.max(midnight(now()), calendar.dayMs() - 86_400_000);
    const window = { from_ms: from, until_ms: midnight(calendar.dayMs(), 2) };
    const path = `/v1/points/${point.id}/calendar`;
    try {
      told = await get(path + query({ ...window, fresh: true }));
      say(asOf, "");
    } catch {
      try {
        told = await get(path + query(window));
        say(asOf, t("calendar.as_of", { when: clock(told.as_of_ms ?? now()) }));
      } catch {
        say(asOf, t("calendar.away"));
        return;
      }
    }
    untilMs = window.until_ms;
    drawCalendar();
  }

  function drawCalendar() {
    if (isOver || told === null) return;
    const own = mine("reservations").filter((item) => item.point_id === point.id && ["RESERVED", "ACTIVE", "PENDING"].includes(item.status)).map((item) => [item.start_ms, item.end_ms]);
    calendar.show({ busy: told.busy, own, terms: point.terms, knownUntilMs: told.known_until_ms >= untilMs ? null : told.known_until_ms });
  }

  async function send() {
    if (draft.startMs === null) return;
    if (!session.authentication) setDriver(name.value);
    const entry = submit({ kind: "reserve", method: "POST", path: "/v1/reservations", body: { point_id: point.id, driver_id: driver(), start_ms: draft.startMs, end_ms: draft.endMs } });
    await watch(entry);
  }

  async function watch(entry) {
    put(outcome, progress(entry));
    reserve.disabled = true;
    await entry.settled;
    reserve.disabled = false;
    if (!isOver) toldEnd(entry);
    if (entry.state === "done") {
      note("reservations", entry.answer);
      draft.startMs = draft.endMs = null;
      if (isOver) return;
      show();
      put(outcome, h("div", { class: "note good" }, icon("check"), h("p", {}, t("booking.done", { when: windowText(entry.answer.start_ms, entry.answer.end_ms) }), " ", h("a", { href: "#/mine" }, t("booking.see")))));
    } else if (entry.state === "refused" && !isOver) refused(entry);
    else if (entry.state === "abandoned" && !isOver) put(outcome, h("div", { class: "note bad" }, icon("warn"), h("p", {}, t("outbox.abandoned"))));
    readCalendar();
  }

  function refused({ problem, body }) {
    const free = alternative(problem);
    const take = free !== null && h("button", { type: "button", class: "primary", onclick: () => { pick(...free); send(); } }, t("booking.take", { when: windowText(...free) }));
    put(outcome, h("div", { class: "note bad", role: "alert" }, icon("warn"), h("div", {}, h("p", {}, explain(problem)), take)));
    if (free !== null && body.start_ms === draft.startMs) take.focus();
  }

  const ends = [
    onPoints((ids) => ids.has(point.id) && readCalendar()),
    onLedger(drawCalendar),
    onLink(({ state }) => state === "live" && readCalendar()),
  ];
  show();
  readCalendar();
  for (const entry of toTell("reserve")) if (entry.body.point_id === point.id) watch(entry);
  set(form, "aria-label", t("booking.title"));
  return {
    element: form,
    end() {
      isOver = true;
      ends.forEach((end) => end());
    },
  };
}
