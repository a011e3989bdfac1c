// What happens, as it happens: server-sent events, read by hand, because a reader that chooses its own pauses and says
// which node's events it has seen recovers better than the browser's.

import { install } from "./api.js";
import { backoff, pause } from "./backoff.js";
import { link, setLink } from "./link.js";
import { learnTime } from "./now.js";
import { signal } from "./signal.js";

const SILENCE_MS = 40_000; // a node says something every 15 s
const PROBE_MS = 4_000;

const happened = signal();
const reconnected = signal();
const waits = backoff(500, 15_000);
let waiting = null;
let reading = null;
let seen = { node: null, id: null };

/** Call `listener` with `{type, node, subject, data, id}` of every event. */
export const onEvent = (listener) => happened.listen(listener);

/** Call `listener` whenever events come again after a time in which some may have been missed, and at first. */
export const onReconnect = (listener) => reconnected.listen(listener);

/** Look at once whether the server is there. */
export function tryNow() {
  waits.reset();
  waiting?.wake();
}

/** Follow events for as long as the page is open. */
export async function follow() {
  install({ onUnreachable: doubt });
  addEventListener("online", tryNow);
  document.addEventListener("visibilitychange", () => document.hidden || (link.state === "away" && tryNow()));
  for (;;) {
    const outcome = await once();
    const ms = outcome === "refused" ? 30_000 : waits.next();
    setLink(outcome === "away" ? "away" : outcome === "refused" ? "polling" : link.state, { retryAtMs: Date.now() + ms });
    waiting = pause(ms);
    await waiting.done;
  }
}

/** Somebody got no answer: see whether the stream still lives. */
async function doubt() {
  if (link.state !== "away" && (await probe()) === null) reading?.abort();
}

async function probe() {
  try {
    const response = await fetch("/healthz", { signal: AbortSignal.timeout(PROBE_MS), cache: "no-store" });
    if (!response.ok) return null;
    learnTime(response.headers.get("Date"));
    return (await response.json()).node ?? "";
  } catch {
    return null;
  }
}

/** Read one stream to its end. Returns `away`, `refused` (the server is there, but gives no stream) or `ended`. */
async function once() {
  const node = await probe();
  if (node === null) return "away";
  const resumes = seen.node === node && seen.id !== null;
  reading = new AbortController();
  try {
    const response = await fetch("/v1/events", {
      headers: { Accept: "text/event-stream", ...(resumes ? { "Last-Event-ID": seen.id } : {}) },
      signal: reading.signal,
      cache: "no-store",
      credentials: "same-origin",
    });
    if (!response.ok) {
      reconnected.tell();
      return "refused";
    }
    if (!resumes) seen = { node, id: null };
    setLink("live", { node });
    waits.reset();
    reconnected.tell();
    await readAll(response.body);
    return "ended";
  } catch {
    return (await probe()) === null ? "away" : "ended";
  } finally {
    reading = null;
  }
}

async function readAll(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const silent = setTimeout(() => reading?.abort(), SILENCE_MS);
    const { value, done } = await reader.read().finally(() => clearTimeout(silent));
    if (done) return;
    const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop();
    blocks.forEach(take);
  }
}

function take(block) {
  const event = { type: "message", id: null, data: "" };
  for (const line of block.split("\n")) {
    const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (name === "event") event.type = value;
    else if (name === "id") event.id = value;
    else if (name === "data") event.data += (event.data === "" ? "" : "\n") + value;
  }
  if (event.data === "") return;
  try {
    const told = JSON.parse(event.data);
    if (event.id !== null) seen.id = event.id;
    happened.tell({ type: event.type, id: event.id, node: told.node, subject: told.point_id ?? told.subject ?? told.node, data: told });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // a node's mistake is not ours to stop at
  }
}
