import { change, counted, exact, findingsTitle, fixed, forecastTitle, moment, percent, residuals, seriesName, trendTitle, unbroken, writer } from "./format.js";
import { drawForecast, drawTrend } from "./charts.js";

const $ = (id) => document.getElementById(id);
const address = new URL(location.href);

let dataset = null;
let shown = null; // the data of the charts, to redraw them in another color scheme
let asked = 0; // number of the newest request; responses to older ones are discarded

/** A new element: its class names, text or children. */
function make(tag, { className, ...rest } = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(rest)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== "").flatMap((child) => (typeof child === "string" ? parts(child) : child)));
  return element;
}

/** A text as nodes: within a date, no line ends. */
function parts(text) {
  return unbroken(text).map((part, index) => {
    if (index % 2 === 0) return part;
    const element = document.createElement("span");
    element.className = "unbroken";
    element.textContent = part;
    return element;
  });
}

function say(id, text) {
  $(id).replaceChildren(...parts(text));
}

async function ask(path, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  const response = await fetch("api/" + path + (query ? "?" + query : ""));
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => null);
  throw Object.assign(new Error(problem?.detail ?? `The server returned status ${response.status}.`), { status: response.status });
}

const selected = (name) => document.querySelector(`input[name="${name}"]:checked`)?.value;
const has = (region, metric) => dataset.series.some((one) => one.region === region && one.metric === metric);

// ---- selection

function choices(box, name, items, value) {
  box.replaceChildren(...items.map((item) => {
    const input = make("input", { type: "radio", name, value: item.id });
    input.checked = item.id === value;
    return make("label", {}, input, item.title);
  }));
}

function offerModels() {
  const year = dataset.periods_per_year;
  const models = [
    ["auto", "Chosen automatically"], ["0,1,0 drift", "ARIMA (0,1,0) with drift"], ["0,1,1 drift", "ARIMA (0,1,1) with drift"],
    ["1,1,0 drift", "ARIMA (1,1,0) with drift"], ["1,1,1", "ARIMA (1,1,1)"], ["1,1,1 drift", "ARIMA (1,1,1) with drift"], ["0,2,2", "ARIMA (0,2,2)"],
  ];
  if (year > 1) models.push(["0,1,1 0,1,1", `ARIMA (0,1,1)(0,1,1)${year}`]);
  offer($("model"), models, address.searchParams.get("model") ?? "auto");
  const steps = [...new Set([1, year > 1 ? year : 4, 2 * (year > 1 ? year : 4)])].filter((n) => n <= 24);
  offer($("horizon"), steps.map((n) => [String(n), counted(n, dataset.period)]), address.searchParams.get("horizon") ?? String(steps[1]));
}

function offer(select, options, value) {
  select.replaceChildren(...options.map(([id, title]) => make("option", { value: id }, title)));
  select.value = value;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
}

/** Rebuilds the choices when the rows have other regions or metrics, and keeps the selection. */
function offerAll() {
  const first = dataset.series[0];
  const metric = selected("metric") ?? address.searchParams.get("metric");
  const region = selected("region") ?? address.searchParams.get("region");
  const known = dataset.series.some((one) => one.metric === metric && one.region === region);
  choices($("metrics"), "metric", dataset.metrics, known ? metric : first?.metric);
  choices($("regions"), "region", dataset.regions, known ? region : first?.region);
  offerModels();
  limitRegions();
}

/** A region that has no value of the metric cannot be selected. */
function limitRegions() {
  const metric = selected("metric");
  const inputs = [...document.querySelectorAll('input[name="region"]')];
  for (const input of inputs) input.disabled = !has(input.value, metric);
  if (inputs.find((input) => input.checked)?.disabled) {
    const other = inputs.find((input) => !input.disabled);
    if (other) other.checked = true;
  }
}

// ---- trend, growth and findings

async function show(reason) {
  const turn = ++asked;
  const question = { region: selected("region"), metric: selected("metric") };
  if (!question.region || !question.metric) return showNothing();
  $("main").setAttribute("aria-busy", "true");
  try {
    const [series, growth, findings] = await Promise.all([ask("series", question), ask("growth", question), ask("findings")]);
    if (turn !== asked) return;
    const region = dataset.regions.find((one) => one.id === question.region);
    const metric = dataset.metrics.find((one) => one.id === question.metric);
    const write = writer(metric, series.points.map((point) => point.value));
    shown = { name: seriesName(region, metric), metric, series, write, forecast: null };
    showTrend(growth);
    showGrowth(growth);
    showFindings(findings);
    remember(question);
    problem(null);
    if (reason) $("news").textContent = reason(shown.name);
    $("main").setAttribute("aria-busy", "false");
    await showForecast(turn, question);
  } catch (error) {
    if (turn === asked) problem(error.message);
  } finally {
    if (turn === asked) $("main").setAttribute("aria-busy", "false");
  }
}

function showNothing() {
  $("main").setAttribute("aria-busy", "false");
  problem("There are no rows yet. They appear here when they land.");
}

function showTrend(growth) {
  const { name, series, write } = shown;
  const title = trendTitle(name, growth, write, dataset.period);
  say("trend-title", title);
  document.title = name + " – " + dataset.title;
  const last = growth.rows.findLast((row) => row.value !== null);
  const figures = [[last?.label ?? "Latest", write.short(last?.value ?? null)], [`vs. previous ${dataset.period}`, change(last?.previous)]];
  if (dataset.periods_per_year > 1) figures.push(["vs. previous year", change(last?.year_before)]);
  if (growth.annual !== null) figures.push([`Per year since ${growth.annual_from}`, change(growth.annual)]);
  $("figures").replaceChildren(...figures.map(([term, value]) => make("div", {}, make("dt", {}, term), make("dd", {}, value))));
  const flagged = series.points.filter((point) => point.flagged).map((point) => point.label);
  const unit = write.rest ? `Unit: ${shown.metric.unit}. ` : "";
  say("trend-note", unit + (flagged.length ? `◆ ${flagged.join(", ")}: flagged by the quality rules. ` : "") + "The growth table has the same values.");
  redrawTrend();
}

function showGrowth(growth) {
  const { write, series } = shown;
  const yearly = dataset.periods_per_year > 1;
  const period = capitalized(dataset.period);
  say("growth-title", growth.annual === null ? "Growth" : `Growth: ${change(growth.annual)} per year since ${growth.annual_from}`);
  const heads = [period, shown.metric.title, `vs. previous ${dataset.period}`, ...(yearly ? ["vs. previous year"] : [])];
  $("growth-head").replaceChildren(make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head))));
  const flagged = new Set(series.points.filter((point) => point.flagged).map((point) => point.date));
  $("growth-rows").replaceChildren(...growth.rows.toReversed().map((row) => {
    const value = make("td", {}, write.table(row.value));
    if (flagged.has(row.date)) value.prepend(make("span", { className: "flagged", title: "flagged by the quality rules" }, "◆", make("span", { className: "unseen" }, "flagged")), " ");
    return make("tr", {}, make("th", { scope: "row" }, row.label), value, changeCell(row.previous), ...(yearly ? [changeCell(row.year_before)] : []));
  }));
}

function changeCell(fraction) {
  return make("td", fraction ? { className: fraction < 0 ? "down" : "up" } : {}, change(fraction));
}

function showFindings({ rules, skipped, findings }) {
  $("findings-title").textContent = findingsTitle(findings.length, rules.length);
  $("findings-list").replaceChildren(...findings.map((finding) => {
    const severity = capitalized(finding.severity);
    const figures = [];
    let headline = finding.headline;
    if (finding.cell) {
      const { date, region, metric, value } = finding.cell;
      const about = dataset.metrics.find((one) => one.id === metric);
      const where = dataset.regions.find((one) => one.id === region);
      const when = dataset.dates.find((one) => one.date === date)?.label ?? date;
      headline = `${seriesName(where, about)}, ${when}: flagged.`;
      figures.push(["Observed", exact(value, about)]);
      if (finding.suggestion) figures.push(["Suggested", (finding.suggestion.exact ? "" : "about ") + exact(finding.suggestion.value, about)]);
    }
    const reason = finding.suggestion?.reason;
    return make("article", { className: "finding " + finding.severity },
      make("p", {}, make("span", { className: "badge" }, severity), headline),
      figures.length ? make("dl", {}, ...figures.map(([term, value]) => make("div", {}, make("dt", {}, term), make("dd", {}, value)))) : null,
      make("ul", {}, ...finding.evidence.map((one) => make("li", {}, one.message)), reason ? make("li", {}, "Suggestion: " + reason) : null));
  }));
  $("rules").replaceChildren(...rules.map((rule) => make("tr", {},
    make("th", { scope: "row" }, rule.title), make("td", rule.violations ? { className: "down" } : { className: "up" }, rule.violations ? `${rule.violations} of ${rule.checked} failed` : "passed"),
    make("td", {}, rule.measured), make("td", {}, rule.limit))),
  ...skipped.map(({ rule, reason }) => make("tr", {}, make("th", { scope: "row" }, rule), make("td", { colspan: 3 }, `not applicable: ${reason}`))));
}

// ---- forecast

async function showForecast(turn, question) {
  const [order, ...rest] = $("model").value.split(" ");
  const parameters = { ...question, horizon: $("horizon").value };
  if (order !== "auto") parameters.order = order;
  if (rest[0] === "drift") parameters.drift = "true";
  else if (rest[0]) parameters.seasonal = rest[0];
  let answer;
  $("forecast").setAttribute("aria-busy", "true");
  try {
    answer = await ask("forecast", parameters);
  } catch (error) {
    if (turn !== asked) return;
    $("forecast").setAttribute("aria-busy", "false");
    say("forecast-title", "No forecast for " + shown.name);
    say("forecast-problem", error.message);
    $("forecast-problem").hidden = false;
    $("forecast-body").hidden = true;
    return;
  }
  if (turn !== asked) return;
  $("forecast").setAttribute("aria-busy", "false");
  $("forecast-problem").hidden = true;
  $("forecast-body").hidden = false;
  const { report } = answer;
  const { name, write, series } = shown;
  const labels = report.forecast.map((step, index) => answer.labels[index] ?? `+${index + 1}`);
  say("forecast-title", forecastTitle(report.forecast.at(-1), labels.at(-1), write));
  $("forecast-rows").replaceChildren(...report.forecast.map((step, index) => make("tr", {},
    make("th", { scope: "row" }, labels[index]), make("td", {}, write.short(step.mean)),
    interval(step.lower80, step.upper80), interval(step.lower95, step.upper95))));
  $("model-title").textContent = `Model: ARIMA ${answer.order}`;
  say("model-reason", capitalized(report.model.reason) + ".");
  const used = series.points.filter((point) => point.date >= answer.from && point.flagged).map((point) => point.label);
  const warning = used.length ? ` It uses values that the quality rules flag: ${used.join(", ")}.` : "";
  say("model-residuals", residuals(report.residuals.ljung_box_p) + warning);
  say("verdict", report.verdict);
  $("backtest-rows").replaceChildren(...report.backtest.map((score) => make("tr", score.model === "ARIMA" ? { className: "chosen" } : {},
    make("th", { scope: "row" }, score.model), make("td", {}, score.mape === null ? "–" : fixed(score.mape, 1) + " %"), make("td", {}, fixed(score.mase, 2)),
    make("td", {}, percent(score.coverage95)))));
  $("backtest-rows").closest(".scroll").hidden = report.backtest.length === 0;
  const from = series.points.findIndex((point) => point.date === answer.from);
  const until = series.points.findLastIndex((point) => point.value !== null) + 1;
  shown.forecast = { points: series.points.slice(Math.max(0, from), until), steps: report.forecast, labels };
  redrawForecast();
}

/** Two lines on a phone, where both intervals would not fit beside each other. */
function interval(from, to) {
  const [first, ...rest] = shown.write.range(from, to);
  return make("td", { className: "interval" }, first, ...rest.map((part) => make("span", {}, part)));
}

/** What the axes of both charts count. */
function axes() {
  return { x: capitalized(dataset.period), y: shown.metric.unit ?? shown.metric.title };
}

function redrawTrend() {
  drawTrend($("trend-chart"), shown.name, shown.series.points, shown.write, axes());
}

function redrawForecast() {
  const { points, steps, labels } = shown.forecast;
  drawForecast($("forecast-chart"), shown.name, points, steps, labels, shown.write, axes());
}

function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// ---- address, messages and loading

function remember({ region, metric }) {
  const query = new URLSearchParams({ region, metric });
  if ($("model").value !== "auto") query.set("model", $("model").value);
  query.set("horizon", $("horizon").value);
  history.replaceState(null, "", "?" + query);
  $("csv").href = "api/series.csv?" + new URLSearchParams({ region, metric });
}

function problem(text) {
  say("problem", text ?? "");
  $("problem").hidden = text === null;
}

function state(name, text) {
  $("state").dataset.state = name;
  $("state-text").textContent = text;
}

async function load(reason) {
  try {
    dataset = await ask("dataset");
  } catch (error) {
    problem(error.message);
    return;
  }
  const { origin, dates, title } = dataset;
  $("title").textContent = title;
  say("span", dates.length ? `${counted(dates.length, dataset.period)}, ${dates[0].label} to ${dates.at(-1).label}` : "No rows yet");
  const store = { postgres: "Postgres", sqlite: "SQLite", csv: "CSV" };
  const made = origin.store_place === origin.source_place ? "" : `, made from ${store[origin.source] ?? origin.source}, ${origin.source_place}`;
  const changed = origin.changed ? ` Newest rows: ${moment(origin.changed)}.` : "";
  $("origin").textContent = `Source: ${store[origin.store]}, ${origin.store_place}${made}; ${counted(origin.rows, "row")}.${changed} Read: ${moment(origin.read)}.`;
  offerAll();
  await show(reason);
}

function listen() {
  const events = new EventSource("api/events");
  events.addEventListener("rows", async (event) => {
    const news = JSON.parse(event.data);
    if (news.error) state("lost", "The rows cannot be read: showing older ones");
    else state("live", "Live");
    if (dataset && news.version === dataset.version) return;
    const before = dataset;
    await load(before ? (name) => `New rows have landed. ${name}: ${$("trend-title").textContent}.` : null);
  });
  events.addEventListener("error", () => state("lost", "Connection lost; reconnecting"));
}

$("selection").addEventListener("change", () => {
  limitRegions();
  show((name) => `Showing ${name}.`);
});
$("selection").addEventListener("submit", (event) => event.preventDefault());
for (const id of ["model", "horizon"]) $(id).addEventListener("change", () => show(() => `Model: ${$("model").selectedOptions[0].textContent}.`));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  if (!shown) return;
  redrawTrend();
  if (shown.forecast) redrawForecast();
});

await load(null);
listen();
