// Every charging point of the network, as it was last told, newest version wins.

import { get, query } from "./api.js";
import { onPointHeard } from "./broker.js";
import { link } from "./link.js";
import { onEvent, onReconnect } from "./live.js";
import { now } from "./now.js";
import { signal } from "./signal.js";

const PAGE = 1_000;
const PAGES_MAX = 20;
const DIRTY_MS = 150; // one look per burst of events
const DIRTY_MAX = 12; // more than that, and the whole list is less to ask for
const POLL_MS = 30_000; // windows begin and end without an event
const POLL_PER_POINT_MS = 20;

const known = new Map();
const changed = signal();
let dirty = new Set();
let dirtyTimer = null;
let announced = new Set();
let frame = null;
let refreshing = null;

/** All points, in order of id, or one of them. */
export const points = { all: () => known.values(), get: (id) => known.get(id), count: () => known.size, isLoaded: false, asOfMs: null };

/** Call `listener` with the set of ids that have changed, at most once a frame. */
export const onPoints = (listener) => changed.listen(listener);

/** Keep the list up to date from now on. */
export function followPoints() {
  onReconnect(refresh);
  onEvent(hear);
  onPointHeard(hearPoint);
  const poll = async () => {
    if (!document.hidden && link.state !== "away") await refresh();
    setTimeout(poll, POLL_MS + POLL_PER_POINT_MS * known.size);
  };
  setTimeout(poll, POLL_MS);
}

/** Read the whole list. */
export function refresh() {
  refreshing ??= readAll().finally(() => (refreshing = null));
  return refreshing;
}

/** Read one point from its owner. */
export async function refreshPoint(id) {
  take(await get(`/v1/points/${id}?fresh=true`));
}

/** Take a point's new state, unless a newer one is known. */
export function take(point) {
  const before = known.get(point.id);
  if (before !== undefined && isOlder(point, before)) return;
  known.set(point.id, point);
  announce(point.id);
}

async function readAll() {
  const told = new Set();
  try {
    let cursor = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { items, next_cursor: next } = await get(`/v1/points${query({ limit: PAGE, cursor })}`);
      for (const item of items) {
        told.add(item.id);
        take(item);
      }
      cursor = next;
      if (cursor === null) break;
    }
  } catch {
    return; // the link says so, and it is read again when it is back
  }
  for (const id of known.keys()) {
    if (!told.has(id)) {
      known.delete(id);
      announce(id);
    }
  }
  points.isLoaded = true;
  points.asOfMs = now();
  announce(null);
}

function hear({ type, node, subject, data }) {
  points.asOfMs = now();
  if (type === "point.availability") {
    take({ ...data.data, node, witness: [data.epoch, data.pointseq], stale: false });
  } else if (type === "node.state") {
    refresh();
  } else if (/^(point|reservation|session)\./.test(type)) {
    dirty.add(subject);
    dirtyTimer ??= setTimeout(readDirty, DIRTY_MS);
  }
}

/** What was told before we came may be of a point that is gone or unreachable: the server's list knows better, where there is one. */
function hearPoint({ point, isRetained }) {
  if (isRetained && points.isLoaded) return;
  points.asOfMs = now();
  take(point);
}

async function readDirty() {
  const ids = dirty;
  dirty = new Set();
  dirtyTimer = null;
  if (ids.size > DIRTY_MAX) {
    await refresh();
    return;
  }
  await Promise.allSettled([...ids].map(async (id) => take(await get(`/v1/points/${id}`))));
}

function announce(id) {
  if (id !== null) announced.add(id);
  frame ??= setTimeout(() => {
    const ids = announced;
    announced = new Set();
    frame = null;
    changed.tell(ids);
  }, 16);
}

function isOlder(a, b) {
  const [aEpoch, aSeq] = a.witness;
  const [bEpoch, bSeq] = b.witness;
  if (aEpoch !== bEpoch) return aEpoch < bEpoch;
  if (aSeq !== bSeq) return aSeq < bSeq;
  return a.as_of_ms < b.as_of_ms && a.status !== "UNKNOWN" && b.status !== "UNKNOWN";
}
