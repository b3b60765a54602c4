import Support

/// A Frictionless Data Package (datapackage.org, versions 1 and 2): the description of one or more CSVs, with the additional properties that
/// docs/dataset.md lists.
package struct DataPackage: Sendable, Equatable {
  /// The described CSVs; at least one, with distinct names.
  package let resources: [Resource]
  /// The description's file name, for messages.
  package let file: String

  /// Reads a description. Throws DatasetError with the path inside the description.
  /// - Parameters:
  ///   - json: the file's bytes.
  ///   - file: its name, for messages.
  package init(json: [UInt8], file: String) throws(DatasetError) {
    let tree: JSON
    do throws(JSONSyntaxError) {
      tree = try JSON.parse(json.span)
    } catch {
      let (line, column) = Self.lineAndColumn(of: error.offset, in: json)
      throw DatasetError(
        .invalidDescription, "not JSON: \(error.message)", file: file, line: line, column: column,
        hint: "fix it there; `frictionless validate` checks the same file")
    }
    let root = DescriptorNode(value: tree, path: "", file: file)
    let nodes = try root.required("resources", hint: "a description lists its CSVs under \"resources\"").elements()
    if nodes.isEmpty { throw root.invalid("\"resources\" is empty") }
    var resources: [Resource] = []
    for node in nodes {
      let resource = try Resource(node)
      if resources.contains(where: { $0.name == resource.name }) { throw node.invalid("a second resource named \"\(resource.name)\"") }
      resources.append(resource)
    }
    self.resources = resources
    self.file = file
  }

  private static func lineAndColumn(of offset: Int, in json: [UInt8]) -> (line: Int, column: Int) {
    let before = json[..<min(offset, json.count)]
    let start = (before.lastIndex(of: 0x0A) ?? -1) + 1
    return (before.count { $0 == 0x0A } + 1, UTF8Check.scalarCount(in: json.span, start..<before.endIndex) + 1)
  }

  /// The resource with the given name; without a name, the one whose path ends in the CSV's file name; else the only one. Throws DatasetError if there is
  /// no such resource.
  package func resource(named name: String?, forCSV csv: String?) throws(DatasetError) -> Resource {
    let names = resources.map { "\"\($0.name)\"" }.joined(separator: ", ")
    if let name {
      if let resource = resources.first(where: { $0.name == name }) { return resource }
      throw DatasetError(.invalidDescription, "there is no resource \"\(name)\"", file: file, path: "resources", hint: "it has \(names)")
    }
    func last(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }
    if let csv {
      let matching = resources.filter { last($0.path) == last(csv) }
      if matching.count == 1 { return matching[0] }
    }
    if resources.count == 1 { return resources[0] }
    throw DatasetError(
      .invalidDescription, "it describes several resources and none of them is this file", file: file, path: "resources",
      hint: "name one with --resource: \(names)")
  }
}
