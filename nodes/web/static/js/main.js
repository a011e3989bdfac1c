// The page begins here: who uses it, what is shown, and what follows from what happens.

import { atlas } from "./atlas.js";
import { pause } from "./backoff.js";
import { followBroker } from "./broker.js";
import { put } from "./dom.js";
import { frame } from "./frame.js";
import { t } from "./i18n.js";
import { followLedger } from "./ledger.js";
import { onLink } from "./link.js";
import { follow, tryNow } from "./live.js";
import { mineView } from "./mine.js";
import { operatorView } from "./operator.js";
import { resume, told } from "./outbox.js";
import { followPoints, refresh } from "./points.js";
import { explain } from "./problems.js";
import { enter, isOperator, onSession, session } from "./session.js";
import { toast } from "./toast.js";

const VIEWS_TELL_MS = 3_000; // where it belongs, if that is shown

const app = document.getElementById("app");
let around = null;
let world = null;
let endView = () => {};
let last = null;

/** A part of an address; what is no such text is none: somebody pasted half of one. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

/** `#/point/server1.centro-01` -> ["point", "server1.centro-01"]. */
function route() {
  const [view = "", id = ""] = location.hash.replace(/^#\/?/, "").split("/").map(decoded);
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
/** Say what became of something that an earlier page left, if no view has by then. */
async function tellEnd(entry) {
  await entry.settled;
  await pause(VIEWS_TELL_MS).done;
  if (!told(entry)) return;
  if (entry.state === "done") toast(t("outbox.left_done"));
  else toast(entry.state === "refused" ? t("outbox.left_refused", { why: explain(entry.problem) }) : t("outbox.abandoned"), "bad");
}

let hasEntered = false;
async function begin() {
  try {
    await enter();
    if (!hasEntered) resume().forEach(tellEnd);
    hasEntered = true;
  } catch {
    // the server is away: again when it is back
  }
}
onLink(({ state }) => state === "live" && !hasEntered && begin());
await begin();
follow();
