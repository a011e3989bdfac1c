// Before anything is painted: the theme and the language that were chosen, so that nothing flashes.
(() => {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem("recarga.settings") ?? "{}");
  } catch {
    // storage is forbidden or holds nonsense: go on with what the browser prefers
  }
  const root = document.documentElement;
  if (kept.theme === "light" || kept.theme === "dark") root.dataset.theme = kept.theme;
  root.lang = kept.language ?? ((navigator.language ?? "en").toLowerCase().startsWith("pt") ? "pt-BR" : "en");
})();
