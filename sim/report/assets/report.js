// Shows what the thing under the pointer says of itself, at once, and when. Without this script browsers do it after a while.
(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("aria-hidden", "true");
  tip.hidden = true;
  document.body.append(tip);
  const words = new WeakMap();

  const wordsOf = (element) => {
    const title = element.querySelector(":scope > title");
    if (title) {
      words.set(element, title.textContent);
      title.remove();
    }
    return words.get(element);
  };

  const show = (event) => {
    const element = event.target instanceof Element ? event.target.closest("svg rect, svg circle") : null;
    const said = element && wordsOf(element);
    tip.hidden = !said;
    if (!said) return;
    tip.textContent = said;
    const { offsetWidth: width, offsetHeight: height } = tip;
    const left = Math.min(event.clientX + 14, document.documentElement.clientWidth - width - 8);
    const above = event.clientY - height - 12;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${above > 8 ? above : event.clientY + 18}px`;
  };

  document.addEventListener("pointermove", show, { passive: true });
  document.addEventListener("pointerdown", show, { passive: true });
  document.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
})();
