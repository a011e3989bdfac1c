// A new point, as an operator describes it. What is typed stays until the point is there.

import { readDegrees, readPower, readPrice, writePrice } from "./amounts.js";
import { h, put } from "./dom.js";
import { CONNECTOR_IDS, connectorName } from "./filters.js";
import { formField } from "./form_field.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { submit } from "./outbox.js";
import { explain } from "./problems.js";
import { progress } from "./progress.js";

const ID = /^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/;
const CURRENCY = /^[A-Z]{3}$/;
const EMPTY = { name: "", node: "", id: "", address: "", lat: "", lon: "", kw: "22", connector: "IEC_62196_T2", price: null, currency: "BRL" };
const draft = { ...EMPTY };
let isIdTyped = false;

/** Return `{element, offer}`: the form; `offer()` when other nodes are known. */
export function pointForm({ nodes, onCreated }) {
  const outcome = h("div", { class: "outcome", "aria-live": "polite" });
  const connectors = CONNECTOR_IDS.map((id) => [id, connectorName({ connector: id })]);
  const code = { class: "mono", spellcheck: "false", autocapitalize: "none" };
  const amount = { inputmode: "decimal", spellcheck: "false" };
  const degrees = (most) => ({ check: (text) => readDegrees(text, most), spellcheck: "false" }); // a decimal keypad may have no minus
  const fields = {
    name: field("name", { check: (text) => (text.trim() === "" ? { flaw: t("new.needed") } : { value: text.trim() }), required: true, maxlength: 200 }),
    node: field("node", { options: [] }),
    id: field("id", { check: (text) => (ID.test(text) ? { value: text } : { flaw: t("new.id_rule") }), required: true, maxlength: 64, ...code }),
    address: field("address", { check: (text) => ({ value: text.trim() || null }), maxlength: 300 }),
    lat: field("lat", degrees(90)),
    lon: field("lon", degrees(180)),
    kw: field("kw", { check: readPower, required: true, ...amount }),
    connector: field("connector", { options: connectors }),
    price: field("price", { check: (text) => readPrice(text, currency()), required: true, ...amount }),
    currency: field("currency", { check: () => (CURRENCY.test(currency()) ? { value: currency() } : { flaw: t("new.currency_rule") }), required: true, maxlength: 3, spellcheck: "false", autocapitalize: "characters" }),
  };
  const button = h("button", { type: "submit", class: "primary" }, icon("plus"), t("new.create"));
  const element = h(
    "form",
    { class: "card new-point", novalidate: true, onsubmit: (event) => { event.preventDefault(); send(); } },
    h("div", { class: "fields" }, Object.values(fields).map((each) => each.element)),
    outcome, h("div", { class: "buttons" }, button),
  );

  function field(name, props) {
    const made = formField({ id: `new-${name}`, label: t(`new.${name}`), oninput: () => changed(name, made.input.value), ...props });
    made.fill(shown(name));
    return made;
  }

  function currency() {
    return draft.currency.trim().toUpperCase();
  }

  function changed(name, value) {
    draft[name] = value;
    if (name === "name" && !isIdTyped) fields.id.fill((draft.id = slug(value)));
    if (name === "id") isIdTyped = true;
  }

  /** What was typed, read; null where something is wrong, and then it is said, and the first such field has the focus. */
  function read() {
    const values = {};
    const wrong = [];
    for (const [name, each] of Object.entries(fields)) {
      const { value, flaw } = each.read();
      values[name] = value;
      if (flaw !== undefined) wrong.push(each);
    }
    if (wrong.length === 0 && (values.lat === null) !== (values.lon === null)) {
      wrong.push(values.lat === null ? fields.lat : fields.lon);
      wrong[0].refuse(t("new.place_rule"));
    }
    wrong[0]?.input.focus();
    return wrong.length === 0 ? values : null;
  }

  async function send() {
    const told = read();
    if (told === null) return;
    const body = {
      id: told.node === "" ? told.id : `${told.node}.${told.id}`,
      name: told.name,
      location: { lat: told.lat, lon: told.lon, address: told.address },
      max_power_w: told.kw,
      connector: told.connector,
      price_per_kwh_minor: told.price,
      currency: told.currency,
    };
    button.disabled = true;
    const entry = submit({ kind: "create", method: "POST", path: "/v1/points", body });
    put(outcome, progress(entry));
    await entry.settled;
    button.disabled = false;
    put(outcome);
    if (entry.state === "done") {
      onCreated(entry.answer);
      empty();
    } else put(outcome, h("p", { class: "error", role: "alert" }, entry.state === "refused" ? explain(entry.problem) : t("outbox.abandoned")));
  }

  function empty() {
    Object.assign(draft, EMPTY, { node: draft.node });
    isIdTyped = false;
    for (const [name, each] of Object.entries(fields)) each.fill(shown(name));
  }

  function offer() {
    const ids = nodes();
    const { options } = fields.node.input;
    if (ids.length === options.length && ids.every((id, at) => options[at].value === id)) return;
    fields.node.offer(ids.map((id) => [id, id]));
    draft.node = ids.includes(draft.node) ? draft.node : (ids[0] ?? "");
    fields.node.fill(draft.node);
  }
  offer();
  return { element, offer };
}

/** What a field begins with: what was typed, or else the same in the language of the page. */
const shown = (name) => draft[name] ?? writePrice(189, EMPTY.currency);

/** "Praça da Sé 1" -> "praca-da-se-1". */
function slug(name) {
  return name.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replace(/^-+/, "").slice(0, 64).replace(/-+$/, "");
}
