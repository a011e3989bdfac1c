// The driver's reservations, charges and trips, as the servers list them: wherever they were made, on whichever server they
// are. Nothing of it is kept in the browser.

import { get, Problem, query } from "./api.js";
import { onEvent, onReconnect } from "./live.js";
import { driver, onSession } from "./session.js";
import { forget } from "./settings.js";
import { signal } from "./signal.js";

const OPEN_MOST = 500;
const PAST_MOST = 60;
const SOON_MS = 200; // one thing that happens is often several events
const AWAITED_MS = 1_000; // while a trip is being decided, most of what happens may be about it
const STRANGE_MS = 5_000; // events do not say whose: after one that may be the driver's, ask no more often than this
const KINDS = { reservations: "/v1/reservations", sessions: "/v1/sessions", trips: "/v1/trips" };
const OPEN_LISTS = [["reservations", { active: true, limit: OPEN_MOST }], ["sessions", { active: true, limit: OPEN_MOST }]];
const PAST_LISTS = [["reservations", { active: false, limit: PAST_MOST }], ["sessions", { active: false, limit: PAST_MOST }], ["trips", { limit: PAST_MOST }]];
const OVER = ["FULFILLED", "CANCELED", "NO_SHOW", "REJECTED", "COMPLETED", "INVALID", "ABORTED"];

const changed = signal();
let held = empty();
let due = null; // {atMs, timer}
let askedMs = 0;

/** Call `listener` when anything of the driver's has changed. */
export const onLedger = (listener) => changed.listen(listener);

/** The driver's, newest first. */
export function mine(kind) {
  open();
  return Object.values(held[kind]).sort((a, b) => startOf(b) - startOf(a));
}

/** The servers that did not say what the driver has there. */
export function missing() {
  open();
  return held.missing;
}

/** Whether nothing more happens to it. */
export const isOver = (item) => OVER.includes(item.status);

/** Take what was told of something of the driver's. */
export function note(kind, item) {
  open();
  take(kind, item);
  changed.tell();
}

/** Follow events: those of what is held, and those of what may have been reserved elsewhere. */
export function followLedger() {
  forget("mine."); // what earlier versions kept in the browser
  onEvent(({ type, subject }) => {
    if (!/^(reservation|session|trip|point\.(reservations|charging))/.test(type)) return;
    open();
    const concerned = ["reservations", "sessions"].some((kind) => Object.values(held[kind]).some((item) => item.point_id === subject && !isOver(item)));
    const awaited = Object.values(held.trips).some(({ status }) => status === "PENDING");
    askBy(Date.now() + SOON_MS, concerned || subject in held.trips ? 0 : awaited ? AWAITED_MS : STRANGE_MS);
  });
  onReconnect(refreshOpen);
  onSession(refreshOpen);
  document.addEventListener("visibilitychange", () => document.hidden || refreshOpen());
}

/** Ask anew for everything. */
export async function refreshLedger() {
  await Promise.allSettled([refreshOpen(), listAll(PAST_LISTS)]);
}

/** Have what is open asked for at that time, and not before so long after the last time. */
function askBy(atMs, pauseMs) {
  if (driver() === "" || document.hidden) return;
  const whenMs = Math.max(atMs, askedMs + pauseMs);
  if (due !== null && due.atMs <= whenMs) return;
  clearTimeout(due?.timer);
  due = { atMs: whenMs, timer: setTimeout(refreshOpen, whenMs - Date.now()) };
}

/** Ask for what is open, and for what has become of what was. */
async function refreshOpen() {
  clearTimeout(due?.timer);
  due = null;
  askedMs = Date.now();
  open();
  const of = held;
  const listed = await listAll(OPEN_LISTS);
  if (held !== of) return;
  const ended = Object.keys(KINDS).flatMap((kind) => Object.values(held[kind]).filter((item) => !isOver(item) && !listed.has(item.id) && isChanging(kind, item)).map((item) => look(kind, item)));
  await Promise.allSettled(ended);
  changed.tell();
}

/** Whether something open that is in no list of what is open may have become another: a trip does when it is decided. */
const isChanging = (kind, item) => kind !== "trips" || item.status === "PENDING";

/** Take what servers list. Returns the ids. */
async function listAll(lists) {
  const of = held;
  if (of.of === "") return new Set();
  const told = await Promise.allSettled(lists.map(async ([kind, more]) => [kind, await get(`${KINDS[kind]}${query({ driver_id: of.of, ...more })}`)]));
  const ids = new Set();
  if (held !== of) return ids; // somebody else drives meanwhile
  const pages = told.filter(({ status }) => status === "fulfilled").map(({ value }) => value);
  for (const [kind, { items }] of pages) {
    for (const item of items) {
      take(kind, item);
      ids.add(item.id);
    }
  }
  if (pages.length > 0) held.missing = [...new Set(pages.flatMap(([, page]) => page.missing.map(({ node }) => node)))].sort();
  changed.tell();
  return ids;
}

async function look(kind, item) {
  const of = held;
  try {
    const told = await get(`${KINDS[kind]}/${item.id}`);
    if (held === of) take(kind, told);
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 404) throw error;
    delete of[kind][item.id];
  }
}

function take(kind, item) {
  if (item.driver_id !== held.of) return;
  held[kind][item.id] = item;
  if (kind === "trips") for (const stop of item.stops) held.reservations[stop.id] ??= { ...stop, released_ms: null, reason: null };
}

function open() {
  if (held.of !== driver()) held = { ...empty(), of: driver() };
}

function empty() {
  return { of: "", reservations: {}, sessions: {}, trips: {}, missing: [] };
}

function startOf(item) {
  return item.start_ms ?? item.started_ms ?? item.created_ms;
}
