import Dataset
import Support

/// The Avro schema for NiFi's CSVReader: a field's name is the column, its aliases are spellings of the header.
struct AvroSchema {
  /// The schema as JSON, one field per line.
  let text: String

  /// - Parameter trims: whether the reader trims spaces from the ends of each cell and header.
  init(resource: Resource, trims: Bool) {
    let fields = resource.fields.enumerated().map { index, field in
      var members = ["\"name\": \(JSONString.quoted(field.column))"]
      var spellings = [field.header]
      // A reader that does not trim compares the header with its spaces, which the description's header does not have.
      if !trims { spellings += ["\(field.header) ", " \(field.header)"] }
      let aliases = spellings.filter { $0 != field.column }
      if !aliases.isEmpty { members.append("\"aliases\": [\(aliases.map(JSONString.quoted).joined(separator: ", "))]") }
      let type = Self.type(of: field)
      // For a required field, a short row, an empty cell or a renamed header fails; for a nullable field the value becomes null.
      members.append(resource.isRequired(index) ? "\"type\": \(type)" : "\"type\": [\"null\", \(type)], \"default\": null")
      return "    {\(members.joined(separator: ", "))}"
    }
    text = """
      {
        "type": "record", "name": \(JSONString.quoted(resource.table)),
        "fields": [
      \(fields.joined(separator: ",\n"))
        ]
      }
      """
  }

  /// Decimals as bytes keep the digits of the source; a double would turn 16 into 16.0.
  private static func type(of field: Field) -> String {
    switch field.type {
    case .string: "\"string\""
    case .integer: "\"long\""
    case .year: "\"int\""
    case .boolean: "\"boolean\""
    case .number:
      "{\"type\": \"bytes\", \"logicalType\": \"decimal\", \"precision\": 38, \"scale\": \(min(field.decimals ?? 9, 38))}"
    case .date, .datetime, .time: "{\"type\": \"int\", \"logicalType\": \"date\"}"
    }
  }
}
