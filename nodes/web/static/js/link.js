// Whether the servers are there: one state for the whole page.

import { now } from "./now.js";
import { signal } from "./signal.js";

/** `connecting` at first; `live`: events come; `polling`: answers come, events do not; `away`: nothing comes. */
export const link = {
  state: "connecting",
  /** Since when nothing has come (ms). */
  sinceMs: null,
  /** When it is tried again (ms, by the browser's clock). */
  retryAtMs: null,
  /** The node that answers. */
  node: null,
};

const changed = signal();

/** Call `listener` whenever the link changes. */
export const onLink = (listener) => changed.listen(listener);

/** Set the state. */
export function setLink(state, { retryAtMs = null, node = link.node } = {}) {
  if (state === "away" && link.state !== "away") link.sinceMs = now();
  if (state !== "away") link.sinceMs = null;
  Object.assign(link, { state, retryAtMs, node });
  changed.tell(link);
}
