// A new point, as an operator describes it. What is typed stays until the point is there.

import { h, put } from "./dom.js";
import { CONNECTOR_IDS, connectorName } from "./filters.js";
import { decimals } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { submit } from "./outbox.js";
import { explain } from "./problems.js";
import { progress } from "./progress.js";

const EMPTY = { name: "", node: "", id: "", address: "", lat: "", lon: "", kw: "22", connector: "IEC_62196_T2", price: "1.89", currency: "BRL" };
const draft = { ...EMPTY };

/** Return `{element, offer}`: the form; `offer()` when other nodes are known. */
export function pointForm({ nodes, onCreated }) {
  const outcome = h("div", { class: "outcome", "aria-live": "polite" });
  const fields = {};
  const field = (name, props) => {
    const input = h(props.options === undefined ? "input" : "select", { id: `new-${name}`, oninput: () => changed(name, input.value), ...props, options: undefined });
    if (props.options !== undefined) put(input, props.options.map(([value, label]) => h("option", { value }, label)));
    input.value = draft[name];
    fields[name] = input;
    return h("label", {}, h("span", {}, t(`new.${name}`)), input);
  };
  const button = h("button", { type: "submit", class: "primary" }, icon("plus"), t("new.create"));
  const element = h(
    "form",
    { class: "card new-point", onsubmit: (event) => { event.preventDefault(); send(); } },
    h("div", { class: "fields" },
      field("name", { required: true, maxlength: 200 }),
      field("node", { options: [] }),
      field("id", { required: true, pattern: "[a-z0-9]([a-z0-9\\-]{0,62}[a-z0-9])?", title: t("new.id_rule"), class: "mono", spellcheck: "false", autocapitalize: "none" }),
      field("address", { maxlength: 300 }),
      field("lat", { type: "number", min: -90, max: 90, step: "any", inputmode: "decimal" }),
      field("lon", { type: "number", min: -180, max: 180, step: "any", inputmode: "decimal" }),
      field("kw", { type: "number", required: true, min: 0.001, max: 10000, step: "any", inputmode: "decimal" }),
      field("connector", { options: CONNECTOR_IDS.map((id) => [id, connectorName({ connector: id })]) }),
      field("price", { type: "number", required: true, min: 0, step: "any", inputmode: "decimal" }),
      field("currency", { required: true, pattern: "[A-Z]{3}", maxlength: 3, class: "mono" })),
    outcome, h("div", { class: "buttons" }, button),
  );

  function changed(name, value) {
    draft[name] = value;
    if (name === "name" && fields.id.dataset.typed === undefined) fields.id.value = draft.id = slug(value);
    if (name === "id") fields.id.dataset.typed = "";
  }

  async function send() {
    const number = (text) => (text === "" ? null : Number(text));
    const body = {
      id: draft.node === "" ? draft.id : `${draft.node}.${draft.id}`,
      name: draft.name,
      location: { lat: number(draft.lat), lon: number(draft.lon), address: draft.address || null },
      max_power_w: Math.round(Number(draft.kw) * 1000),
      connector: draft.connector,
      price_per_kwh_minor: Math.round(Number(draft.price) * 10 ** decimals(draft.currency)),
      currency: draft.currency,
    };
    button.disabled = true;
    const entry = submit({ kind: "create", method: "POST", path: "/v1/points", body });
    put(outcome, progress(entry));
    await entry.settled;
    button.disabled = false;
    put(outcome);
    if (entry.state === "done") {
      onCreated(entry.answer);
      Object.assign(draft, EMPTY, { node: draft.node });
      for (const [name, input] of Object.entries(fields)) input.value = draft[name];
      delete fields.id.dataset.typed;
    } else if (entry.state === "refused") put(outcome, h("p", { class: "error", role: "alert" }, explain(entry.problem)));
  }

  function offer() {
    const ids = nodes();
    if (ids.length === fields.node.options.length && ids.every((id, at) => fields.node.options[at].value === id)) return;
    put(fields.node, ids.map((id) => h("option", { value: id }, id)));
    draft.node = ids.includes(draft.node) ? draft.node : (ids[0] ?? "");
    fields.node.value = draft.node;
  }
  offer();
  return { element, offer };
}

/** "Praça da Sé 1" -> "praca-da-se-1". */
function slug(name) {
  return name.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "").slice(0, 64);
}
