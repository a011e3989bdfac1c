// The views that share the map: the list, a point, and the trip that is planned.

import { h, put, say } from "./dom.js";
import { filterForm, filters, isWanted } from "./filters.js";
import { t } from "./i18n.js";
import { pointList } from "./list.js";
import { createMap } from "./map.js";
import { now } from "./now.js";
import { onPoints, points } from "./points.js";
import { pointView } from "./point.js";
import { toast } from "./toast.js";
import { tripView } from "./trip.js";
import { addStop, draftStops, onDraft } from "./trip_draft.js";

/** Return `{element, show, end}`; `show(view, id)` puts the list, a point or the trip beside the map. */
export function atlas() {
  let view = "";
  let selected = null;
  let endPanel = () => {};
  const map = createMap({ onPick: (point) => (view === "trip" ? addStop({ point_id: point.id }, now()) : (location.hash = `#/point/${point.id}`)) });
  const list = pointList();
  const found = h("p", { class: "found", role: "status" });
  const form = filterForm({ onChange: draw, onNear: near });
  const panel = h("div", { class: "panel" });
  const element = h("div", { class: "atlas" }, panel, map.element);

  function draw() {
    const all = [...points.all()];
    const wanted = all.filter(isWanted);
    const kept = view === "trip" ? all : wanted.some(({ id }) => id === selected) || selected === null ? wanted : [...wanted, ...all.filter(({ id }) => id === selected)];
    map.show(kept, points.isLoaded);
    drawRoute();
    if (view !== "") return;
    form.offer(all);
    list.show(wanted, selected);
    list.element.classList.toggle("loading", !points.isLoaded);
    const free = wanted.filter(({ status }) => status === "AVAILABLE").length;
    say(found, points.isLoaded ? t("list.found", { n: wanted.length, free }) : t("list.loading"));
  }

  function drawRoute() {
    map.route(view === "trip" ? draftStops().map(({ point_id: id }) => points.get(id)).filter((point) => point !== undefined) : []);
  }

  function near() {
    if (filters.near !== null) {
      filters.near = null;
      map.you(null);
      return refilter();
    }
    const fallBack = () => {
      filters.near = map.center();
      toast(t("filter.from_middle"));
      refilter();
    };
    if (navigator.geolocation === undefined || !isSecureContext) return fallBack();
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      filters.near = { lat: coords.latitude, lon: coords.longitude };
      map.you(filters.near);
      refilter();
    }, fallBack, { maximumAge: 60_000, timeout: 8_000 });
    return undefined;
  }

  function refilter() {
    form.say();
    draw();
  }

  const ends = [onPoints(draw), onDraft(drawRoute)];
  return {
    element,
    show(next, id) {
      endPanel();
      view = next;
      selected = id ?? null;
      element.dataset.view = next || "list";
      panel.scrollTop = 0;
      if (next === "point") endPanel = pointView(put(panel), id, { onReady: (point) => map.select(point) });
      else if (next === "trip") endPanel = tripView(put(panel));
      else {
        endPanel = () => {};
        put(panel, h("h1", { class: "hidden", tabindex: -1 }, t("list.title")), form.element, found, list.element);
      }
      if (next !== "point") map.select(null);
      draw();
    },
    end() {
      endPanel();
      ends.forEach((end) => end());
    },
  };
}
