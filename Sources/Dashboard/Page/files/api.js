// Builds a page from the API's OpenAPI description: each route with its parameters and a runnable example.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const description = await (await fetch("api/openapi.json")).json();

/** The target of a `$ref`. */
function found(item) {
  return item.$ref ? item.$ref.slice(2).split("/").reduce((at, name) => at[name], description) : item;
}

function values({ schema }) {
  if (schema.enum) return schema.enum.join(", ");
  const range = schema.minimum === undefined ? "" : ` from ${schema.minimum} to ${schema.maximum}`;
  const standard = schema.default === undefined ? "" : `; default ${schema.default}`;
  return schema.type + range + (schema.pattern ? ` like ${schema.pattern}` : "") + standard;
}

function example(path, parameters) {
  const query = parameters.filter((one) => one.required).map((one) => `${one.name}=${encodeURIComponent(one.schema.enum?.[0] ?? "")}`);
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

document.getElementById("title").textContent = description.info.title;
document.getElementById("about").textContent = description.info.description;
document.getElementById("main").replaceChildren(...Object.entries(description.paths).map(([path, item]) => route(path, item)));
