// A button that asks for something once, and says beside itself what came of it.

import { h, put } from "./dom.js";
import { icon } from "./icons.js";
import { submit } from "./outbox.js";
import { explain } from "./problems.js";
import { progress } from "./progress.js";

/** Return `{button, outcome}`. `request()` gives what to submit, or words on why not; `onDone(answer)` takes what came. */
export function action(label, request, onDone, { className = "", symbol = null } = {}) {
  const outcome = h("div", { class: "outcome", "aria-live": "polite" });
  const button = h("button", { type: "button", class: className, onclick: act }, symbol !== null && icon(symbol), label);
  async function act() {
    const asked = request();
    if (typeof asked === "string") {
      refuse(asked);
      return;
    }
    button.disabled = true;
    const entry = submit(asked);
    put(outcome, progress(entry));
    await entry.settled;
    button.disabled = false;
    put(outcome);
    if (entry.state === "done") onDone(entry.answer);
    else if (entry.state === "refused") refuse(explain(entry.problem));
  }
  const refuse = (why) => put(outcome, h("p", { class: "error", role: "alert" }, why));
  return { button, outcome };
}
