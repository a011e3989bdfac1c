// Names on the map: of points where there are few, else of the parts of town, each below its shape.

import { districtOf } from "./districts.js";

const NAMED_MOST = 26; // with fewer shapes than that in sight, each says its name

/** Return `{key, text, x, y}` for the shapes whose names cover nothing, the largest clusters first. */
export function placeNames(shapes, width, selected) {
  const reach = ({ items }) => (items.length > 1 ? radius(items.length) + 4 : 13);
  const taken = shapes.map((shape) => box(shape.x, shape.y, reach(shape), reach(shape)));
  const placed = [];
  for (const shape of [...shapes].sort((a, b) => b.items.length - a.items.length)) {
    const text = nameOf(shape, shapes.length);
    if (text === null) continue;
    const below = shape.items.length > 1 ? radius(shape.items.length) + 19 : shape.items[0].point.id === selected ? 36 : 27;
    const half = text.length * 3.4 + 6;
    const x = Math.min(width - half, Math.max(half, shape.x));
    const place = { key: keyOf(shape), text, x, y: shape.y + below, box: box(x, shape.y + below - 4, half, 8) };
    if (![...taken, ...placed.map((other) => other.box)].some((other) => meet(other, place.box))) placed.push(place);
  }
  return placed;
}

/** What tells a shape from others: its point, or the first of its points. */
export function keyOf(shape) {
  return shape.items.length === 1 ? shape.items[0].point.id : `+${shape.items.map(({ point }) => point.id).sort()[0]}`;
}

/** The radius of a cluster's ring, in pixels. */
export const radius = (count) => Math.min(25, 15.5 + Math.sqrt(count) * 1.7);

/** A point's name, or the part of town most of a cluster is in. */
function nameOf({ items }, count) {
  if (items.length === 1) return count <= NAMED_MOST ? items[0].point.name : null;
  const counts = new Map();
  for (const { point } of items) {
    const name = districtOf(point.location.address);
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

const box = (x, y, halfWidth, halfHeight) => [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
