// Formatting of numbers and sentences. It is independent of the dataset: names, units and decimals come from its description.

const locale = "en";

/** Formatters for a metric's values. The scale fits the largest value, so that all values of a table or an axis share it. */
export function writer(metric, values) {
  const most = Math.max(0, ...values.filter((v) => v !== null).map(Math.abs));
  const [divisor, suffix] = most >= 1e12 ? [1e12, "\u00a0trn"] : most >= 1e9 ? [1e9, "\u00a0bn"] : most >= 1e6 ? [1e6, "\u00a0m"] : [1, ""];
  const { prefix, rest } = unit(metric);
  const plain = divisor === 1;
  const decimals = metric.decimals ?? Math.max(0, ...values.filter((v) => v !== null).map(places));
  // More than 12 decimals are hard to read: use scientific notation.
  const digits = (n) => new Intl.NumberFormat(locale, n > 12 ? { notation: "scientific", maximumFractionDigits: 2 } : { minimumFractionDigits: n, maximumFractionDigits: n });
  const three = most > 0 && most < 0.01 ? 2 - Math.floor(Math.log10(most)) : 0;
  const table = digits(plain ? Math.max(decimals, three) : most / divisor >= 100 ? 2 : 3);
  const short = digits(plain ? three || Math.min(decimals, 2) : most / divisor >= 100 ? 1 : 2);
  const write = (format) => (value) =>
    value === null || value === undefined ? "–" : (value < 0 ? "−" : "") + prefix + format.format(Math.abs(value) / divisor) + suffix;
  // All ticks of an axis have the same number of decimals: the smallest that distinguishes them.
  const tick = (value, index, ticks) => {
    const gap = ticks.length > 1 ? Math.abs(ticks[1].value - ticks[0].value) : 1;
    const fine = plain && gap > 0 && gap < 0.01 ? Math.ceil(-Math.log10(gap) - 1e-9) : 0;
    const count = ticks.every((one) => Number.isInteger(one.value / divisor)) ? 0 : fine || (plain ? Math.min(decimals || 1, 2) : 1);
    return (value < 0 ? "−" : "") + prefix + digits(count).format(Math.abs(value) / divisor) + suffix;
  };
  // In one or two parts, which may be on two lines.
  const range = (from, to) => {
    if (from === to) return [write(short)(from)];
    if (from < 0) return [write(short)(from) + " to ", write(short)(to)];
    return [prefix + short.format(from / divisor) + "–", short.format(to / divisor) + suffix];
  };
  return { table: write(table), short: write(short), range, tick, rest };
}

/** The number of decimals of a number as written: 11.45 has two, 1.5e-9 has ten. */
function places(value) {
  const [, fraction = "", power = "0"] = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return Math.max(0, fraction.length - Number(power));
}

/** A currency code becomes a symbol before the number; any other unit follows the name. */
function unit(metric) {
  const text = metric.unit ?? "";
  const code = /^[A-Z]{3}(?![A-Za-z])/.exec(text)?.[0];
  if (!code) return { prefix: "", rest: text };
  try {
    const parts = new Intl.NumberFormat(locale, { style: "currency", currency: code, currencyDisplay: "narrowSymbol" }).formatToParts(1);
    const sign = parts.find((part) => part.type === "currency").value;
    return { prefix: sign.length > 1 ? sign + " " : sign, rest: text.slice(3).trim() };
  } catch {
    return { prefix: "", rest: text };
  }
}

/** An exact value, with the digits of its source. */
export function exact(text, metric) {
  if (text === null) return "empty";
  const number = Number(text);
  if (!Number.isFinite(number)) return text;
  const places = (String(text).split(".")[1] ?? "").length;
  const { prefix, rest } = metric ? unit(metric) : { prefix: "", rest: "" };
  const figure = new Intl.NumberFormat(locale, { minimumFractionDigits: places, maximumFractionDigits: places }).format(Math.abs(number));
  return (number < 0 ? "−" : "") + prefix + figure + (rest && !prefix ? " " + rest : "");
}

/** For example +14.8 %; `null` means unknown. */
export function change(fraction) {
  if (fraction === null || fraction === undefined) return "–";
  const text = percent(Math.abs(fraction));
  return (Number.parseFloat(text) === 0 ? "±" : fraction < 0 ? "−" : "+") + text;
}

export function percent(fraction) {
  return new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(fraction * 100) + "\u00a0%";
}

export function fixed(value, places) {
  return value === null || value === undefined ? "–" : new Intl.NumberFormat(locale, { minimumFractionDigits: places, maximumFractionDigits: places }).format(value);
}

/** The name of a series: “Revenue, Global”. */
export function seriesName(region, metric) {
  return metric.title + ", " + region.title;
}

/** The title of the trend, as a sentence. */
export function trendTitle(name, growth, write, period) {
  const rows = growth.rows.filter((row) => row.value !== null);
  const last = rows.at(-1);
  if (!last) return "No data for " + name;
  const fraction = last.year_before ?? last.previous;
  const than = last.year_before !== null ? "the year before" : "the " + period + " before";
  if (fraction === null) return `${name}: ${write.short(last.value)} in ${last.label}`;
  const text = percent(Math.abs(fraction));
  const comparison = Number.parseFloat(text) === 0 ? "level with" : fraction > 0 ? text + " above" : text + " below";
  return `${name}: ${write.short(last.value)} in ${last.label}, ${comparison} ${than}`;
}

/** The title of the forecast, as a sentence. */
export function forecastTitle(step, label, write) {
  const interval = step.lower95 === step.upper95 ? "" : ` (95 % interval ${write.range(step.lower95, step.upper95).join("")})`;
  return `Forecast: ${write.short(step.mean)} in ${label}${interval}`;
}

export function residuals(p) {
  if (p === null || p === undefined) return "";
  const figure = p < 0.001 ? "below 0.001" : fixed(p, 3);
  return p < 0.05
    ? `The residuals are autocorrelated (Ljung–Box p ${figure}): the intervals are too narrow.`
    : `The residuals are not autocorrelated (Ljung–Box p ${figure}).`;
}

export function findingsTitle(count, rules) {
  if (rules === 0) return "No quality rules are defined";
  if (count === 0) return "All quality rules passed";
  return `Data quality: ${counted(count, "finding")} from ${counted(rules, "rule")}`;
}

/** For example "1 rule", "21 rules". */
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The parts of a text within which no line ends: dates, quarters, and numbers with their percent sign. All other parts are between two of them. */
export function unbroken(text) {
  return text.split(/(\d{4}-\d\d(?:-\d\d)?|Q[1-4] \d{4}|\d+(?:\.\d+)? %)/);
}

/** An RFC 3339 time in the browser's time zone. */
export function moment(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
}
