// What servers refuse, in the driver's language; in the server's words only what is news to us.

import { Problem } from "./api.js";
import { clock, day, duration, span } from "./format.js";
import { known, t } from "./i18n.js";
import { now } from "./now.js";

/** Return a sentence. */
export function explain(error) {
  if (!(error instanceof Problem)) return t("problem.unreachable");
  const { body, kind } = error;
  const at = body.start_from_ms ?? body.cancel_until_ms ?? body.latest_start_ms ?? body.free_from_ms ?? null;
  const values = {
    when: at === null ? "" : `${day(at, now())} ${clock(at)}`,
    span: duration(1000 * (body.min_window_s ?? body.max_window_s ?? 0)),
    taken: "taken_start_ms" in body ? span(body.taken_start_ms, body.taken_end_ms, now()) : "",
    fields: Array.isArray(body.errors) ? `: ${body.errors.map(({ field }) => field).join(", ")}` : "",
  };
  return known(`problem.${kind}`, values) ?? error.message;
}

/** Return the next free window that a refusal names as `[startMs, endMs]`, or null. */
export function alternative(error) {
  const { next_free_start_ms: start, next_free_end_ms: end } = error instanceof Problem ? error.body : {};
  return Number.isFinite(start) && Number.isFinite(end) ? [start, end] : null;
}

/** Whether nobody decided: it can be asked again. */
export const isPassing = (error) => !(error instanceof Problem) || error.isPassing;
