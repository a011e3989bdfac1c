// A question that is answered before anything is done.

import { h } from "./dom.js";

/** Ask in a dialog. Resolves to whether it was answered with `yes`; Escape says no, and so does Enter, unless one goes to `yes`. */
export function isConfirmed(question, yes, no) {
  return new Promise((resolve) => {
    const refuse = h("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, no);
    const accept = h("button", { type: "button", class: "primary", onclick: () => dialog.close("yes") }, yes);
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": "question" }, h("div", { class: "stack" }, h("p", { id: "question" }, question), h("div", { class: "buttons" }, accept, refuse)));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
