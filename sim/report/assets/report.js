// Adds to a page that says everything without it: words under the pointer at once, and time series that can be zoomed.
(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("aria-hidden", "true");
  tip.hidden = true;
  document.body.append(tip);
  const words = new WeakMap();

  const wordsOf = (element) => {
    const title = element.querySelector(":scope > title");
    if (title) {
      words.set(element, title.textContent);
      title.remove();
    }
    return words.get(element);
  };

  const show = (event) => {
    const element = event.target instanceof Element ? event.target.closest("svg rect, svg circle") : null;
    const said = element && wordsOf(element);
    tip.hidden = !said;
    if (!said) return;
    tip.textContent = said;
    const { offsetWidth: width, offsetHeight: height } = tip;
    const left = Math.min(event.clientX + 14, document.documentElement.clientWidth - width - 8);
    const above = event.clientY - height - 12;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${above > 8 ? above : event.clientY + 18}px`;
  };

  document.addEventListener("pointermove", show, { passive: true });
  document.addEventListener("pointerdown", show, { passive: true });
  document.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
})();

// Time series by uPlot: drag to zoom all of them, double-click to see everything again, click a name to hide its line.
(() => {
  const series = document.getElementById("series");
  if (!series) return; // a sweep's page has none
  const data = JSON.parse(series.textContent);
  const places = [...document.querySelectorAll(".live")].filter((place) => data.charts[place.dataset.chart]);
  if (!places.length || typeof uPlot === "undefined") return;

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const times = Array.from({ length: data.buckets + 1 }, (_, at) => data.civil_start_s + at * data.bucket_s * data.scale);
  const whole = [times[0], times[0] + data.buckets * data.bucket_s * data.scale];
  const civil = (at_s) => data.civil_start_s + at_s * data.scale;
  const linked = uPlot.sync("time");
  let drawn = [];
  let following = false;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const shades = () => ({ ink: colour("ink"), neutral: colour("neutral-1") });

  const bands = (chart) => {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.fillStyle = colour("fault");
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    let labelled = -Infinity;
    for (const fault of data.faults) {
      const from = Math.max(bbox.left, chart.valToPos(civil(fault.from), "x", true));
      const to = fault.to === null ? bbox.left + bbox.width : chart.valToPos(civil(fault.to), "x", true);
      if (to < bbox.left || from > bbox.left + bbox.width) continue;
      ctx.globalAlpha = 0.13;
      ctx.fillRect(from, bbox.top, Math.max(2, Math.min(to, bbox.left + bbox.width) - from), bbox.height);
      ctx.globalAlpha = 1;
      if (from < labelled) continue;
      ctx.fillText(fault.name, from + 2, bbox.top + 12 * devicePixelRatio);
      labelled = from + 26 * devicePixelRatio;
    }
    ctx.restore();
  };

  const follow = (chart) => {
    if (following) return;
    following = true;
    const { min, max } = chart.scales.x;
    for (const other of drawn) if (other !== chart) other.setScale("x", { min, max });
    following = false;
  };

  const clock = (seconds, withSeconds) => new Date(seconds * 1000).toISOString().slice(11, withSeconds ? 19 : 16);
  const axisWords = (_, splits, __, ___, step) => splits.map((split) => clock(split, step < 60));
  const stacked = (columns) => columns.map((_, at) => times.map((__, bucket) =>
    columns.slice(0, at + 1).reduce((sum, column) => sum + column[bucket], 0)));
  const dash = (series, at) => (series.findIndex(({ ink }) => ink === series[at].ink) < at ? [4, 3] : undefined);

  const draw = (place) => {
    const { unit, series } = data.charts[place.dataset.chart];
    const style = place.dataset.style;
    const fixed = shades();
    const raw = series.map(({ values }) => [...values, style === "dots" ? null : values.at(-1)]); // the last column has an end
    const axis = { stroke: colour("soft"), grid: { stroke: colour("grid"), width: 1 }, ticks: { stroke: colour("grid"), width: 1 }, font: "12px system-ui, sans-serif" };
    const order = style === "stacked" ? series.map((_, at) => series.length - 1 - at) : series.map((_, at) => at);
    const columns = style === "stacked" ? stacked(raw) : raw;
    const options = {
      width: place.parentElement.clientWidth,
      height: style === "stacked" ? 280 : 190,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      cursor: { sync: { key: linked.key }, drag: { x: true, y: false } },
      scales: { x: { time: true, range: (_, min, max) => (min === null ? whole : [min, max]) }, y: { range: (_, __, max) => [0, (max || 1) * 1.05] } },
      axes: [{ ...axis, values: axisWords }, { ...axis, size: 66, label: unit, labelSize: 18, labelFont: "12px system-ui, sans-serif" }],
      series: [
        { label: "at", value: (_, seconds) => (seconds === null ? "–" : clock(seconds, true)) },
        ...order.map((at) => ({
          label: series[at].name,
          stroke: fixed[series[at].ink] || colour(series[at].ink),
          fill: style === "stacked" ? fixed[series[at].ink] || colour(series[at].ink) : undefined,
          width: style === "stacked" ? 0 : 1.5,
          dash: style === "lines" ? dash(series, at) : undefined,
          paths: style === "dots" ? () => null : uPlot.paths.stepped({ align: 1 }),
          points: { show: style === "dots", size: 5 },
          value: (_, __, ___, bucket) => (bucket === null || bucket === undefined || raw[at][bucket] === null ? "–" : String(Math.round(raw[at][bucket] * 1000) / 1000)),
        })),
      ],
      hooks: { draw: [bands], setScale: [(chart, key) => { if (key === "x") follow(chart); }] },
    };
    return new uPlot(options, [times, ...order.map((at) => columns[at])], place);
  };

  const drawAll = () => {
    for (const chart of drawn) chart.destroy();
    drawn = places.map((place) => {
      place.parentElement.classList.add("drawn");
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", place.parentElement.querySelector(".static svg").getAttribute("aria-label"));
      return draw(place);
    });
    window.timeSeries = drawn;
  };

  for (const place of places.filter((each) => !each.nextElementSibling?.classList.contains("live") || !places.includes(each.nextElementSibling))) {
    const hint = document.createElement("p");
    hint.className = "hint";
    hint.textContent = "Drag to zoom, double-click to see all. Click a name to hide its line.";
    place.after(hint);
  }
  drawAll();
  dark.addEventListener("change", drawAll);
  let width = document.documentElement.clientWidth;
  window.addEventListener("resize", () => {
    if (document.documentElement.clientWidth !== width) {
      width = document.documentElement.clientWidth;
      for (const chart of drawn) chart.setSize({ width: chart.root.parentElement.parentElement.clientWidth, height: chart.height });
    }
  });
})();
