// A day of a point in half hours: what is taken, and a free window to be picked by pointer or keys.

import { h, keyed, put, say, set } from "./dom.js";
import { clock, day, dayOfMonth, midnight, span, weekday } from "./format.js";
import { t } from "./i18n.js";
import { now } from "./now.js";

const SLOT_MS = 30 * 60_000;
const DAYS = 14;

/**
 * Return `{element, show, pick}`. `onPick(startMs, endMs)` when a window is chosen, `onDay(startMs)` when another day is.
 * `show({busy, own, terms, knownUntilMs})`: windows `[startMs, endMs]` that are taken, those that are the driver's, the terms.
 */
export function dayCalendar({ onPick, onDay }) {
  const state = { dayMs: midnight(now()), busy: [], own: [], terms: null, knownUntilMs: null, picked: null, anchor: null };
  const days = h("div", { class: "days", role: "group", "aria-label": t("calendar.days") });
  const grid = h("div", { class: "slots", role: "group", "aria-label": t("calendar.slots"), "aria-describedby": "calendar-keys" });
  const keys = h("p", { id: "calendar-keys", class: "soft small" }, t("calendar.keys"));
  const element = h("div", { class: "calendar" }, days, grid, legend(), keys);

  put(days, Array.from({ length: DAYS }, (_, at) => midnight(now(), at)).map((ms) =>
    h("button", { type: "button", dataset: { ms }, "aria-label": day(ms, now()), onclick: () => goTo(ms) }, h("small", {}, weekday(ms)), h("b", {}, dayOfMonth(ms)))));

  function goTo(ms) {
    state.dayMs = ms;
    state.anchor = null;
    draw();
    onDay(ms);
  }

  function draw() {
    for (const button of days.children) set(button, "aria-pressed", String(Number(button.dataset.ms) === state.dayMs));
    const slots = [];
    for (let ms = firstMs(); ms < midnight(state.dayMs, 1); ms += SLOT_MS) slots.push(slotAt(ms));
    keyed(grid, slots, ({ ms }) => String((ms - state.dayMs) / SLOT_MS), makeSlot, fillSlot);
    if (grid.querySelector("[tabindex='0']") === null) {
      const first = [...grid.children].find(({ half }) => half.isFree) ?? grid.firstElementChild;
      if (first !== null) first.tabIndex = 0;
    }
  }

  /** A day that is under way begins with this hour: what is over cannot be picked. */
  function firstMs() {
    const hour = Math.floor((now() - state.dayMs) / 3_600_000);
    return hour > 0 && hour < 24 ? state.dayMs + hour * 3_600_000 : state.dayMs;
  }

  function slotAt(ms) {
    const end = ms + SLOT_MS;
    const taken = state.busy.filter(([from, until]) => from < end && until > ms);
    const own = state.own.filter(([from, until]) => from < end && until > ms);
    const isPast = end <= now();
    const isUnknown = state.knownUntilMs !== null && ms >= state.knownUntilMs;
    const picked = state.picked !== null && state.picked[0] < end && state.picked[1] > ms;
    const freeFrom = taken.reduce((from, [start, until]) => (start <= from && until > from ? until : from), Math.max(ms, isPast ? ms : nowUp(ms)));
    return { ms, end, isPast, isUnknown, isOwn: own.length > 0, isTaken: taken.length > 0, isFree: !isPast && freeFrom < end, freeFrom, picked, parts: taken };
  }

  function makeSlot() {
    return h("button", { type: "button", tabindex: -1, onclick: (event) => press(event.currentTarget.half, event.shiftKey) }, h("span", {}));
  }

  function fillSlot(button, slot) {
    button.half = slot;
    const kind = slot.isPast ? "past" : slot.isOwn ? "own" : !slot.isFree ? "busy" : slot.isTaken ? "partly" : slot.isUnknown ? "unknown" : "free";
    set(button, "class", `slot ${kind}${slot.picked ? " picked" : ""}`);
    set(button, "aria-disabled", slot.isFree ? null : "true");
    set(button, "aria-pressed", String(slot.picked));
    set(button, "aria-label", `${clock(slot.ms)} – ${clock(slot.end)}, ${t(slot.picked ? "calendar.picked" : `calendar.${kind}`)}`);
    say(button.firstChild, new Date(slot.ms).getMinutes() === 0 ? clock(slot.ms).slice(0, 2) : "");
  }

  function press(slot, extends_) {
    if (!slot.isFree) return;
    const anchor = extends_ || (state.anchor !== null && state.picked !== null && slot.ms > state.anchor && isOneSlot()) ? state.anchor : null;
    if (anchor !== null && slot.ms >= anchor) choose(state.picked[0], slot.end);
    else {
      state.anchor = slot.ms;
      choose(slot.freeFrom, Math.max(slot.end, slot.freeFrom + leastMs()));
    }
  }

  const isOneSlot = () => state.picked[1] - state.picked[0] <= SLOT_MS;
  const leastMs = () => (state.terms?.min_window_s ?? 0) * 1000;

  function choose(startMs, endMs) {
    const next = state.busy.map(([from]) => from).filter((from) => from > startMs);
    const mostMs = Math.min(endMs, startMs + (state.terms?.max_window_s ?? Infinity) * 1000, ...next);
    onPick(startMs, Math.max(mostMs, startMs + 60_000));
  }

  grid.addEventListener("keydown", (event) => {
    const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -999, End: 999 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const all = [...grid.children];
    const at = all.indexOf(document.activeElement);
    if (at + by < 0 && by === -1) return shift(-1, all.length - 1);
    if (at + by >= all.length && by === 1) return shift(1, 0);
    const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
    focusSlot(next);
    if (event.shiftKey && state.anchor !== null) press(next.half, true);
    return undefined;
  });

  function shift(by, at) {
    const to = midnight(state.dayMs, by);
    if (to < midnight(now())) return;
    goTo(to);
    focusSlot(grid.children[at]);
  }

  function focusSlot(button) {
    for (const other of grid.children) other.tabIndex = -1;
    button.tabIndex = 0;
    button.focus();
  }

  draw();
  return {
    element,
    dayMs: () => state.dayMs,
    show(what) {
      Object.assign(state, what);
      draw();
    },
    /** Show a window as picked, and its day. */
    pick(startMs, endMs) {
      state.picked = startMs === null ? null : [startMs, endMs];
      if (startMs !== null && midnight(startMs) !== state.dayMs) {
        state.dayMs = midnight(startMs);
        onDay(state.dayMs);
      }
      draw();
    },
  };
}

function legend() {
  return h("ul", { class: "legend row-legend" }, ["free", "busy", "own", "picked"].map((kind) => h("li", {}, h("i", { class: `slot ${kind}` }), t(`calendar.${kind}`))));
}

/** The next whole minute, within a slot that has begun. */
function nowUp(ms) {
  return now() <= ms ? ms : Math.ceil(now() / 60_000) * 60_000;
}

/** A window in words. */
export const windowText = (startMs, endMs) => span(startMs, endMs, now());
