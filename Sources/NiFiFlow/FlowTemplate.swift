import Dataset
import Support

/// A NiFi 1.x template of the flow that publishes one described CSV: GetFile ▶ PublishKafkaRecord, with a CSV reader and a JSON writer.
///
/// The same description gives the same bytes: ids are derived from names, and the date in it is fixed. The group's comments contain a
/// hash of the template, so that a deployment can check whether NiFi has this exact template.
package struct FlowTemplate: Sendable {
  /// The name of the process group and of the template.
  package let name: String
  /// The template's hash, 32 hexadecimal digits.
  package let hash: String
  /// The template file.
  package let xml: String

  /// Builds the template for a resource.
  ///
  /// - Parameter file: the description's file name, for messages.
  /// - Throws: `DatasetError` (unsupported) with the field and the property that NiFi does not support.
  package init(resource: Resource, file: String) throws(DatasetError) {
    let flow = Flow(resource: resource, reader: try CSVReaderSettings(resource: resource, file: file))
    name = flow.name
    hash = Fingerprint(flow.xml(hash: "")).hex
    xml = flow.xml(hash: hash)
  }
}

/// An FNV-1a hash of 128 bits.
struct Fingerprint: Equatable {
  private let value: UInt128

  init(_ text: String) { value = FNV1a.hash128(text.utf8) }

  /// The hash as 32 hexadecimal digits.
  var hex: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 32 - digits.utf8.count) + digits
  }

  /// The hash as a UUID of version 8, whose bits are application-defined (RFC 9562): NiFi rejects an id that is not a UUID.
  var uuid: String {
    var digits = Array(hex)
    digits[12] = "8"
    digits[16] = "a"
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }
}
