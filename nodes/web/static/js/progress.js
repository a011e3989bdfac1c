// A request under way, told while it lasts: sending, asked again (with the same key), deciding; then its end.

import { h, put } from "./dom.js";
import { countdown } from "./format.js";
import { t } from "./i18n.js";
import { abandon, onOutbox } from "./outbox.js";
import { explain } from "./problems.js";

/** Return an element that tells of an entry of the outbox until it is settled; then it is empty. */
export function progress(entry) {
  const text = h("span", {});
  const stop = h("button", { type: "button", class: "link", onclick: () => abandon(entry) }, t("outbox.stop"));
  const element = h("div", { class: "progress", role: "status" });
  let timer = null;

  function tell() {
    clearTimeout(timer);
    if (!["sending", "waiting", "deciding"].includes(entry.state)) {
      unlisten();
      put(element);
      return;
    }
    const left = Math.max(0, (entry.retryAtMs ?? 0) - Date.now());
    const words = {
      sending: entry.tries > 1 ? t("outbox.again", { tries: entry.tries }) : t("outbox.sending"),
      waiting: `${explain(entry.problem)} ${t("outbox.waiting", { left: countdown(left) })}`,
      deciding: t("outbox.deciding"),
    };
    text.textContent = words[entry.state];
    if (element.firstChild === null) put(element, h("span", { class: "spinner", "aria-hidden": "true" }), text, stop);
    stop.hidden = entry.tries < 2;
    if (entry.state === "waiting") timer = setTimeout(tell, 1000);
  }
  const unlisten = onOutbox((changed) => changed === entry && tell());
  tell();
  return element;
}
