// Icons: strokes on a 24 by 24 grid.

import { s } from "./dom.js";

const PATHS = {
  map: "M9 4 3 6.500v13.500l6-2.500 6 2.500 6-2.500V4l-6 2.500L9 4zm0 0v13.500m6-11V20",
  bolt: "M13 3 5 13.500h5.500L10 21l8.500-11H13z",
  trip: "M6 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm12-10a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8 17h7a3 3 0 0 0 0-6H9a3 3 0 0 1 0-6h7",
  operator: "M4 6h10m4 0h2M4 12h4m4 0h8M4 18h10m4 0h2M16 4v4M10 10v4M16 16v4",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zm5-2 4.500 4.500",
  near: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm0-6v4m0 12v4M2 12h4m12 0h4",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.500 1.500m11 11L19 19M5 19l1.500-1.500m11-11L19 5",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5",
  close: "m6 6 12 12M18 6 6 18",
  back: "M19 12H5m6-6-6 6 6 6",
  up: "m6 15 6-6 6 6",
  down: "m6 9 6 6 6-6",
  check: "m5 12.500 4.500 4.500L19 7.500",
  warn: "M12 4 2.500 20h19L12 4zm0 6v5m0 2.500v.500",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm0-14v5l3.500 2",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7.500 8.500c.800-4 3.800-5.500 7.500-5.500s6.700 1.500 7.500 5.500",
  filter: "M4 6h16M7 12h10m-7 6h4",
  next: "m9 6 6 6-6 6",
  plug: "M9 3v5m6-5v5M6 8h12v3a6 6 0 0 1-12 0V8zm6 9v4",
  pin: "M12 21s7-6.300 7-11.500A7 7 0 0 0 5 9.500C5 14.700 12 21 12 21zm0-9a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  wrench: "M14.500 6.500a4 4 0 0 1 5-1.500l-2.700 2.700 1.500 1.500L21 6.500a4 4 0 0 1-5.500 5L8 19a2.100 2.100 0 0 1-3-3l7.500-7.500a4 4 0 0 1 2-2z",
  sign_out: "M14 4h5v16h-5M4 12h11m-4-4 4 4-4 4",
};

/** Return an icon that says nothing to a screen reader: its button or its text does. */
export function icon(name) {
  return s("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" }, s("path", { d: PATHS[name] }));
}
