// Builds a page from the API's OpenAPI description: each route with its parameters and a runnable example.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const [description, dataset] = await Promise.all(["openapi.json", "dataset"].map(async (name) => (await fetch("api/" + name)).json()));

/** The values of the parameters that depend on the dataset, those of its first series first. */
const ids = Object.fromEntries(["region", "metric"].map((name) => {
  const all = [...dataset.series.map((one) => one[name]), ...dataset[name + "s"].map((one) => one.id)];
  return [name, [...new Set(all)]];
}));

/** The target of a `$ref`. */
function found(item) {
  return item.$ref ? item.$ref.slice(2).split("/").reduce((at, name) => at[name], description) : item;
}

function values({ name, schema }) {
  if (ids[name]) return ids[name].join(", ");
  const range = schema.minimum === undefined ? "" : ` from ${schema.minimum} to ${schema.maximum}`;
  const standard = schema.default === undefined ? "" : `; default ${schema.default}`;
  return schema.type + range + (schema.pattern ? ` like ${schema.pattern}` : "") + standard;
}

function example(path, parameters) {
  const query = parameters.filter((one) => one.required).map((one) => `${one.name}=${encodeURIComponent(ids[one.name]?.[0] ?? "")}`);
  return path.slice(1) + (query.length ? "?" + query.join("&") : "");
}

function route(path, { get }) {
  const parameters = get.parameters.map(found);
  const answers = get.responses["200"].content;
  const type = Object.keys(answers)[0];
  const link = example(path, parameters);
  const output = make("pre", { hidden: "", tabindex: "0", "aria-label": "Response of " + path });
  const button = make("button", { type: "button" }, "Try it");
  button.addEventListener("click", async () => {
    const response = await fetch(link);
    const text = await response.text();
    output.textContent = type === "application/json" ? JSON.stringify(JSON.parse(text), null, 2) : text;
    output.hidden = false;
  });
  const rows = parameters.map((one) => make("tr", {},
    make("th", { scope: "row" }, make("code", {}, one.name), one.required ? " (required)" : ""), make("td", {}, one.description), make("td", {}, values(one))));
  const head = make("thead", {}, make("tr", {}, ...["Parameter", "Meaning", "Values"].map((text) => make("th", { scope: "col" }, text))));
  return make("section", { class: "card route wide" },
    make("h2", {}, make("code", {}, "GET " + path)), make("p", {}, get.summary + " ", make("span", { class: "quiet" }, type)),
    rows.length ? make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Parameters of " + path }, make("table", {}, head, make("tbody", {}, ...rows))) : null,
    make("p", { class: "note" }, make("a", { href: link }, link)), type === "text/event-stream" ? null : button, output);
}

document.getElementById("title").textContent = dataset.title + ": API";
document.getElementById("about").textContent = description.info.description;
document.getElementById("main").replaceChildren(...Object.entries(description.paths).map(([path, item]) => route(path, item)));
