// The two charts, drawn by the distribution's Chart.js.
/* global Chart */

const quiet = matchMedia("(prefers-reduced-motion: reduce)");
const drawn = new Map();

/** The colors of the current color scheme, dark or light. */
function colors() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue("--" + name).trim();
  return {
    text: get("text"), quiet: get("quiet"), grid: get("grid"), card: get("card"), accent: get("accent"), soft: get("accent-soft"),
    guess: get("guess"), band80: get("band80"), band95: get("band95"),
  };
}

function draw(canvas, config) {
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  const old = drawn.get(canvas);
  if (old) old.destroy();
  drawn.set(canvas, new Chart(canvas, config));
}

/** `axes`: what each axis counts. `zeroBelow`: the axis starts at zero if the lowest value is below this share of the highest. */
function options(write, axes, color, values, zeroBelow, label) {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known), high = Math.max(...known);
  const title = (text) => ({ display: true, text, color: color.quiet, align: "end" });
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: quiet.matches ? false : { duration: 250 },
    interaction: { mode: "index", intersect: false },
    layout: { padding: { top: 8 } },
    plugins: {
      legend: { display: false },
      tooltip: {
        backgroundColor: color.text, titleColor: color.card, bodyColor: color.card, displayColors: false, padding: 10,
        filter: (item) => item.dataset.label !== undefined, callbacks: { label },
      },
    },
    scales: {
      x: { title: title(axes.x), grid: { display: false }, ticks: { color: color.quiet, maxRotation: 0, autoSkipPadding: 16 } },
      y: {
        title: title(axes.y),
        beginAtZero: low >= 0 && low < zeroBelow * high,
        grid: { color: color.grid, drawBorder: false },
        ticks: { color: color.quiet, maxTicksLimit: 7, callback: write.tick },
      },
    },
  };
}

export function drawTrend(canvas, name, points, write, axes) {
  const color = colors();
  const values = points.map((point) => point.value);
  draw(canvas, {
    type: "line",
    data: {
      labels: points.map((point) => point.label),
      datasets: [{
        label: name, data: values, borderColor: color.accent, backgroundColor: color.soft, fill: "start", borderWidth: 2.5, tension: 0.15,
        pointRadius: points.map((point) => (point.flagged ? 7 : points.length > 60 ? 0 : 3)),
        pointStyle: points.map((point) => (point.flagged ? "rectRot" : "circle")),
        pointBackgroundColor: points.map((point) => (point.flagged ? color.guess : color.accent)),
        pointBorderColor: color.card, pointBorderWidth: 1.5, pointHoverRadius: 6,
      }],
    },
    options: options(write, axes, color, values, 0.6, (item) => write.table(item.raw) + (points[item.dataIndex].flagged ? "  (flagged, see data quality)" : "")),
  });
}

export function drawForecast(canvas, name, points, steps, labels, write, axes) {
  const color = colors();
  // Only as much history as the forecast needs for context.
  const past = points.slice(-Math.max(16, 3 * steps.length));
  const known = past.map((point) => point.value);
  const last = known.at(-1);
  const ahead = (pick) => [...known.slice(0, -1).map(() => null), last, ...steps.map(pick)];
  const band = (fill, pick, to) => ({ data: ahead(pick), borderWidth: 0, pointRadius: 0, pointHitRadius: 0, backgroundColor: fill, fill: to });
  const datasets = [
    band("transparent", (s) => s.lower95, false), band(color.band95, (s) => s.upper95, 0),
    band("transparent", (s) => s.lower80, false), band(color.band80, (s) => s.upper80, 2),
    { label: "Forecast", data: ahead((s) => s.mean), borderColor: color.guess, backgroundColor: color.guess, borderDash: [6, 4], borderWidth: 2.5, pointRadius: [...known.map(() => 0), ...steps.map(() => 3)] },
    { label: name, data: [...known, ...steps.map(() => null)], borderColor: color.accent, backgroundColor: color.accent, borderWidth: 2.5, pointRadius: 3, tension: 0.15 },
  ];
  const all = [...known, ...steps.flatMap((s) => [s.lower95, s.upper95])];
  const config = options(write, axes, color, all, 0.3, (item) => {
    const step = steps[item.dataIndex - known.length];
    if (item.dataset.label !== "Forecast") return write.table(item.raw);
    return step ? [write.table(step.mean), `80 %: ${write.table(step.lower80)} to ${write.table(step.upper80)}`, `95 %: ${write.table(step.lower95)} to ${write.table(step.upper95)}`] : "";
  });
  const seen = config.plugins.tooltip.filter;
  config.plugins.tooltip.filter = (item) => seen(item) && !(item.dataset.label === "Forecast" && item.dataIndex < known.length);
  draw(canvas, { type: "line", data: { labels: [...past.map((point) => point.label), ...labels], datasets }, options: config });
}
