// Lines of latitude and longitude on the map, at round degrees.

import { keyed, s, say, set } from "./dom.js";
import { t } from "./i18n.js";
import { multiples, roundUp } from "./projection.js";

const GRID_PX = 130;

/** Draw those of a projection into a group; `size`: of the picture in pixels. */
export function drawGraticule(lines, at, { width, height }) {
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
