// What was asked of the servers and is not settled. Each request keeps its key until its answer is final, over retries,
// over the death of a server and over a reload of the page: however often it is asked, it has one effect.

import { call, Problem, Unreachable } from "./api.js";
import { backoff, pause } from "./backoff.js";
import { onLink } from "./link.js";
import { keep, recall } from "./settings.js";
import { signal } from "./signal.js";

const KEPT_MAX = 20;
const KEY_LASTS_MS = 23 * 3_600_000; // servers remember keys for 24 hours

const entries = new Map();
const left = new Set(); // by an earlier page, and nobody has been told of its end yet
const changed = signal();

/** Call `listener` with an entry whenever it changes: `{key, kind, method, path, body, state, tries, answer, problem}`. */
export const onOutbox = (listener) => changed.listen(listener);

/** Entries that a view of this kind has to tell of: not settled, or left by an earlier page and settled before there was a view. */
export const toTell = (kind) => [...new Set([...left, ...entries.values()])].filter((entry) => entry.kind === kind);

/** Note that somebody has been told of an entry's end. Returns whether nobody had been. */
export const told = (entry) => left.delete(entry);

/** Entries that are not settled. */
export const underWay = (kind) => [...entries.values()].filter((entry) => kind === undefined || entry.kind === kind);

/**
 * Ask for something until the answer is final. Returns the entry; `entry.settled` resolves to it when its `state` is
 * `done`, `refused` or `abandoned` (then nobody asks any more, and what became of it is not known).
 */
export function submit({ kind, method, path, body, note = {} }) {
  const entry = { key: crypto.randomUUID?.() ?? fallbackKey(), kind, method, path, body, note, madeMs: Date.now() };
  return begin(entry);
}

/** Go on with what an earlier page left. Returns the entries. */
export function resume() {
  for (const entry of recall("outbox", [])) {
    if (Date.now() - entry.madeMs < KEY_LASTS_MS) left.add(begin(entry));
  }
  store();
  onLink(({ state }) => state === "live" && underWay().forEach((entry) => entry.waiting?.wake()));
  return [...left];
}

/** Ask no more. */
export function abandon(entry) {
  settle(entry, "abandoned");
}

function begin(entry) {
  Object.assign(entry, { state: "sending", tries: 0, answer: null, problem: null, waiting: null });
  entry.settled = new Promise((resolve) => (entry.resolve = resolve));
  entries.set(entry.key, entry);
  while (entries.size > KEPT_MAX) abandon(entries.values().next().value);
  store();
  run(entry);
  return entry;
}

async function run(entry) {
  const waits = backoff(600, 20_000);
  while (entry.state === "sending" || entry.state === "waiting" || entry.state === "deciding") {
    let pauseMs = 0;
    try {
      tell(entry, entry.state === "deciding" ? "deciding" : "sending", { tries: entry.tries + 1 });
      const answer = await call(entry.method, entry.path, { body: entry.body, key: entry.key });
      if (entry.state === "abandoned") return;
      if (answer.status !== 202) return settle(entry, "done", { answer: answer.data });
      pauseMs = Number(answer.headers.get("Retry-After") ?? 1) * 1000;
      tell(entry, "deciding", { answer: answer.data });
    } catch (error) {
      if (entry.state === "abandoned") return;
      if (error instanceof Problem && !error.isPassing) return settle(entry, "refused", { problem: error });
      if (!(error instanceof Problem || error instanceof Unreachable)) throw error;
      pauseMs = Math.max(waits.next(), error.retryAfterMs ?? 0);
      tell(entry, "waiting", { problem: error, retryAtMs: Date.now() + pauseMs });
    }
    entry.waiting = pause(pauseMs);
    await entry.waiting.done;
  }
}

function tell(entry, state, more = {}) {
  Object.assign(entry, { state }, more);
  changed.tell(entry);
}

function settle(entry, state, more = {}) {
  entries.delete(entry.key);
  store();
  tell(entry, state, more);
  entry.waiting?.wake();
  entry.resolve(entry);
}

function store() {
  keep("outbox", underWay().map(({ key, kind, method, path, body, note, madeMs }) => ({ key, kind, method, path, body, note, madeMs })));
}

/** `randomUUID` is only there on HTTPS and on this machine. */
function fallbackKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
