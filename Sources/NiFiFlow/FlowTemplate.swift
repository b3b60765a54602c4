import Dataset

/// A NiFi 1.x template of the flow that publishes one described CSV: GetFile ▶ PublishKafkaRecord, with a CSV reader and a JSON writer.
///
/// The same description gives the same bytes: ids are made of names, and the date in it is always the same. The group's comments carry a
/// hash of the template, so that whoever deploys it can see whether NiFi has this very one.
public struct FlowTemplate: Sendable {
  /// The process group's name, and the template's.
  public let name: String
  /// What tells this template from another, 32 hexadecimal digits.
  public let hash: String
  /// The whole file.
  public let xml: String

  /// - Parameter file: the description's file name, for messages.
  /// - Throws: `DatasetError` (unsupported) that names field and property where NiFi would not do what the description asks for.
  public init(resource: Resource, file: String) throws(DatasetError) {
    let flow = Flow(resource: resource, reader: try CSVReaderSettings(resource: resource, file: file))
    name = flow.name
    hash = Fingerprint(flow.xml(hash: "")).hex
    xml = flow.xml(hash: hash)
  }
}
