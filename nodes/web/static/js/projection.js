// A plain map: degrees to pixels, with east-west shortened as it is at one latitude. Right for a city, honest for a country.

const DEGREE_M = 111_194.93; // along a meridian, on a sphere of 6,371,008.8 m
const STEPS = [1, 2, 5];

/** Return a projection in which `pixels` (north-south) are one degree, with `center` ({lat, lon}) in the middle. */
export function projection({ lat, lon }, pixels, { width, height }) {
  const squeeze = Math.cos((lat * Math.PI) / 180);
  return {
    pixels,
    squeeze,
    x: (degrees) => width / 2 + (degrees - lon) * squeeze * pixels,
    y: (degrees) => height / 2 - (degrees - lat) * pixels,
    lon: (x) => lon + (x - width / 2) / (squeeze * pixels),
    lat: (y) => lat - (y - height / 2) / pixels,
    metresPerPixel: DEGREE_M / pixels,
  };
}

/** Return where to look, and how near, to see all of some places ({lat, lon}). */
export function fitting(places, { width, height }, margin = 48) {
  if (places.length === 0) return { center: { lat: 0, lon: 0 }, pixels: Math.min(width / 360, height / 180) };
  const [south, north] = range(places.map(({ lat }) => lat));
  const [west, east] = range(places.map(({ lon }) => lon));
  const center = { lat: (south + north) / 2, lon: (west + east) / 2 };
  const squeeze = Math.cos((center.lat * Math.PI) / 180);
  const pixels = Math.min(
    Math.max(1, width - 2 * margin) / Math.max(1e-9, (east - west) * squeeze),
    Math.max(1, height - 2 * margin) / Math.max(1e-9, north - south),
    40_000,
  );
  return { center, pixels };
}

/** Return the least round number (1, 2 or 5 times a power of ten) that is no less than `value`. */
export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return (STEPS.find((step) => step * power >= value * 0.999999) ?? 10) * power;
}

/** Return the multiples of `step` between two numbers, at most `most`. */
export function multiples(from, to, step, most = 40) {
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.min(most, Math.max(0, Math.floor(to / step) - first + 1)) }, (_, at) => (first + at) * step);
}

function range(values) {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

/** Group placed items ({x, y, …}) of which the nearest are closer than `px`: in cells first, then cells that touch. */
export function clusters(items, px) {
  const cells = new Map();
  for (const item of items) {
    const key = `${Math.floor(item.x / px)} ${Math.floor(item.y / px)}`;
    if (!cells.has(key)) cells.set(key, { items: [], x: 0, y: 0 });
    const cell = cells.get(key);
    cell.items.push(item);
    cell.x += (item.x - cell.x) / cell.items.length;
    cell.y += (item.y - cell.y) / cell.items.length;
  }
  const groups = [];
  for (const cell of [...cells.values()].sort((a, b) => b.items.length - a.items.length)) {
    const near = groups.find((group) => Math.hypot(group.x - cell.x, group.y - cell.y) < px * 0.92);
    if (near === undefined) groups.push(cell);
    else {
      const total = near.items.length + cell.items.length;
      near.x += ((cell.x - near.x) * cell.items.length) / total;
      near.y += ((cell.y - near.y) * cell.items.length) / total;
      near.items.push(...cell.items);
    }
  }
  return groups;
}
