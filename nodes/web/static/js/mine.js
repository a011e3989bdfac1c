// The driver's own: what charges now, what is coming, trips, and what was.

import { action } from "./action.js";
import { windowText } from "./calendar.js";
import { chargeCard } from "./charge.js";
import { h, keyed, put, say, set } from "./dom.js";
import { clock, countdown, day, energy, money } from "./format.js";
import { known, t } from "./i18n.js";
import { icon } from "./icons.js";
import { isOver, mine, missing, note, onLedger, refreshLedger } from "./ledger.js";
import { onLink } from "./link.js";
import { now } from "./now.js";
import { onPoints, points } from "./points.js";
import { askName, driver, onSession, session } from "./session.js";
import { toast } from "./toast.js";

const HISTORY_MOST = 40;

/** Show the driver's own; returns what ends it. */
export function mineView(place) {
  const charging = h("div", { class: "cards" });
  const coming = h("ul", { class: "cards" });
  const trips = h("ul", { class: "cards" });
  const history = h("ul", { class: "points past-list" });
  const empty = h("div", { class: "empty" }, icon("bolt"), h("p", {}, t("mine.empty")), h("a", { class: "button primary", href: "#/" }, t("mine.find")));
  const who = h("p", { class: "soft" });
  const gone = h("p", { class: "note bad", role: "status" });
  const parts = [["charging", charging], ["coming", coming], ["trips", trips], ["history", history]].map(([name, list]) => h("section", { hidden: true, "aria-labelledby": `mine-${name}` }, h("h2", { id: `mine-${name}` }, t(`mine.${name}`)), list));
  put(place, h("div", { class: "page" }, h("h1", { tabindex: -1 }, t("mine.title")), who, gone, empty, ...parts));

  function draw() {
    say(who, driver() === "" ? t("mine.nobody") : t("mine.of", { name: driver() }));
    const away = missing();
    gone.hidden = away.length === 0;
    say(gone, gone.hidden ? "" : t("mine.missing", { nodes: away.join(", ") }));
    const reservations = mine("reservations");
    const sessions = mine("sessions");
    const running = sessions.filter((item) => !isOver(item));
    const ahead = reservations.filter((item) => !isOver(item) && !running.some((each) => each.reservation_id === item.id)).sort((a, b) => a.start_ms - b.start_ms);
    keyed(charging, running, ({ id }) => id, newCharge, (element, item) => element.card.show(item, reservations.find(({ id }) => id === item.reservation_id)));
    keyed(coming, ahead.filter((item) => item.trip_id === null), ({ id }) => id, newReservation, fillReservation);
    keyed(trips, mine("trips").filter((trip) => isAhead(trip, reservations)), ({ id }) => id, newTrip, (element, trip) => fillTrip(element, trip, reservations));
    const past = [
      ...sessions.filter(isOver).map((item) => ({ key: item.id, atMs: item.started_ms, item })),
      ...reservations.filter((item) => isOver(item) && item.status !== "FULFILLED").map((item) => ({ key: item.id, atMs: item.start_ms, item })),
    ].sort((a, b) => b.atMs - a.atMs).slice(0, HISTORY_MOST);
    keyed(history, past, ({ key }) => key, () => h("li", { class: "past row" }, h("span", { class: "what" }, h("strong", {}), h("small", {})), h("span", { class: "when" }, h("b", {}), h("small", {}))), fillPast);
    for (const part of parts) part.hidden = part.lastChild.childElementCount === 0;
    empty.hidden = parts.some(({ hidden }) => !hidden);
  }

  function tick() {
    for (const { card } of charging.children) card.tick();
    for (const element of [...coming.children, ...trips.querySelectorAll("li.stop-line")]) element.tick?.();
  }

  const ends = [onLedger(draw), onPoints(draw), onSession(() => { draw(); refreshLedger(); }), onLink(({ state }) => state === "live" && refreshLedger())];
  const timer = setInterval(tick, 1000);
  draw();
  refreshLedger();
  if (driver() === "" && !session.authentication) askName();
  return () => {
    clearInterval(timer);
    ends.forEach((end) => end());
  };
}

function newCharge(item) {
  const card = chargeCard(item);
  card.element.card = card;
  return card.element;
}

function isAhead(trip, reservations) {
  if (trip.status === "PENDING") return true;
  return trip.status === "CONFIRMED" && trip.stops.some((stop) => !isOver(reservations.find(({ id }) => id === stop.id) ?? stop) && stop.end_ms > now() - 86_400_000);
}

function newReservation(item) {
  const { start, cancel } = buttons(() => item.id, () => item.point_id);
  const countdownTo = h("span", { class: "tag" });
  return h("li", { class: "card booking" }, h("div", { class: "body" }, h("h3", {}, h("a", {})), h("p", { class: "window-text" }), h("p", { class: "soft small" }, countdownTo), h("div", { class: "buttons" }, start.button, cancel.button), start.outcome, cancel.outcome));
}

/** Start and cancel, for a reservation that may be told anew. */
function buttons(id, pointId) {
  const nameOf = () => points.get(pointId())?.name ?? pointId();
  const start = action(t("mine.start"), () => ({ kind: "start", method: "POST", path: `/v1/reservations/${id()}/start`, body: { driver_id: driver() } }), (answer) => {
    note("sessions", answer);
    toast(t("mine.started", { name: nameOf() }));
    refreshLedger();
  }, { className: "primary", symbol: "plug" });
  const cancel = action(t("mine.cancel"), () => ({ kind: "cancel", method: "DELETE", path: `/v1/reservations/${id()}` }), (answer) => {
    note("reservations", answer);
    toast(t("mine.canceled", { name: nameOf() }));
  });
  return { start, cancel };
}

function fillReservation(element, item) {
  const body = element.firstChild;
  const [title, window, line, tools] = body.children;
  say(title.firstChild, points.get(item.point_id)?.name ?? item.point_id);
  set(title.firstChild, "href", `#/point/${item.point_id}`);
  say(window, windowText(item.start_ms, item.end_ms));
  element.tick = () => {
    const early = (points.get(item.point_id)?.terms.early_start_s ?? 0) * 1000;
    const left = item.start_ms - early - now();
    say(line.firstChild, item.status === "PENDING" ? t("mine.pending") : left > 0 ? t("mine.opens", { left: countdown(left) }) : t("mine.open"));
    tools.firstChild.classList.toggle("primary", left <= 0);
  };
  element.tick();
}

function newTrip(trip) {
  const cancel = action(t("trip.cancel"), () => ({ kind: "cancel_trip", method: "DELETE", path: `/v1/trips/${trip.id}` }), (answer) => {
    note("trips", answer);
    refreshLedger();
    toast(t("trip.canceled"));
  });
  return h("li", { class: "card trip" }, h("div", { class: "body" }, h("h3", {}), h("ol", { class: "stop-lines" }), h("div", { class: "buttons" }, cancel.button), cancel.outcome));
}

function fillTrip(element, trip, reservations) {
  const [title, list] = element.firstChild.children;
  const first = trip.stops[0];
  say(title, trip.status === "PENDING" ? t("trip.pending") : t("trip.of", { n: trip.stops.length, day: day(first.start_ms, now()) }));
  keyed(list, trip.stops, ({ id }) => id, (stop) => {
    const { start, cancel } = buttons(() => stop.id, () => stop.point_id);
    return h("li", { class: "stop-line" }, h("span", { class: "what" }, h("a", { href: `#/point/${stop.point_id}` }), h("small", { class: "soft" })), h("span", { class: "buttons" }, start.button, cancel.button), start.outcome, cancel.outcome);
  }, (line, stop) => {
    const told = reservations.find(({ id }) => id === stop.id) ?? stop;
    say(line.firstChild.firstChild, points.get(stop.point_id)?.name ?? stop.point_id);
    say(line.firstChild.lastChild, `${windowText(stop.start_ms, stop.end_ms)}${told.status === "RESERVED" ? "" : ` · ${t(`reservation.${told.status}`)}`}`);
    line.children[1].hidden = told.status !== "RESERVED";
  });
}

function fillPast(element, { item }) {
  const [what, when] = element.children;
  const isCharge = "started_ms" in item;
  const startMs = isCharge ? item.started_ms : item.start_ms;
  const endMs = isCharge ? (item.ended_ms ?? startMs) : item.end_ms;
  say(what.firstChild, points.get(item.point_id)?.name ?? item.point_id);
  say(what.lastChild, `${day(startMs, now())} ${clock(startMs)} – ${clock(endMs)}`);
  say(when.firstChild, isCharge ? money(item.cost_minor, item.currency) : (known(`reservation.${item.status}`) ?? item.status));
  say(when.lastChild, isCharge ? (item.status === "INVALID" ? t("charge.invalid") : energy(item.energy_wh)) : "");
}
