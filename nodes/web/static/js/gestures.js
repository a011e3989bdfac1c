// What fingers, a mouse and a wheel do to the map.

const MARK = ".marks > g";
const STILL_PX = 5; // a hand is never quite still

/** Listen on the map's picture. `pan(dx, dy)`, `zoom(factor, x, y, isAnimated)`, `choose(shape)`, `showTip(mark or null)`. */
export function gestures(picture, { pan, zoom, choose, showTip }) {
  const fingers = new Map();
  let movedPx = 0;
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    movedPx = 0;
  });
  picture.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return showTip(event.target.closest(MARK));
    const box = picture.getBoundingClientRect();
    const here = { x: event.clientX - box.left, y: event.clientY - box.top };
    movedPx += Math.hypot(here.x - before.x, here.y - before.y);
    if (movedPx < STILL_PX) return undefined;
    picture.setPointerCapture(event.pointerId);
    showTip(null);
    if (fingers.size === 2) {
      const other = [...fingers.entries()].find(([id]) => id !== event.pointerId)[1];
      zoom(Math.hypot(here.x - other.x, here.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y)), other.x, other.y, false);
    } else pan(before.x - here.x, before.y - here.y);
    fingers.set(event.pointerId, here);
    return undefined;
  });
  const lift = (event) => fingers.delete(event.pointerId);
  picture.addEventListener("pointerup", lift);
  picture.addEventListener("pointercancel", lift);
  picture.addEventListener("pointerleave", () => showTip(null));
  picture.addEventListener("click", (event) => {
    const group = event.target.closest(MARK);
    if (group !== null && movedPx < STILL_PX) choose(group.shape);
  });
  picture.addEventListener("focusin", (event) => showTip(event.target.closest(MARK)));
  picture.addEventListener("focusout", () => showTip(null));
  picture.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018)), event.offsetX, event.offsetY, false);
  }, { passive: false });
}
