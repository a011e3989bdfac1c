// Who uses the page: somebody signed in with a token, or, where servers ask nobody, a name they chose.

import { call, get, install, Problem, Unreachable } from "./api.js";
import { h, put, say } from "./dom.js";
import { t } from "./i18n.js";
import { explain } from "./problems.js";
import { change, setting } from "./settings.js";
import { signal } from "./signal.js";
import { toast } from "./toast.js";

/** `authentication`: whether servers ask who is there. */
export const session = { authentication: false, role: null, sub: null, expiresMs: null };

const changed = signal();
let signingIn = null;
let isLooking = false;

/** Call `listener` when somebody else uses the page. */
export const onSession = (listener) => changed.listen(listener);

/** Who drives; empty while that is not known. */
export const driver = () => (session.authentication ? (session.sub ?? "") : setting("driver"));

/** Whether to show what operators do. */
export const isOperator = () => !session.authentication || session.role === "operator";

/** Choose the name under which to drive, where nobody asks for a proof. */
export function setDriver(name) {
  change("driver", name.trim().slice(0, 100));
  changed.tell();
}

/** Learn who is signed in, and have somebody sign in where that is needed. */
export async function enter() {
  install({ onUnauthenticated: signIn, onForbidden: lookAgain });
  addEventListener("focus", lookAgain);
  document.addEventListener("visibilitychange", lookAgain); // one function, so that who enters again adds none
  await learn(true);
}

/** Sign out. Only a server can take the cookie back: where none does, that is said, and one is still signed in. */
export async function leave() {
  try {
    await call("DELETE", "/v1/session", { signsIn: false });
  } catch (error) {
    if (!(error instanceof Problem || error instanceof Unreachable)) throw error;
    toast(`${explain(error)} ${t("session.still_in")}`, "bad");
    return;
  }
  Object.assign(session, { role: null, sub: null, expiresMs: null });
  changed.tell();
  await signIn();
}

/** Look whether it is still the same who is signed in: another page of this browser may have changed that. */
async function lookAgain() {
  if (document.hidden || !session.authentication || session.sub === null || signingIn !== null || isLooking) return;
  isLooking = true;
  try {
    await learn(false, `${session.role} ${session.sub}`);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) signIn();
  } finally {
    isLooking = false;
  }
}

/** Learn who is signed in, and tell, unless that is who is `known`. */
async function learn(signsIn, known = null) {
  try {
    const told = await get("/v1/session", { signsIn });
    Object.assign(session, {
      authentication: told.authentication === true,
      role: told.role ?? null,
      sub: told.sub ?? null,
      expiresMs: told.expires_ms ?? null,
    });
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 404) throw error;
    session.authentication = false; // a server from before there were sessions
  }
  if (`${session.role} ${session.sub}` !== known) changed.tell();
}

/** Ask for a token, over whatever is on the page, until one is taken. What was typed elsewhere stays. */
function signIn() {
  signingIn ??= ask().finally(() => (signingIn = null));
  return signingIn;
}

function ask() {
  session.authentication = true;
  return new Promise((resolve) => {
    const error = h("p", { class: "error", role: "alert" });
    const field = h("input", { id: "token", type: "password", autocomplete: "off", spellcheck: "false", required: true, class: "mono" });
    const button = h("button", { class: "primary", type: "submit" }, t("session.enter"));
    const form = h(
      "form",
      { class: "stack" },
      h("h2", { id: "sign-in" }, t("session.title")),
      h("p", { class: "soft" }, t("session.why")),
      h("label", { for: "token" }, t("session.token")),
      field,
      error,
      button,
    );
    const dialog = h("dialog", { "aria-labelledby": "sign-in", class: "dialog" }, form);
    dialog.addEventListener("cancel", (event) => event.preventDefault()); // there is nothing to see behind it
    dialog.addEventListener("close", () => dialog.isConnected && dialog.showModal()); // browsers let that be said once
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      try {
        const token = field.value.trim();
        if (!/^[\x21-\x7e]+$/.test(token)) throw new Problem(401, {}, null); // no header takes it, and no token is like that
        // as a header it counts as its bearer's request, and not as one of everybody's at this address
        await call("POST", "/v1/session", { headers: { Authorization: `Bearer ${token}` }, signsIn: false });
        await learn(false);
        field.value = "";
        dialog.close();
        dialog.remove();
        resolve();
      } catch (problem) {
        say(error, problem instanceof Problem ? t("session.refused") : t("session.away"));
        field.focus();
      } finally {
        button.disabled = false;
      }
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Ask for a name, where servers ask nobody. Resolves when the dialog is closed. */
export function askName() {
  return new Promise((resolve) => {
    const field = h("input", { id: "driver-name", maxlength: 100, autocomplete: "name", value: setting("driver") });
    const form = h(
      "form",
      { method: "dialog", class: "stack" },
      h("h2", { id: "who" }, t("driver.title")),
      h("p", { class: "soft" }, t("driver.why")),
      h("label", { for: "driver-name" }, t("driver.name")),
      field,
      h("button", { class: "primary" }, t("save")),
    );
    const dialog = h("dialog", { "aria-labelledby": "who", class: "dialog" }, form);
    form.addEventListener("submit", () => setDriver(field.value));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    put(dialog, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}
