// The driver's reservations, charges and trips: their ids, and what was last told of them. Servers list what they hold
// themselves; what another node holds is found by the ids kept here.

import { get, Problem, query } from "./api.js";
import { onEvent } from "./live.js";
import { points } from "./points.js";
import { driver } from "./session.js";
import { keep, recall } from "./settings.js";
import { signal } from "./signal.js";

const KEPT_MAX = 60;
const LISTED_MAX = 100;
const KINDS = { reservations: "/v1/reservations/", sessions: "/v1/sessions/", trips: "/v1/trips/" };
const OVER = ["FULFILLED", "CANCELED", "NO_SHOW", "REJECTED", "COMPLETED", "INVALID", "ABORTED"];

const changed = signal();
let held = { of: null, reservations: {}, sessions: {}, trips: {} };
let dueTimer = null;

/** Call `listener` when anything of the driver's has changed. */
export const onLedger = (listener) => changed.listen(listener);

/** The driver's, newest first. */
export function mine(kind) {
  open();
  return Object.values(held[kind]).sort((a, b) => startOf(b) - startOf(a));
}

/** Whether nothing more happens to it. */
export const isOver = (item) => OVER.includes(item.status);

/** Take what was told of something of the driver's. */
export function note(kind, item) {
  open();
  if (item.driver_id !== held.of) return;
  held[kind][item.id] = item;
  if (kind === "trips") for (const stop of item.stops) held.reservations[stop.id] ??= { ...stop, released_ms: null, reason: null };
  store();
}

/** Follow events that concern what is held. */
export function followLedger() {
  onEvent(({ type, subject, data }) => {
    if (!/^(reservation|session|trip|point\.(reservations|charging))/.test(type)) return;
    open();
    const concerned = ["reservations", "sessions"].some((kind) => Object.values(held[kind]).some((item) => item.point_id === subject && !isOver(item)));
    if (concerned || data.data?.trip_id in held.trips) dueTimer ??= setTimeout(refreshOpen, 200);
  });
}

/** Ask anew for everything that is not over, and for what this node lists. */
export async function refreshLedger() {
  open();
  const of = held.of;
  if (of === "") return;
  await Promise.allSettled([list("sessions", of), list("trips", of)]);
  await refreshOpen();
}

async function refreshOpen() {
  dueTimer = null;
  open();
  const asked = Object.entries(KINDS).flatMap(([kind, path]) => Object.values(held[kind]).filter((item) => !isOver(item)).map((item) => look(kind, path, item)));
  await Promise.allSettled(asked);
  const running = Object.values(held.sessions).filter((item) => !isOver(item) && held.reservations[item.reservation_id] === undefined);
  await Promise.allSettled(running.map((item) => look("reservations", KINDS.reservations, { id: item.reservation_id })));
  await Promise.allSettled(Object.values(held.reservations).filter((item) => item.status === "ACTIVE").map(findSession));
  changed.tell();
}

async function look(kind, path, item) {
  try {
    note(kind, await get(path + item.id));
  } catch (error) {
    if (error instanceof Problem && error.status === 404) {
      delete held[kind][item.id];
      store();
    } else throw error;
  }
}

/** A reservation that is being used has a session, perhaps begun elsewhere: its point names it. */
async function findSession(reservation) {
  if (Object.values(held.sessions).some((item) => item.reservation_id === reservation.id)) return;
  const id = points.get(reservation.point_id)?.session_id ?? (await get(`/v1/points/${reservation.point_id}?fresh=true`)).session_id;
  if (id === null) return;
  const found = await get(`/v1/sessions/${id}`);
  if (found.reservation_id === reservation.id) note("sessions", found);
}

async function list(kind, of) {
  const { items } = await get(`/v1/${kind}${query({ driver_id: of, limit: LISTED_MAX })}`);
  for (const item of items) note(kind, item);
}

function open() {
  if (held.of === driver()) return;
  held = { of: driver(), reservations: {}, sessions: {}, trips: {}, ...recall(`mine.${driver()}`, {}) };
  held.of = driver();
}

function store() {
  for (const kind of Object.keys(KINDS)) {
    const items = Object.values(held[kind]).sort((a, b) => isOver(a) - isOver(b) || startOf(b) - startOf(a));
    held[kind] = Object.fromEntries(items.slice(0, KEPT_MAX).map((item) => [item.id, item]));
  }
  if (held.of !== "") keep(`mine.${held.of}`, held);
  changed.tell();
}

function startOf(item) {
  return item.start_ms ?? item.started_ms ?? item.created_ms;
}
