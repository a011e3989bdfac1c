// The map: points by latitude and longitude, without tiles, to be moved by pointer, wheel, fingers and keys.

import { h, keyed, put, s, set, say } from "./dom.js";
import { distance } from "./format.js";
import { gestures } from "./gestures.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { keyOf, placeNames, radius } from "./map_names.js";
import { clusters, fitting, multiples, projection, roundUp } from "./projection.js";
import { mark, shown, STATUSES } from "./status.js";

const CLUSTER_PX = 60;
const LAND_PX = 58; // at the most; less where there is little room
const SELECTED = 9_000;
const NEAREST = 400_000; // pixels a degree: a metre is 3.6 px
const FARTHEST = 2;
const GRID_PX = 130;
const SCALE_PX = 110;
const MOVE_MS = 260;

/** Return `{element, show, select, focus, fit, you, route}`; `onPick(point)` when one is chosen. */
export function createMap({ onPick }) {
  const land = s("g", { class: "land" });
  const lines = s("g", { class: "graticule" });
  const names = s("g", { class: "districts", "aria-hidden": "true" });
  const path = s("path", { class: "route" });
  const marks = s("g", { class: "marks" });
  const me = s("g", { class: "me", visibility: "hidden" }, s("circle", { r: 16, class: "halo" }), s("circle", { r: 6 }));
  const picture = s("svg", { class: "picture", "aria-hidden": "false", role: "group", "aria-label": t("map.points") }, land, lines, path, me, marks, names);
  const bar = h("span", { class: "bar" });
  const barText = h("span", {});
  const scale = h("div", { class: "scale", "aria-hidden": "true" }, bar, barText);
  const tip = h("div", { class: "tip", hidden: true, role: "presentation" });
  const legend = h("ul", { class: "legend", "aria-label": t("map.legend") });
  const buttons = h(
    "div",
    { class: "zoom" },
    button("plus", t("map.nearer"), () => zoom(2)),
    button("minus", t("map.farther"), () => zoom(0.5)),
    button("fit", t("map.all"), () => fit(true)),
  );
  const hint = h("p", { id: "map-keys", class: "hidden" }, t("map.keys"));
  const element = h(
    "div",
    { class: "map", tabindex: 0, role: "group", "aria-label": t("map.title"), "aria-describedby": "map-keys" },
    picture, tip, scale, legend, buttons, hint,
  );
  const state = { points: [], selected: null, size: { width: 0, height: 0 }, center: { lat: 0, lon: 0 }, pixels: 1, isFitted: false, you: null, stops: [] };
  let animation = null;

  function button(name, label, onclick) {
    return h("button", { type: "button", "aria-label": label, title: label, onclick }, icon(name));
  }

  function view() {
    return projection(state.center, state.pixels, state.size);
  }

  function draw() {
    if (state.size.width === 0) return;
    const at = view();
    set(picture, "viewBox", `0 0 ${state.size.width} ${state.size.height}`);
    drawGraticule(at);
    drawScale(at);
    drawRoute(at);
    drawMarks(at);
    if (state.you !== null) set(me, "transform", `translate(${at.x(state.you.lon)} ${at.y(state.you.lat)})`);
    set(me, "visibility", state.you === null ? "hidden" : "visible");
  }

  function drawGraticule(at) {
    const { width, height } = state.size;
    const step = roundUp(GRID_PX / at.pixels);
    const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    const rows = multiples(at.lat(height - 34), at.lat(0), step).map((lat) => ({ key: `y${lat.toFixed(6)}`, d: `M0 ${at.y(lat)}H${width}`, x: 8, y: at.y(lat) - 5, text: `${Math.abs(lat).toFixed(digits)}°${lat < 0 ? "S" : "N"}` }));
    const columns = multiples(at.lon(0), at.lon(width), step / at.squeeze > step * 1.9 ? step * 2 : step).map((lon) => ({ key: `x${lon.toFixed(6)}`, d: `M${at.x(lon)} 0V${height}`, x: at.x(lon) + 5, y: 16, text: `${Math.abs(lon).toFixed(digits)}°${lon < 0 ? t("west") : t("east")}` }));
    keyed(lines, [...rows, ...columns], (line) => line.key, () => s("g", {}, s("path"), s("text")), (group, line) => {
      set(group.firstChild, "d", line.d);
      set(group.lastChild, "x", line.x);
      set(group.lastChild, "y", line.y);
      say(group.lastChild, line.text);
    });
  }

  function drawScale(at) {
    const metres = roundUp((SCALE_PX * at.metresPerPixel) / 2.5);
    bar.style.width = `${metres / at.metresPerPixel}px`;
    say(barText, distance(metres));
  }

  function drawNames(shapes) {
    keyed(names, placeNames(shapes, state.size.width, state.selected), ({ key }) => key, () => s("text"), (text, place) => {
      set(text, "x", place.x.toFixed(1));
      set(text, "y", place.y.toFixed(1));
      say(text, place.text);
    });
  }

  /** A soft ground under the points, so that where they are looks like a place. */
  function drawLand(places) {
    keyed(land, places, ({ point }) => point.id, () => s("circle"), (circle, { x, y }) => {
      set(circle, "r", Math.min(LAND_PX, state.size.width * 0.09));
      set(circle, "cx", x.toFixed(1));
      set(circle, "cy", y.toFixed(1));
    });
  }

  function drawRoute(at) {
    const places = state.stops.filter(({ location }) => location.lat !== null).map(({ location }) => `${at.x(location.lon)} ${at.y(location.lat)}`);
    set(path, "d", places.length > 1 ? `M${places.join("L")}` : null);
  }

  function drawMarks(at) {
    const { width, height } = state.size;
    const sight = LAND_PX + 2;
    const placed = state.points
      .map((point) => ({ point, x: at.x(point.location.lon), y: at.y(point.location.lat) }))
      .filter(({ x, y }) => x > -sight && y > -sight && x < width + sight && y < height + sight);
    const held = new Set([state.selected, ...state.stops.map(({ id }) => id)]);
    const alone = placed.filter(({ point }) => held.has(point.id));
    const groups = clusters(placed.filter(({ point }) => !held.has(point.id)), CLUSTER_PX);
    const shapes = [...groups, ...alone.map((item) => ({ items: [item], x: item.x, y: item.y }))];
    drawLand(placed);
    drawNames(shapes);
    keyed(marks, shapes, keyOf, () => s("g", { tabindex: -1, role: "button" }), (group, shape) => {
      set(group, "transform", `translate(${shape.x.toFixed(1)} ${shape.y.toFixed(1)})`);
      group.shape = shape;
      if (shape.items.length === 1) drawPoint(group, shape.items[0].point);
      else drawCluster(group, shape.items);
    });
  }

  function drawPoint(group, point) {
    const stop = state.stops.findIndex(({ id }) => id === point.id);
    const look = `${shown(point.status)} ${point.id === state.selected} ${stop}`;
    set(group, "class", `point${point.id === state.selected ? " selected" : ""}${point.stale ? " stale" : ""}`);
    set(group, "aria-label", `${point.name}: ${t(`status.${shown(point.status)}`)}`);
    if (group.look === look) return;
    group.look = look;
    put(group, s("circle", { r: 20, class: "ring" }), mark(point.status), stop >= 0 && s("g", { class: "number" }, s("circle", { cx: 11, cy: -11, r: 9 }), s("text", { x: 11, y: -7.5 }, String(stop + 1))));
  }

  function drawCluster(group, items) {
    const counts = STATUSES.map((status) => items.filter(({ point }) => shown(point.status) === status).length);
    const look = counts.join(" ");
    set(group, "class", "cluster");
    set(group, "aria-label", t("map.cluster", { n: items.length, free: counts[0] }));
    if (group.look === look) return;
    group.look = look;
    const r = radius(items.length);
    const around = 2 * Math.PI * r;
    let done = 0;
    const arcs = counts.map((count, at) => {
      const length = (count / items.length) * around;
      const arc = count > 0 && s("circle", { r, class: `arc ${STATUSES[at]}`, "stroke-dasharray": `${Math.max(0.1, length - (count < items.length ? 2 : 0))} ${around}`, "stroke-dashoffset": -done, transform: "rotate(-90)" });
      done += length;
      return arc;
    });
    put(group, s("circle", { r: r + 4, class: "disc" }), ...arcs, s("text", { y: 5 }, String(items.length)));
  }

  function moveTo(center, pixels, isAnimated = true) {
    cancelAnimationFrame(animation);
    const to = { center, pixels: Math.min(NEAREST, Math.max(FARTHEST, pixels)) };
    if (!isAnimated || matchMedia("(prefers-reduced-motion: reduce)").matches) {
      Object.assign(state, to);
      draw();
      return;
    }
    const from = { center: state.center, pixels: state.pixels };
    const begunMs = performance.now();
    const step = (nowMs) => {
      const part = Math.min(1, (nowMs - begunMs) / MOVE_MS);
      const eased = 1 - (1 - part) ** 3;
      state.center = { lat: mix(from.center.lat, to.center.lat, eased), lon: mix(from.center.lon, to.center.lon, eased) };
      state.pixels = from.pixels * (to.pixels / from.pixels) ** eased;
      draw();
      if (part < 1) animation = requestAnimationFrame(step);
    };
    animation = requestAnimationFrame(step);
  }

  function zoom(factor, x = state.size.width / 2, y = state.size.height / 2, isAnimated = true) {
    const at = view();
    const pixels = Math.min(NEAREST, Math.max(FARTHEST, state.pixels * factor));
    const part = 1 - state.pixels / pixels; // what is under x, y stays there
    moveTo({ lat: mix(state.center.lat, at.lat(y), part), lon: mix(state.center.lon, at.lon(x), part) }, pixels, isAnimated);
  }

  function pan(dx, dy, isAnimated = false) {
    const at = view();
    moveTo({ lat: at.lat(state.size.height / 2 + dy), lon: at.lon(state.size.width / 2 + dx) }, state.pixels, isAnimated);
  }

  function fit(isAnimated) {
    const { center, pixels } = fitting(state.points.map(({ location }) => location), state.size);
    moveTo(center, pixels, isAnimated);
  }

  /** The first look: at what is selected, or else at everything. It waits until there is both something and room. */
  function arrive() {
    if (state.isFitted || state.size.width === 0 || state.points.length === 0 || !state.isComplete) return;
    state.isFitted = true;
    const selected = state.points.find(({ id }) => id === state.selected);
    if (selected === undefined) fit(false);
    else moveTo(selected.location, SELECTED, false);
  }

  function choose(shape) {
    if (shape.items.length === 1) return onPick(shape.items[0].point);
    const places = shape.items.map(({ point }) => point.location);
    const { center, pixels } = fitting(places, state.size, 90);
    return moveTo(center, Math.min(NEAREST, Math.max(pixels, state.pixels * 1.8)));
  }

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
      Enter: () => (onMark === null ? nearest(state.size.width / 2, state.size.height / 2)?.focus() : choose(onMark.shape)),
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

  function showTip(group) {
    const items = group?.shape?.items ?? [];
    tip.hidden = items.length === 0;
    if (items.length === 0) return;
    const { point } = items[0];
    put(tip, items.length === 1 ? [h("strong", {}, point.name), h("span", {}, t(`status.${shown(point.status)}`))] : h("span", {}, group.getAttribute("aria-label")));
    tip.style.left = `${Math.min(state.size.width - 110, Math.max(110, group.shape.x))}px`;
    tip.style.top = `${group.shape.y - 26}px`;
  }

  gestures(picture, { pan, zoom, choose, showTip });
  element.addEventListener("keydown", onKey);
  new ResizeObserver(([{ contentRect }]) => {
    const before = state.size.width;
    state.size = { width: contentRect.width, height: contentRect.height };
    if (state.size.width === 0) return;
    if (before === 0) arrive();
    draw();
  }).observe(element);

  return {
    element,
    /** Show points; those without a place cannot be. `isComplete`: these are all, and no first part of them. */
    show(all, isComplete) {
      state.points = all.filter(({ location }) => location.lat !== null && location.lon !== null);
      state.isComplete = isComplete;
      const seen = STATUSES.filter((status) => state.points.some((point) => shown(point.status) === status));
      if (legend.dataset.look !== seen.join()) put(legend, seen.map((status) => h("li", {}, s("svg", { viewBox: "-14 -14 28 28", class: "badge" }, mark(status)), t(`status.${status}`))));
      legend.dataset.look = seen.join();
      arrive();
      draw();
    },
    /** Mark a point as the one that is looked at, and move so that it can be seen. */
    select(point) {
      state.selected = point?.id ?? null;
      if (!state.isFitted) arrive();
      else if (point !== null && point.location.lat !== null) moveTo(point.location, Math.max(state.pixels, SELECTED));
      draw();
    },
    /** Show the stops of a trip, in order. */
    route(stops) {
      state.stops = stops;
      draw();
    },
    /** Show where the user is. */
    you(place) {
      state.you = place;
      if (place !== null) moveTo(place, Math.max(state.pixels, 3_000));
    },
    center: () => state.center,
    fit: () => fit(true),
  };
}

function mix(a, b, part) {
  return a + (b - a) * part;
}
