// The page begins here: who uses it, what is shown, and what follows from what happens.

import { atlas } from "./atlas.js";
import { followBroker } from "./broker.js";
import { put } from "./dom.js";
import { frame } from "./frame.js";
import { t } from "./i18n.js";
import { followLedger } from "./ledger.js";
import { onLink } from "./link.js";
import { follow, tryNow } from "./live.js";
import { mineView } from "./mine.js";
import { operatorView } from "./operator.js";
import { resume } from "./outbox.js";
import { followPoints, refresh } from "./points.js";
import { enter, isOperator, onSession, session } from "./session.js";

const app = document.getElementById("app");
let around = null;
let world = null;
let endView = () => {};
let last = null;

/** `#/point/server1.centro-01` -> ["point", "server1.centro-01"]. */
function route() {
  const [view = "", id = ""] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  if (view === "point" && /^[a-z0-9-]+\.[a-z0-9-]+$/.test(id)) return ["point", id];
  if (view === "mine" || view === "trip") return [view, null];
  if (view === "operator" && isOperator()) return [view, null];
  return ["", null];
}

function show() {
  const [view, id] = route();
  endView();
  endView = () => {};
  around.at(view === "point" ? "" : view);
  document.title = `${t(`nav.${view === "" || view === "point" ? "map" : view}`)} · Recarga`;
  if (["", "point", "trip"].includes(view)) {
    if (around.main.firstChild !== world.element) put(around.main, world.element);
    world.show(view, id);
  } else endView = (view === "mine" ? mineView : operatorView)(put(around.main));
  if (last !== null && last !== location.hash) around.main.querySelector("h1")?.focus({ preventScroll: true });
  last = location.hash;
}

function build() {
  endView();
  endView = () => {};
  world?.end();
  around?.end();
  around = frame(app, { onLanguage: build });
  world = atlas();
  show();
}

addEventListener("hashchange", show);
build();
followPoints();
followBroker();
followLedger();
onSession(() => {
  if (location.hash === "#/operator" && !isOperator()) location.hash = "#/";
  if (session.sub === null) return;
  refresh();
  tryNow();
});
let hasEntered = false;
async function begin() {
  try {
    await enter();
    if (!hasEntered) resume();
    hasEntered = true;
  } catch {
    // the server is away: again when it is back
  }
}
onLink(({ state }) => state === "live" && !hasEntered && begin());
await begin();
follow();
