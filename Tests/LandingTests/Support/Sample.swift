import Dataset
import TestSupport

@testable import Landing

/// Small datasets for tests.
enum Sample {
  static let fields = PipelineFixture.fields
  static let keyed = Resource(name: "sample", path: "sample.csv", fields: fields, primaryKey: [0])
  static let keyless = Resource(name: "sample", path: "sample.csv", fields: fields)
  /// A key of two columns, one of them text.
  static let pair = Resource(name: "sample", path: "sample.csv", fields: fields, primaryKey: [1, 0])

  /// One column of each type.
  static let everyType = Resource(
    name: "every", path: "every.csv",
    fields: [
      Field(header: "t", column: "t", type: .string), Field(header: "i", column: "i", type: .integer(NumberFormat())),
      Field(header: "n", column: "n", type: .number(NumberFormat())), Field(header: "b", column: "b", type: .boolean(BooleanFormat())),
      Field(header: "d", column: "d", type: .date(.iso)), Field(header: "ts", column: "ts", type: .datetime(.iso)),
      Field(header: "c", column: "c", type: .time(.iso)), Field(header: "y", column: "y", type: .year),
    ])

  static func options(topic: String = "sample", table: String = "sample") -> SinkOptions {
    SinkOptions(topic: topic, table: table)
  }

  static func message(_ id: Int, name: String = "a", amount: String = "1.50") -> String {
    "{\"id\":\(id),\"name\":\"\(name)\",\"amount\":\(amount)}"
  }
}
