// What this browser remembers for its user: how the page looks, and who drives. Never a token.

const PREFIX = "recarga.";

/** Return what is kept under a name, or the fallback: storage may be forbidden, or hold anything. */
export function recall(name, fallback) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : (JSON.parse(text) ?? fallback);
  } catch {
    return fallback;
  }
}

/** Keep something under a name. Whoever forbids storage goes without. */
export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // full or forbidden: it lasts as long as the page
  }
}

/** Forget what is kept under names that begin so. */
export function forget(prefix) {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX + prefix)) localStorage.removeItem(name);
  } catch {
    // then there is nothing
  }
}

const settings = { theme: null, language: null, driver: "", ...recall("settings", {}) };

/** Return one setting. */
export const setting = (name) => settings[name];

/** Change one setting. */
export function change(name, value) {
  settings[name] = value;
  keep("settings", settings);
}

/** Whether the page is dark now, by choice or by the system's. */
export function isDark() {
  if (settings.theme !== null) return settings.theme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Show the page in the other theme from now on. */
export function switchTheme() {
  change("theme", isDark() ? "light" : "dark");
  document.documentElement.dataset.theme = settings.theme;
}
