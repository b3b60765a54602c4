import Dataset

/// A NiFi 1.x template of the flow that publishes one described CSV: GetFile ▶ PublishKafkaRecord, with a CSV reader and a JSON writer.
///
/// The same description gives the same bytes: ids are derived from names, and the date in it is fixed. The group's comments contain a
/// hash of the template, so that a deployment can check whether NiFi has this exact template.
public struct FlowTemplate: Sendable {
  /// The name of the process group and of the template.
  public let name: String
  /// The template's hash, 32 hexadecimal digits.
  public let hash: String
  /// The template file.
  public let xml: String

  /// Builds the template for a resource.
  ///
  /// - Parameter file: the description's file name, for messages.
  /// - Throws: `DatasetError` (unsupported) with the field and the property that NiFi does not support.
  public init(resource: Resource, file: String) throws(DatasetError) {
    let flow = Flow(resource: resource, reader: try CSVReaderSettings(resource: resource, file: file))
    name = flow.name
    hash = Fingerprint(flow.xml(hash: "")).hex
    xml = flow.xml(hash: hash)
  }
}
