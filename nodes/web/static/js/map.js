// The map: points by latitude and longitude, without tiles, to be moved by pointer, wheel, fingers and keys.

import { h, keyed, put, s, set, say } from "./dom.js";
import { distance } from "./format.js";
import { gestures } from "./gestures.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { drawGraticule } from "./map_grid.js";
import { mapKeys } from "./map_keys.js";
import { drawCluster, drawPoint } from "./map_marks.js";
import { keyOf, placeNames } from "./map_names.js";
import { clusters, fitting, projection, roundUp } from "./projection.js";
import { mark, shown, STATUSES } from "./status.js";

const CLUSTER_PX = 60;
const LAND_PX = 58; // at the most; less where there is little room
const SELECTED = 9_000;
const NEAREST = 400_000; // pixels a degree: a metre is 3.6 px
const FARTHEST = 2;
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
    drawGraticule(lines, at, state.size);
    drawScale(at);
    drawRoute(at);
    drawMarks(at);
    if (state.you !== null) set(me, "transform", `translate(${at.x(state.you.lon)} ${at.y(state.you.lat)})`);
    set(me, "visibility", state.you === null ? "hidden" : "visible");
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
      const [{ point }] = shape.items;
      if (shape.items.length > 1) drawCluster(group, shape.items);
      else drawPoint(group, point, { isSelected: point.id === state.selected, stop: state.stops.findIndex(({ id }) => id === point.id) });
    });
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
  mapKeys(element, marks, { middle: () => [state.size.width / 2, state.size.height / 2], pan, zoom, fit, choose });
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
