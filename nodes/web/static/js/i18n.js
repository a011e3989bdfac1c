// Words, in the language of the page.

import { en } from "./en.js";
import { pt } from "./pt.js";
import { change } from "./settings.js";

const LANGUAGES = { en, "pt-BR": pt };

/** Return the language of the page as a BCP 47 tag. */
export const language = () => (document.documentElement.lang in LANGUAGES ? document.documentElement.lang : "en");

/** Show the page in the other language from now on. Whoever has said something says it anew. */
export function switchLanguage() {
  document.documentElement.lang = language() === "en" ? "pt-BR" : "en";
  change("language", language());
}

/** Return the words of a key. `{name}` is replaced by a value; with `n`, `key.one` or `key.other` is taken. */
export function t(key, values = {}) {
  const words = LANGUAGES[language()];
  const rule = "n" in values ? `${key}.${new Intl.PluralRules(language()).select(values.n) === "one" ? "one" : "other"}` : key;
  const text = words[rule] ?? words[key];
  if (text === undefined) return key;
  return text.replaceAll(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Return the words of a key, or null if it has none: for what servers say, which may be news to us. */
export const known = (key, values) => (LANGUAGES[language()][key] === undefined ? null : t(key, values));
