// The map by keys: it is moved, and where a mark has the focus, arrows go from mark to mark.

/** Listen on `element`. `marks`: the group of them, each with its `shape`; `middle()`: of the picture, as `[x, y]`. */
export function mapKeys(element, marks, { middle, pan, zoom, fit, choose }) {
  function nearest(x, y, accepts = () => true) {
    const distanceTo = (group) => Math.hypot(group.shape.x - x, group.shape.y - y);
    return [...marks.children].filter((group) => accepts(group.shape)).sort((a, b) => distanceTo(a) - distanceTo(b))[0];
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("button")) return;
    const onMark = event.target.closest(".marks > g");
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const act = {
      "+": () => zoom(1.6), "=": () => zoom(1.6), "-": () => zoom(0.625), 0: () => fit(true),
      Enter: () => (onMark === null ? nearest(...middle())?.focus() : choose(onMark.shape)),
      Escape: () => element.focus(),
    }[event.key];
    if (way !== undefined && onMark !== null) toNeighbour(onMark.shape, way);
    else if (way !== undefined) pan(way[0] * 80, way[1] * 80, true);
    else if (act !== undefined) act();
    else return;
    event.preventDefault();
  }

  function toNeighbour({ x, y }, [dx, dy]) {
    const lies = (shape) => (shape.x - x) * dx + (shape.y - y) * dy > 4 && Math.abs((shape.x - x) * dy) + Math.abs((shape.y - y) * dx) <= 1.2 * Math.abs((shape.x - x) * dx + (shape.y - y) * dy);
    nearest(x, y, lies)?.focus();
  }

  element.addEventListener("keydown", onKey);
}
