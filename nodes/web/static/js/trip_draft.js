// The trip that is being planned: stops in order, kept in this browser until it is confirmed or thrown away.

import { keep, recall } from "./settings.js";
import { signal } from "./signal.js";

const STOPS_MAX = 20;
const HOUR_MS = 3_600_000;

let stops = recall("trip", []).filter(({ point_id: id, startMs, endMs }) => typeof id === "string" && Number.isFinite(startMs) && Number.isFinite(endMs));
const changed = signal();

/** The stops: `{point_id, startMs, endMs}`. */
export const draftStops = () => stops;

/** Call `listener` when stops come, go or move. */
export const onDraft = (listener) => changed.listen(listener);

/** Put a stop behind the others. Without a window it is an hour, an hour after the one before. */
export function addStop({ point_id: pointId, startMs = null, endMs = null }, nowMs = Date.now()) {
  if (stops.length >= STOPS_MAX) return;
  const quarter = 15 * 60_000;
  const after = stops.length === 0 ? Math.ceil(nowMs / quarter) * quarter : stops.at(-1).endMs;
  const start = startMs ?? after + HOUR_MS;
  setStops([...stops, { point_id: pointId, startMs: start, endMs: endMs ?? start + HOUR_MS }]);
}

/** Change one stop. */
export const changeStop = (at, values) => setStops(stops.map((stop, other) => (other === at ? { ...stop, ...values } : stop)));

/** Take one stop out. */
export const removeStop = (at) => setStops(stops.filter((_, other) => other !== at));

/** Change places with the one before (`by` -1) or behind (1); the windows stay in their order. */
export function moveStop(at, by) {
  const to = at + by;
  if (to < 0 || to >= stops.length) return;
  const moved = stops.map((stop) => ({ ...stop }));
  [moved[at].point_id, moved[to].point_id] = [moved[to].point_id, moved[at].point_id];
  setStops(moved);
}

/** Have other stops. */
export function setStops(next) {
  stops = next;
  keep("trip", stops);
  changed.tell();
}

/** Return the number of the first stop that begins before the one before it ends, or -1. */
export const firstOverlap = () => stops.findIndex((stop, at) => at > 0 && stop.startMs < stops[at - 1].endMs);
