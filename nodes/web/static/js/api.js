// The nodes' HTTP API: one call, its answer, and the two ways in which it goes wrong.

import { learnTime } from "./now.js";

const PATIENCE_MS = 8_000; // a node gives up at 5 s by itself

/** The server said no, or that it cannot now: problem details of RFC 9457. */
export class Problem extends Error {
  constructor(status, body, retryAfterS) {
    super(typeof body.detail === "string" ? body.detail : `HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.kind = String(body.type ?? "").split(":").pop() || "http-error";
    this.retryAfterMs = retryAfterS === null ? null : Number(retryAfterS) * 1000;
  }

  /** Whether the same request may be answered otherwise in a while, or was perhaps done already. */
  get isPassing() {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** No answer came: whether anything was done is not known. */
export class Unreachable extends Error {}

let onUnreachable = () => {};
let onUnauthenticated = null;
let onForbidden = () => {};

/** Say who is to hear that no answer came, who can sign in when that is asked for, and who hears that something is not for them. */
export function install(hooks) {
  ({ onUnreachable = onUnreachable, onUnauthenticated = onUnauthenticated, onForbidden = onForbidden } = hooks);
}

/** Return `{status, data, headers}` of a 2xx answer. Raises Problem or Unreachable; signs in on the way if it must. */
export async function call(method, path, { body, key, headers = {}, patienceMs = PATIENCE_MS, signsIn = true } = {}) {
  for (;;) {
    const response = await send(method, path, { body, key, headers, patienceMs });
    if (response.status === 401 && signsIn && onUnauthenticated !== null) {
      await onUnauthenticated();
      continue;
    }
    if (response.status === 403) onForbidden();
    const data = await read(response);
    if (response.ok) return { status: response.status, data, headers: response.headers };
    throw new Problem(response.status, data ?? {}, response.headers.get("Retry-After"));
  }
}

/** The data of a GET. */
export const get = async (path, options) => (await call("GET", path, options)).data;

async function send(method, path, { body, key, headers, patienceMs }) {
  const all = { Accept: "application/json", ...headers };
  if (method !== "GET") all["Recarga-Client"] = "web"; // a form of another site cannot send this
  if (body !== undefined) all["Content-Type"] = "application/json";
  if (key !== undefined) all["Idempotency-Key"] = key;
  try {
    const response = await fetch(path, {
      method,
      headers: all,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
    });
    learnTime(response.headers.get("Date"));
    return response;
  } catch (error) {
    onUnreachable();
    throw new Unreachable(error.message);
  }
}

async function read(response) {
  try {
    const text = await response.text();
    return text === "" ? null : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    onUnreachable();
    throw new Unreachable(error.message);
  }
}

/** Return a query string; what is null or undefined is left out. */
export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}
