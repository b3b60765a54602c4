import Support
import Warehouse

/// The API's OpenAPI 3.1 description, with the regions and metrics of the current rows.
enum OpenAPIDocument {
  static func make(_ edition: DatasetVersion) -> JSON {
    .object([
      ("openapi", .string("3.1.0")),
      (
        "info",
        .object([
          ("title", .string((edition.rows.title ?? edition.rows.dataset) + ": API")), ("version", .string("1")),
          (
            "description",
            .string("The data of the dashboard. Numbers have the digits of their source; changes are fractions (0.1 is 10 %).")
          ),
          ("license", .object([("name", .string("As the dataset's"))])),
        ])
      ),
      ("servers", .array([.object([("url", .string("/"))])])),
      ("security", .array([])),
      ("paths", .object(paths(edition))),
      ("components", .object([("schemas", .object(OpenAPISchemas.all)), ("parameters", .object(parameters(edition)))])),
    ])
  }

  private static func paths(_ edition: DatasetVersion) -> [(String, JSON)] {
    [
      get("/api/dataset", "dataset", "The regions, metrics and dates, and the source of the rows.", schema: "Dataset"),
      get("/api/series", "series", "One series: one value per date.", parameters: ["region", "metric"], schema: "Series"),
      get(
        "/api/growth", "growth", "Change from the previous period and from the previous year, and the annual growth rate.",
        parameters: ["region", "metric"],
        schema: "Growth"),
      get("/api/findings", "findings", "The quality rules and their findings.", schema: "Findings"),
      get(
        "/api/forecast", "forecast", "A forecast with prediction intervals, its model and a backtest.",
        parameters: ForecastRequest.parameters, schema: "Forecast", further: ["422", "503"]),
      get(
        "/api/series.csv", "csv", "Series as CSV; all regions or metrics if none is given.", parameters: ["anyRegion", "anyMetric"],
        type: "text/csv"),
      get(
        "/api/events", "events", "Server-sent events: \"rows\" at the start and whenever there are new rows.", type: "text/event-stream",
        further: ["503"]),
      get("/api/openapi.json", "openapi", "This description.", type: "application/json"),
    ]
  }

  private static func get(
    _ path: String, _ id: String, _ summary: String, parameters: [String] = [], schema: String? = nil, type: String = "application/json",
    further: [String] = []
  ) -> (String, JSON) {
    let content: JSON = .object([(type, .object([("schema", schema.map { reference("schemas", $0) } ?? .object([]))]))])
    var responses: [(String, JSON)] = [("200", .object([("description", .string("The response.")), ("content", content)]))]
    for status in (["400"] + further).sorted() {
      responses.append((status, .object([("description", .string(meaning[status] ?? "")), ("content", problem)])))
    }
    return (
      path,
      .object([
        (
          "get",
          .object([
            ("operationId", .string(id)), ("summary", .string(summary)),
            ("parameters", .array(parameters.map { reference("parameters", $0) })),
            ("responses", .object(responses)),
          ])
        )
      ])
    )
  }

  private static let meaning = [
    "400": "A parameter is missing, unknown or invalid.", "422": "No forecast: the series has a gap, or the model cannot be fitted to it.",
    "503": "Too many requests: try again later.",
  ]

  private static let problem: JSON = .object([("application/problem+json", .object([("schema", reference("schemas", "Problem"))]))])

  private static func reference(_ kind: String, _ name: String) -> JSON {
    .object([("$ref", .string("#/components/\(kind)/\(name)"))])
  }

  private static func parameters(_ edition: DatasetVersion) -> [(String, JSON)] {
    func choice(_ values: [String]) -> JSON { .object([("type", .string("string")), ("enum", .array(values.map { .string($0) }))]) }
    func parameter(_ name: String, _ about: String, _ schema: JSON, required: Bool = false) -> JSON {
      .object([
        ("name", .string(name)), ("in", .string("query")), ("required", .bool(required)), ("description", .string(about)),
        ("schema", schema),
      ])
    }
    let regions = choice(edition.rows.regions.map(\.name))
    let metrics = choice(edition.rows.metrics.map(\.name))
    let order = ForecastRequest.most
    return [
      ("region", parameter("region", "A region of the dataset.", regions, required: true)),
      ("metric", parameter("metric", "A metric of the dataset.", metrics, required: true)),
      ("anyRegion", parameter("region", "A region of the dataset. Default: all regions.", regions)),
      ("anyMetric", parameter("metric", "A metric of the dataset. Default: all metrics.", metrics)),
      (
        "horizon",
        parameter(
          "horizon", "Periods to forecast.",
          .object([
            ("type", .string("integer")), ("minimum", .integer(1)), ("maximum", .integer(ForecastRequest.longestHorizon)),
            ("default", .integer(4)),
          ]))
      ),
      (
        "order",
        parameter(
          "order", "auto, or p,d,q of an ARIMA model, at most \(order.0),\(order.1),\(order.2).",
          .object([("type", .string("string")), ("pattern", .string("^(auto|[0-3],[0-2],[0-3])$")), ("default", .string("auto"))]))
      ),
      (
        "seasonal",
        parameter(
          "seasonal", "P,D,Q of the seasonal terms; only with an order.",
          .object([("type", .string("string")), ("pattern", .string("^[01],[01],[01]$"))]))
      ),
      (
        "drift",
        parameter(
          "drift", "Whether the model has a drift; only with an order.", .object([("type", .string("boolean")), ("default", .bool(false))]))
      ),
    ]
  }
}

/// The schemas of the API's responses (JSON Schema 2020-12).
enum OpenAPISchemas {
  static let all: [(String, JSON)] = [
    (
      "Problem",
      object([("title", text), ("status", integer), ("detail", text), ("parameter", text), ("allowed", array(text))], optional: 2)
    ),
    (
      "Dataset",
      object([
        ("title", text), ("version", text), ("period", text), ("periods_per_year", integer),
        ("dates", array(object([("date", date), ("label", text)]))),
        ("regions", array(object([("id", text), ("title", text), ("total", boolean)]))),
        ("metrics", array(object([("id", text), ("title", text), ("unit", orNull("string")), ("decimals", orNull("integer"))]))),
        ("series", array(object([("region", text), ("metric", text)]))),
        (
          "origin",
          object([
            ("store", text), ("store_place", text), ("source", text), ("source_place", text), ("rows", integer),
            ("changed", orNull("string")),
            ("read", text),
          ])
        ),
      ])
    ),
    (
      "Series",
      object(
        head + [("points", array(object([("date", date), ("label", text), ("value", orNull("number")), ("doubted", boolean)])))])
    ),
    (
      "Growth",
      object(
        head + [
          ("annual", orNull("number")), ("annual_from", orNull("string")),
          (
            "rows",
            array(
              object([
                ("date", date), ("label", text), ("value", orNull("number")), ("previous", orNull("number")),
                ("year_before", orNull("number")),
              ]))
          ),
        ])
    ),
    (
      "Findings",
      object([
        (
          "rules",
          array(
            object([
              ("rule", text), ("title", text), ("type", text), ("severity", text), ("checked", integer), ("violations", integer),
              ("measured", text), ("limit", text), ("places", array(text)),
            ]))
        ),
        (
          "findings",
          array(
            object(
              [
                ("headline", text), ("severity", text),
                ("suggestion", .object([("type", .array([.string("object"), .string("null")]))])),
                ("evidence", array(object([("rule", text), ("message", text), ("measured", text), ("limit", text)]))),
                ("cell", cell), ("one_of", array(cell)), ("row", text),
              ], optional: 3))
        ),
      ])
    ),
    (
      "Forecast",
      object(
        head + [
          ("from", date), ("order", text), ("automatic", boolean), ("labels", array(text)),
          ("report", .object([("type", .string("object"))])),
        ])
    ),
  ]

  private static let text = type("string")
  private static let integer = type("integer")
  private static let boolean = type("boolean")
  private static let date: JSON = .object([("type", .string("string")), ("format", .string("date"))])
  private static let head: [(String, JSON)] = [("region", text), ("metric", text)]
  private static let cell = object([
    ("date", date), ("region", text), ("metric", text), ("column", text), ("value", orNull("number")),
  ])

  private static func type(_ name: String) -> JSON { .object([("type", .string(name))]) }

  private static func orNull(_ name: String) -> JSON { .object([("type", .array([.string(name), .string("null")]))]) }

  private static func array(_ items: JSON) -> JSON { .object([("type", .string("array")), ("items", items)]) }

  /// All members are required, except the last `optional` ones.
  private static func object(_ members: [(String, JSON)], optional: Int = 0) -> JSON {
    .object([
      ("type", .string("object")), ("required", .array(members.dropLast(optional).map { .string($0.0) })), ("properties", .object(members)),
    ])
  }
}
