import Foundation
import HTTP
import TestSupport
import Testing

@testable import Dashboard

/// The OpenAPI description and the routes agree, in both directions.
@Suite struct OpenAPITests {
  let rows: FixtureRows
  let server: DashboardServer
  let description: OpenAPIDescription

  init() throws {
    rows = try FixtureRows()
    server = try DashboardServer(rows)
    description = try OpenAPIDescription(try httpGet("/api/openapi.json", port: server.port).body)
  }

  /// Each parameter that a route requires, with a valid value.
  private static let values = ["region": "All", "metric": "sales"]

  private func target(_ path: String, _ parameters: [String: String]) -> String {
    let query = parameters.map { "\($0.key)=\(PercentEncoding.encode($0.value))" }.sorted().joined(separator: "&")
    return query.isEmpty ? path : "\(path)?\(query)"
  }

  private func required(_ path: String) -> [String: String] {
    Self.values.filter { name, _ in description.parameters(path).contains { $0.name == name && $0.isRequired } }
  }

  @Test func `every route is documented, and every documented route exists`() {
    let pages = PageAsset.all.map(\.path) + ["/chart.js"]
    #expect(description.paths == server.paths.filter { !pages.contains($0) })
  }

  @Test func `each route takes the documented parameters and no others`() throws {
    for path in description.paths where description.statuses(path).contains(400) {
      let strange = try Node(try httpGet(target(path, ["colour": "red"]), port: server.port).body)
      #expect(strange["status"] == .number(400), "\(path)")
      let allowed = strange["allowed"]?.items.compactMap(\.text) ?? []
      #expect(allowed == description.parameters(path).map(\.name), "\(path)")
      for name in required(path).keys {
        let missing = try Node(try httpGet(target(path, required(path).filter { $0.key != name }), port: server.port).body)
        #expect(missing["status"] == .number(400) && missing["parameter"] == .string(name), "\(path) without \(name)")
      }
    }
    for path in description.paths where !description.statuses(path).contains(400) {
      #expect(description.parameters(path).isEmpty, "\(path)")
    }
  }

  @Test func `the documented ranges, patterns and defaults of a forecast are those of the API`() throws {
    func status(_ name: String, _ value: String) throws -> Int {
      var parameters = Self.values.merging(["order": "0,1,0"]) { old, _ in old }
      parameters[name] = value
      return try httpGet(target("/api/forecast", parameters), port: server.port).status
    }
    func schema(_ name: String) throws -> Node {
      try #require(description.parameters("/api/forecast").first { $0.name == name }?.schema)
    }
    let (least, most) = (try #require(schema("horizon")["minimum"]?.integer), try #require(schema("horizon")["maximum"]?.integer))
    #expect(try [least - 1, least, most, most + 1].map { try status("horizon", "\($0)") } == [400, 200, 200, 400])
    for (name, orders) in [("order", ForecastRequest.most), ("seasonal", ForecastRequest.mostSeasonal)] {
      let pattern = try Regex(try #require(schema(name)["pattern"]?.text))
      for (p, d, q) in (0...5).flatMap({ p in (0...5).flatMap { d in (0...5).map { (p, d, $0) } } }) {
        let isAllowed = p <= orders.0 && d <= orders.1 && q <= orders.2
        #expect("\(p),\(d),\(q)".contains(pattern) == isAllowed, "\(name) \(p),\(d),\(q)")
      }
    }
    let short = try httpGet(target("/api/forecast", Self.values), port: server.port)
    var full = Self.values
    for name in ["horizon", "order", "drift"] { full[name] = try #require(schema(name)["default"]).spelling }
    #expect(short.status == 200)
    #expect(try httpGet(target("/api/forecast", full), port: server.port).text == short.text)
  }

  @Test func `each documented response occurs, with its content type and schema, and no other`() throws {
    var seen: [String: Set<Int>] = [:]
    var members: Set<String> = []
    func check(_ path: String, _ response: RawHTTPResponse, data: Node? = nil) throws {
      seen[path, default: []].insert(response.status)
      let type = response["Content-Type"]?.split(separator: ";").first.map(String.init)
      let schema = try #require(description.schema(path, response.status, type ?? ""), "\(path): \(response.status) \(type ?? "-")")
      guard type?.hasSuffix("json") == true else { return }
      let faults = description.faults(of: try Node(response.body), schema, at: path, &members)
      #expect(faults == [], "\(path)")
    }
    func get(_ path: String, _ parameters: [String: String] = [:]) throws {
      try check(path, try httpGet(target(path, parameters), port: server.port))
    }
    for path in description.paths where path != "/api/events" { try get(path, required(path)) }
    for path in description.paths where description.statuses(path).contains(400) { try get(path, ["colour": "red"]) }
    try get("/api/series", ["region": "north", "metric": "trees"])
    try get("/api/forecast", ["region": "north", "metric": "trees"])
    try get("/api/forecast", ["region": "s,&\"outh", "metric": "sales"])
    try get("/api/forecast", ["region": "All", "metric": "sales", "order": "9,9,9"])
    let dataset = DatasetVersion(try rows.read(), store: FixtureSource(rows).store, version: "1", read: "")
    let busy = #expect(throws: ProblemDetails.self) {
      try ForecastService(mostQueued: 0).response(
        to: HTTPRequest(target: .root), ForecastRequest(key: dataset.keys[0]), dataset: dataset)
    }
    seen["/api/forecast", default: []].insert(try #require(busy).status)

    // An event stream has no end; its data is the documented event.
    let streams = try (0..<200).map { _ in
      let client = try RawHTTPClient(port: server.port)
      client.send("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
      return client
    }
    let events = try streams.map { try $0.read(through: "\n\n") }
    #expect(events.allSatisfy { $0.contains("\r\nContent-Type: text/event-stream") })
    let event = try #require(events[0].firstMatch(of: /event: rows\ndata: (.+)\n/))
    let eventFaults = description.faults(
      of: try Node(Array(event.1.utf8)), .object(["$ref": .string("#/components/schemas/Event")]), at: "Event", &members)
    #expect(eventFaults == [])
    seen["/api/events", default: []].insert(200)
    try get("/api/events")

    // Enough months for a backtest.
    let ends = [29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    let later = ends.enumerated().map { "2024-\($0 + 2 < 10 ? "0" : "")\($0 + 2)-\($1),\(210 + $0 * $0 % 7),100,100,1045\n" }
    try rows.land(StarFixture.csv + later.joined())
    while try !httpGet("/api/dataset", port: server.port).text.contains("2024-12-31") {}
    try get("/api/forecast", Self.values)

    rows.fail("the database is away")
    while try httpGet("/healthz", port: server.port).status == 200 {}
    try get("/healthz")
    for path in description.paths { #expect(seen[path] == description.statuses(path), "\(path)") }
    // A finding about one cell, with a suggestion, or about a row needs other rules than this dataset's; a step has a date here.
    let unseen = description.members.subtracting(members)
    #expect(
      unseen.sorted() == [
        "Findings.findings.cell", "Findings.findings.row", "Findings.findings.suggestion.exact", "Findings.findings.suggestion.reason",
        "Findings.findings.suggestion.value", "Report.forecast.step",
      ])
  }
}

/// An OpenAPI description as a test reads it.
struct OpenAPIDescription {
  struct Parameter {
    let name: String
    let isRequired: Bool
    let schema: Node
  }

  private let root: Node

  init(_ bytes: [UInt8]) throws { root = try Node(bytes) }

  var paths: [String] { root["paths"]?.members.keys.sorted() ?? [] }

  func parameters(_ path: String) -> [Parameter] {
    (root["paths"]?[path]?["get"]?["parameters"]?.items ?? []).map(resolved).map {
      Parameter(name: $0["name"]?.text ?? "", isRequired: $0["required"] == .bool(true), schema: $0["schema"] ?? .null)
    }
  }

  func statuses(_ path: String) -> Set<Int> {
    Set((root["paths"]?[path]?["get"]?["responses"]?.members.keys).map { $0.compactMap { Int($0) } } ?? [])
  }

  /// The schema of a response; nil if the status or the content type is not documented.
  func schema(_ path: String, _ status: Int, _ type: String) -> Node? {
    (root["paths"]?[path]?["get"]?["responses"]?["\(status)"]).map(resolved)?["content"]?[type]?["schema"]
  }

  /// Every member of every schema: `Series.points.value`.
  var members: Set<String> {
    var all: Set<String> = []
    for (name, schema) in root["components"]?["schemas"]?.members ?? [:] { collect(schema, name, &all) }
    return all
  }

  private func collect(_ schema: Node, _ place: String, _ all: inout Set<String>) {
    for (name, member) in schema["properties"]?.members ?? [:] {
      all.insert("\(place).\(name)")
      collect(member, "\(place).\(name)", &all)
    }
    if let items = schema["items"] { collect(items, place, &all) }
    for choice in schema["oneOf"]?.items ?? [] { collect(choice, place, &all) }
  }

  private func resolved(_ node: Node) -> Node {
    guard case .string(let reference)? = node["$ref"] else { return node }
    return reference.dropFirst(2).split(separator: "/").reduce(root) { $0[String($1)] ?? .null }
  }

  /// What in a value is not as its schema says, and which members of the schema it has. A member that the schema does not have is a fault.
  func faults(of value: Node, _ schema: Node, at place: String, _ members: inout Set<String>) -> [String] {
    if case .string(let reference)? = schema["$ref"] {
      return faults(of: value, resolved(schema), at: String(reference.split(separator: "/").last ?? ""), &members)
    }
    if let choices = schema["oneOf"]?.items {
      let all = choices.map { faults(of: value, $0, at: place, &members) }
      return all.count { $0.isEmpty } == 1 ? [] : all.flatMap(\.self)
    }
    let types = schema["type"]?.text.map { [$0] } ?? schema["type"]?.items.compactMap(\.text) ?? []
    guard types.contains(where: value.isType) else { return ["\(place): \(value) is not \(types)"] }
    var found: [String] = []
    if let choices = schema["enum"]?.items, !choices.contains(value) { found.append("\(place): \(value) is not one of \(choices)") }
    if schema["format"] == .string("date"), value.text?.wholeMatch(of: /\d{4}-\d\d-\d\d/) == nil { found.append("\(place): \(value)") }
    if schema["format"] == .string("date-time"), value.text.flatMap({ try? Date($0, strategy: .iso8601) }) == nil {
      found.append("\(place): \(value) is not a time")
    }
    for item in value.items { found += schema["items"].map { faults(of: item, $0, at: place, &members) } ?? ["\(place): no items"] }
    if let count = schema["minItems"]?.integer, value.items.count < count { found.append("\(place): fewer than \(count)") }
    guard case .object(let own) = value else { return found }
    for name in schema["required"]?.items.compactMap(\.text) ?? [] where own[name] == nil { found.append("\(place).\(name) is missing") }
    for (name, member) in own {
      if let property = schema["properties"]?[name] {
        members.insert("\(place).\(name)")
        found += faults(of: member, property, at: "\(place).\(name)", &members)
      } else if let property = schema["additionalProperties"] {
        found += faults(of: member, property, at: "\(place).\(name)", &members)
      } else if schema["properties"] != nil {
        found.append("\(place).\(name) is not documented")
      }
    }
    return found
  }
}

/// A JSON value.
enum Node: Decodable, Equatable {
  case null, bool(Bool), number(Double), string(String), array([Node]), object([String: Node])

  init(_ bytes: [UInt8]) throws { self = try JSONDecoder().decode(Node.self, from: Data(bytes)) }

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .string(text)
    } else if let items = try? value.decode([Node].self) {
      self = .array(items)
    } else {
      self = .object(try value.decode([String: Node].self))
    }
  }

  subscript(name: String) -> Node? { members[name] }
  var members: [String: Node] { if case .object(let members) = self { members } else { [:] } }
  var items: [Node] { if case .array(let items) = self { items } else { [] } }
  var text: String? { if case .string(let text) = self { text } else { nil } }
  var integer: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }

  /// As in a query.
  var spelling: String { text ?? integer.map(String.init) ?? (self == .bool(true) ? "true" : "false") }

  func isType(_ name: String) -> Bool {
    switch (self, name) {
    case (.null, "null"), (.bool, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"), (.object, "object"): true
    case (.number, "integer"): integer != nil
    default: false
    }
  }
}
