// The two pictures, drawn by Chart.js from the distribution.
/* global Chart */

const quiet = matchMedia("(prefers-reduced-motion: reduce)");
const drawn = new Map();

/** The palette of the moment, dark or light. */
function colours() {
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

/** `nought`: the axis begins there if the lowest value is below this share of the highest. */
function options(write, colour, values, nought, label) {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known), high = Math.max(...known);
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: quiet.matches ? false : { duration: 250 },
    interaction: { mode: "index", intersect: false },
    layout: { padding: { top: 8 } },
    plugins: {
      legend: { display: false },
      tooltip: {
        backgroundColor: colour.text, titleColor: colour.card, bodyColor: colour.card, displayColors: false, padding: 10,
        filter: (item) => item.dataset.label !== undefined, callbacks: { label },
      },
    },
    scales: {
      x: { grid: { display: false }, ticks: { color: colour.quiet, maxRotation: 0, autoSkipPadding: 16 } },
      y: {
        beginAtZero: low >= 0 && low < nought * high,
        grid: { color: colour.grid, drawBorder: false },
        ticks: { color: colour.quiet, maxTicksLimit: 7, callback: write.tick },
      },
    },
  };
}

export function drawTrend(canvas, name, points, write) {
  const colour = colours();
  const values = points.map((point) => point.value);
  draw(canvas, {
    type: "line",
    data: {
      labels: points.map((point) => point.label),
      datasets: [{
        label: name, data: values, borderColor: colour.accent, backgroundColor: colour.soft, fill: "start", borderWidth: 2.5, tension: 0.15,
        pointRadius: points.map((point) => (point.doubted ? 7 : points.length > 60 ? 0 : 3)),
        pointStyle: points.map((point) => (point.doubted ? "rectRot" : "circle")),
        pointBackgroundColor: points.map((point) => (point.doubted ? colour.guess : colour.accent)),
        pointBorderColor: colour.card, pointBorderWidth: 1.5, pointHoverRadius: 6,
      }],
    },
    options: options(write, colour, values, 0.6, (item) => write.table(item.raw) + (points[item.dataIndex].doubted ? "  (doubted, see data quality)" : "")),
  });
}

export function drawForecast(canvas, name, points, steps, labels, write) {
  const colour = colours();
  // Enough of the past to see the future by, and no more.
  const past = points.slice(-Math.max(16, 3 * steps.length));
  const known = past.map((point) => point.value);
  const last = known.at(-1);
  const ahead = (pick) => [...known.slice(0, -1).map(() => null), last, ...steps.map(pick)];
  const band = (fill, pick, to) => ({ data: ahead(pick), borderWidth: 0, pointRadius: 0, pointHitRadius: 0, backgroundColor: fill, fill: to });
  const datasets = [
    band("transparent", (s) => s.lower95, false), band(colour.band95, (s) => s.upper95, 0),
    band("transparent", (s) => s.lower80, false), band(colour.band80, (s) => s.upper80, 2),
    { label: "Forecast", data: ahead((s) => s.mean), borderColor: colour.guess, backgroundColor: colour.guess, borderDash: [6, 4], borderWidth: 2.5, pointRadius: [...known.map(() => 0), ...steps.map(() => 3)] },
    { label: name, data: [...known, ...steps.map(() => null)], borderColor: colour.accent, backgroundColor: colour.accent, borderWidth: 2.5, pointRadius: 3, tension: 0.15 },
  ];
  const all = [...known, ...steps.flatMap((s) => [s.lower95, s.upper95])];
  const config = options(write, colour, all, 0.3, (item) => {
    const step = steps[item.dataIndex - known.length];
    if (item.dataset.label !== "Forecast") return write.table(item.raw);
    return step ? [write.table(step.mean), `80 %: ${write.table(step.lower80)} to ${write.table(step.upper80)}`, `95 %: ${write.table(step.lower95)} to ${write.table(step.upper95)}`] : "";
  });
  const seen = config.plugins.tooltip.filter;
  config.plugins.tooltip.filter = (item) => seen(item) && !(item.dataset.label === "Forecast" && item.dataIndex < known.length);
  draw(canvas, { type: "line", data: { labels: [...past.map((point) => point.label), ...labels], datasets }, options: config });
}
