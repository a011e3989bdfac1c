// A field of a form with its label and, under it, what is wrong with what was typed.

import { h, put, say, set } from "./dom.js";

/**
 * Return `{element, input, read, fill, refuse}`. `check(text)` gives `{value}` or `{flaw}`, in words; `read()` does the same
 * with what is in the field, and says it there. `options`: pairs of value and label to choose from.
 */
export function formField({ id, label, check = (value) => ({ value }), options, ...props }) {
  const flawText = h("small", { id: `${id}-flaw`, class: "error", role: "alert" });
  const input = h(options === undefined ? "input" : "select", { id, "aria-describedby": flawText.id, autocomplete: "off", ...props });
  if (options !== undefined) offer(options);
  input.addEventListener("input", () => refuse(""));
  const element = h("div", { class: "field" }, h("label", {}, h("span", {}, label), input), flawText);

  function offer(pairs) {
    put(input, pairs.map(([value, text]) => h("option", { value }, text)));
  }

  function refuse(flaw) {
    say(flawText, flaw);
    set(input, "aria-invalid", flaw === "" ? null : "true");
  }

  function read() {
    const told = check(input.value);
    refuse(told.flaw ?? "");
    return told;
  }

  function fill(value) {
    input.value = value;
    refuse("");
  }

  return { element, input, offer, read, fill, refuse };
}
