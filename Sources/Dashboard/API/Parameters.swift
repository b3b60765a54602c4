import HTTP
import Warehouse

/// The query of a request, parsed strictly: an unknown, repeated or invalid parameter is rejected, never ignored.
struct Parameters {
  private let values: [String: String]

  init(_ request: HTTPRequest, allowed: [String]) throws(ProblemDetails) {
    var values: [String: String] = [:]
    for parameter in request.target.parameters {
      guard allowed.contains(parameter.name) else {
        throw .badParameter(parameter.name, "Unknown parameter \"\(parameter.name.prefix(40))\".", allowed: allowed)
      }
      guard values.updateValue(parameter.value, forKey: parameter.name) == nil else {
        throw .badParameter(parameter.name, "\"\(parameter.name)\" occurs twice.")
      }
    }
    self.values = values
  }

  subscript(name: String) -> String? { values[name] }

  /// The series named by `region` and `metric`; both are required.
  func key(in rows: Snapshot) throws(ProblemDetails) -> SeriesKey {
    SeriesKey(
      region: try required("region", among: rows.regions.map(\.name)), metric: try required("metric", among: rows.metrics.map(\.name)))
  }

  func required(_ name: String, among allowed: [String]) throws(ProblemDetails) -> String {
    guard let value = try optional(name, among: allowed) else {
      throw .badParameter(name, "\"\(name)\" is required.", allowed: allowed)
    }
    return value
  }

  func optional(_ name: String, among allowed: [String]) throws(ProblemDetails) -> String? {
    guard let value = values[name] else { return nil }
    guard allowed.contains(value) else {
      throw .badParameter(name, "Unknown \(name) \"\(value.prefix(40))\".", allowed: allowed)
    }
    return value
  }

  func integer(_ name: String, in range: ClosedRange<Int>, otherwise standard: Int) throws(ProblemDetails) -> Int {
    guard let value = values[name] else { return standard }
    guard value.utf8.count < 10, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(value), range.contains(number)
    else {
      throw .badParameter(name, "\"\(name)\" must be a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  func flag(_ name: String) throws(ProblemDetails) -> Bool {
    try optional(name, among: ["true", "false"]) == "true"
  }

  /// Three one-digit numbers, for example `1,1,0`.
  func order(_ name: String, most: (Int, Int, Int)) throws(ProblemDetails) -> (Int, Int, Int)? {
    guard let value = values[name] else { return nil }
    let parts = value.split(separator: ",", omittingEmptySubsequences: false).map { $0.utf8.count == 1 ? Int($0) : nil }
    guard parts.count == 3, let a = parts[0], let b = parts[1], let c = parts[2], (0...most.0).contains(a), (0...most.1).contains(b),
      (0...most.2).contains(c)
    else {
      throw .badParameter(name, "\"\(name)\" must be three numbers like 1,1,0, at most \(most.0),\(most.1),\(most.2).")
    }
    return (a, b, c)
  }
}
