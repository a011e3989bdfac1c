// What stands for points on the map. A mark is drawn anew when it looks different.

import { put, s, set } from "./dom.js";
import { t } from "./i18n.js";
import { radius } from "./map_names.js";
import { mark, shown, STATUSES } from "./status.js";

/** Draw a point; `stop`: its number in a trip from 0 on, or -1. */
export function drawPoint(group, point, { isSelected, stop }) {
  const look = `${shown(point.status)} ${isSelected} ${stop}`;
  set(group, "class", `point${isSelected ? " selected" : ""}${point.stale ? " stale" : ""}`);
  set(group, "aria-label", `${point.name}: ${t(`status.${shown(point.status)}`)}`);
  if (group.look === look) return;
  group.look = look;
  put(group, s("circle", { r: 20, class: "ring" }), mark(point.status), stop >= 0 && s("g", { class: "number" }, s("circle", { cx: 11, cy: -11, r: 9 }), s("text", { x: 11, y: -7.5 }, String(stop + 1))));
}

/** Draw several points as one: how many, and around that how many are in which status. */
export function drawCluster(group, items) {
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
