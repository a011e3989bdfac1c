// A charge that is under way: energy, cost and the time that is left, as they change.

import { action } from "./action.js";
import { readEnergy } from "./amounts.js";
import { h, s, say, set } from "./dom.js";
import { ago, clock, countdown, energy, money, power } from "./format.js";
import { t } from "./i18n.js";
import { note } from "./ledger.js";
import { now } from "./now.js";
import { points } from "./points.js";
import { driver } from "./session.js";

const RING = 2 * Math.PI * 52;

/** Return `{element, show}`; `show(session, reservation)`. Call `tick()` every second. */
export function chargeCard(first) {
  let session = first;
  let reservation = null;
  const title = h("h3", {}, h("a", {}));
  const ring = s("circle", { r: 52, class: "ring-value", transform: "rotate(-90)", "stroke-dasharray": `0 ${RING}` });
  const big = h("strong", { class: "big" });
  const figures = h("dl", { class: "figures" }, ...["cost", "left", "power"].map((name) => h("div", {}, h("dt", {}, t(`charge.${name}`)), h("dd", {}))));
  const metered = h("p", { class: "soft small" });
  const reading = h("input", { inputmode: "decimal", autocomplete: "off", spellcheck: "false", id: `reading-${first.id}`, "aria-label": t("charge.reading") });
  const stop = action(t("charge.stop"), () => (reading.value.trim() === "" ? request("stop", {}) : read("stop")), (answer) => note("sessions", answer), { className: "danger" });
  const meter = action(t("charge.report"), () => read("meter"), (answer) => {
    reading.value = "";
    note("sessions", answer);
  });
  const element = h(
    "article",
    { class: "card charge" },
    h("div", { class: "dial" }, s("svg", { viewBox: "-60 -60 120 120", "aria-hidden": "true" }, s("circle", { r: 52, class: "ring-track" }), ring), h("div", {}, big, h("small", {}, "kWh"))),
    h("div", { class: "body" }, title, figures, metered, h("details", {}, h("summary", {}, t("charge.no_meter")), h("div", { class: "inline" }, reading, meter.button), meter.outcome), h("div", { class: "buttons" }, stop.button), stop.outcome),
  );

  const request = (act, more) => ({ kind: act, method: "POST", path: `/v1/sessions/${session.id}/${act}`, body: { driver_id: driver(), ...more } });

  /** The request with the reading that was typed, or why that is none. */
  function read(act) {
    const { value, flaw } = readEnergy(reading.value);
    set(reading, "aria-invalid", flaw === undefined ? null : "true");
    return flaw ?? request(act, { energy_wh: value });
  }

  function draw() {
    const point = points.get(session.point_id);
    const [cost, left, rate] = [...figures.children].map((each) => each.lastChild);
    say(title.firstChild, point?.name ?? session.point_id);
    set(title.firstChild, "href", `#/point/${session.point_id}`);
    say(big, energy(session.energy_wh).replace(/\s*kWh$/, ""));
    say(cost, money(session.status === "ACTIVE" ? soFar(session) : session.cost_minor, session.currency));
    say(metered, session.metered_ms === null ? t("charge.since", { when: clock(session.started_ms) }) : t("charge.metered", { ago: ago(now() - session.metered_ms) }));
    const hours = ((session.metered_ms ?? 0) - session.started_ms) / 3_600_000;
    say(rate, session.metered_ms === null || hours <= 0 ? `≤ ${power(session.max_power_w)}` : power(Math.round(session.energy_wh / hours / 100) * 100));
    const endMs = reservation?.end_ms ?? null;
    say(left, endMs === null ? "–" : countdown(endMs - now()));
    const part = endMs === null ? 0 : Math.min(1, Math.max(0.01, (now() - session.started_ms) / Math.max(1, endMs - session.started_ms)));
    set(ring, "stroke-dasharray", `${part * RING} ${RING}`);
    set(element, "aria-label", `${point?.name ?? session.point_id}: ${t("status.CHARGING")}`);
  }

  return {
    element,
    show(told, held) {
      session = told;
      reservation = held ?? reservation;
      draw();
    },
    tick: draw,
  };
}

/** What the energy so far costs; the server says it once the charge has ended. Rounded as the server does, half up. */
const soFar = ({ energy_wh: wh, price_per_kwh_minor: price }) => Math.floor((wh * price + 500) / 1000);
