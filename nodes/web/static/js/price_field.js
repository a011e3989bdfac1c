// A point's price where an operator changes it. What cannot be read is said and not stored, and the old price stays; one
// that is far from it is asked about once more.

import { readPrice, writePrice } from "./amounts.js";
import { h, put, say, set } from "./dom.js";
import { money } from "./format.js";
import { t } from "./i18n.js";
import { released } from "./press.js";
import { progress } from "./progress.js";
import { isConfirmed } from "./question.js";

const FAR = 10; // times as much or as little: a decimal mark that slipped or was left out

/** Return `{element, show}`. `show(point)` shows its price, unless one is being typed; `change(point, minor)` submits another. */
export function priceField(change) {
  let point = null;
  const field = h("input", { class: "amount", inputmode: "decimal", autocomplete: "off", spellcheck: "false", oninput: clear, onchange: typed, onblur: restore, onkeydown: undo });
  const currency = h("small", { class: "soft" });
  const told = h("div", { class: "outcome" });
  const element = h("div", { class: "priced" }, h("span", { class: "inline" }, field, currency), told);

  const write = () => (field.value = writePrice(point.price_per_kwh_minor, point.currency));

  function clear() {
    put(told);
    set(field, "aria-invalid", null);
  }

  function restore() {
    if (!field.readOnly) write();
  }

  function undo({ key }) {
    if (key !== "Escape" || field.readOnly) return;
    clear();
    write();
  }

  async function typed() {
    const { value, flaw } = readPrice(field.value, point.currency);
    field.readOnly = true; // one change at a time: the later one must not be overtaken
    await released(); // also the key that ended the typing moves the focus first
    if (flaw === undefined && value !== point.price_per_kwh_minor) await ask(value);
    field.readOnly = false;
    write();
    if (flaw === undefined) return;
    put(told, h("p", { class: "error", role: "alert" }, `${flaw} ${t("operator.stays", { price: money(point.price_per_kwh_minor, point.currency) })}`));
    set(field, "aria-invalid", "true");
  }

  async function ask(minor) {
    if (isFar(minor, point.price_per_kwh_minor) && !(await confirmFar(minor))) return;
    const entry = change(point, minor);
    put(told, progress(entry));
    await entry.settled;
    put(told);
    if (entry.state === "done") point = entry.answer;
  }

  function confirmFar(minor) {
    const [from, to] = [point.price_per_kwh_minor, minor].map((each) => money(each, point.currency));
    return isConfirmed(t("operator.far", { name: point.name, from, to }), t("operator.far_set", { to }), t("operator.far_keep", { from }));
  }

  return {
    element,
    show(now) {
      point = now;
      set(told, "id", `price-${point.id}`);
      set(field, "aria-describedby", told.id);
      set(field, "aria-label", t("operator.price_of", { name: point.name }));
      say(currency, `${point.currency} / kWh`);
      if (document.activeElement !== field) restore();
    },
  };
}

const isFar = (minor, from) => from > 0 && (minor >= FAR * from || FAR * minor <= from);
