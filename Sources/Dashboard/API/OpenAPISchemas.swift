import Warehouse

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
