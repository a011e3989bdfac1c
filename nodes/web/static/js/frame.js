// What is around every view: the bar with the ways to go, who drives, language, theme, and whether the servers are there.

import { broker, onBroker } from "./broker.js";
import { h, put, say, set } from "./dom.js";
import { clockExact, countdown } from "./format.js";
import { language, switchLanguage, t } from "./i18n.js";
import { icon } from "./icons.js";
import { link, onLink } from "./link.js";
import { tryNow } from "./live.js";
import { points } from "./points.js";
import { askName, driver, isOperator, leave, onSession, session } from "./session.js";
import { isDark, switchTheme } from "./settings.js";
import { toasts } from "./toast.js";

const VIEWS = [["", "map"], ["mine", "bolt"], ["trip", "trip"], ["operator", "operator"]];

/** Put the frame into the page. Returns `{main, at, end}`: where views go, and `at(view)` marks the one that is shown. */
export function frame(app, { onLanguage }) {
  const links = VIEWS.map(([view, symbol]) => h("a", { href: `#/${view}`, dataset: { view } }, icon(symbol), h("span", {}, t(`nav.${view || "map"}`))));
  const nav = h("nav", { class: "nav", "aria-label": t("nav.title") }, links);
  const light = h("span", { class: "light" });
  const state = h("p", { class: "link-state", role: "status" }, light, h("span", { class: "words" }));
  const who = h("button", { type: "button", class: "who", onclick: () => (session.authentication ? leave() : askName()) });
  const theme = h("button", { type: "button", class: "tool", onclick: () => { switchTheme(); drawTheme(); } });
  const tongue = h("button", { type: "button", class: "tool", lang: language() === "en" ? "pt-BR" : "en", "aria-label": t("nav.language"), title: t("nav.language"), onclick: () => { switchLanguage(); onLanguage(); } }, language() === "en" ? "PT" : "EN");
  const skip = h("a", { class: "skip", href: "#main", onclick: (event) => { event.preventDefault(); main.focus(); } }, t("nav.skip"));
  const bar = h("header", { class: "bar-top" }, h("a", { class: "brand", href: "#/", "aria-label": "Recarga" }, h("span", { class: "logo" }, icon("bolt")), h("b", {}, "Recarga")), nav, h("div", { class: "tools" }, state, who, tongue, theme));
  const awayText = h("p", {});
  const away = h("div", { class: "lost", hidden: true, role: "alert" }, icon("warn"), awayText, h("button", { type: "button", onclick: tryNow }, t("link.try_now")));
  const main = h("main", { id: "main", tabindex: -1 });
  put(app, skip, bar, main, away, toasts());

  function drawTheme() {
    set(theme, "aria-label", t(isDark() ? "nav.light" : "nav.dark"));
    set(theme, "title", t(isDark() ? "nav.light" : "nav.dark"));
    put(theme, icon(isDark() ? "sun" : "moon"));
  }

  function drawWho() {
    const name = driver();
    set(who, "aria-label", session.authentication ? t("session.leave", { name }) : t("driver.change", { name: name || t("driver.nobody") }));
    set(who, "title", who.getAttribute("aria-label"));
    put(who, icon(session.authentication ? "sign_out" : "person"), h("span", {}, name || t("driver.nobody")));
    links.find(({ dataset }) => dataset.view === "operator").hidden = !isOperator();
    nav.style.setProperty("--views", String(links.filter(({ hidden }) => !hidden).length));
  }

  function drawLink() {
    light.className = `light ${link.state}`;
    say(state.lastChild, t(`link.${link.state}`));
    set(state, "title", broker.isLive ? t("link.broker") : null);
    document.documentElement.classList.toggle("is-away", link.state === "away");
    document.documentElement.classList.toggle("has-feed", broker.isLive);
    away.hidden = link.state !== "away";
    if (link.state !== "away") return;
    const left = Math.max(0, (link.retryAtMs ?? 0) - Date.now());
    const asOf = broker.isLive ? ` ${t("link.broker")}` : points.asOfMs === null ? "" : ` ${t("link.as_of", { when: clockExact(points.asOfMs) })}`;
    say(awayText, `${t("link.gone", { when: clockExact(link.sinceMs) })}${asOf} ${left > 0 ? t("link.retry", { left: countdown(left) }) : t("link.trying")}`);
  }

  const ends = [onLink(drawLink), onBroker(drawLink), onSession(drawWho)];
  const timer = setInterval(() => link.state === "away" && drawLink(), 1000);
  drawTheme();
  drawWho();
  drawLink();
  return {
    main,
    at(view) {
      for (const each of links) set(each, "aria-current", each.dataset.view === view ? "page" : null);
    },
    end() {
      clearInterval(timer);
      ends.forEach((end) => end());
    },
  };
}
