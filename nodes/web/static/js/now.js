// What time it is, by the servers: a phone's own clock may be wrong, and windows are decided by theirs.

const TRUST_MS = 3_000; // the Date header has whole seconds, and answers take a moment

let offsetMs = 0;

/** Milliseconds since the Unix epoch, as a server would say. */
export const now = () => Date.now() + offsetMs;

/** Learn from the `Date` header of an answer. */
export function learnTime(header) {
  const told = Date.parse(header ?? "");
  if (Number.isNaN(told)) return;
  const differs = told + 500 - Date.now();
  offsetMs = Math.abs(differs) < TRUST_MS ? 0 : differs;
}
