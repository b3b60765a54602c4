import Foundation
import FoundationXML
import TestSupport

/// Access to an XML document: element texts by path, and properties of components by type.
struct XMLTree {
  private let document: XMLDocument

  init(_ text: String) throws {
    document = try XMLDocument(xmlString: text)
  }

  func texts(_ path: String) -> [String] {
    let nodes = (try? document.nodes(forXPath: "/\(path)")) ?? []
    return nodes.map { $0.stringValue ?? "" }
  }

  /// The properties of the only component of a type.
  func entries(_ type: String) -> [String: String] {
    let nodes = (try? document.nodes(forXPath: "//*[type='\(type)']//properties/entry")) ?? []
    var entries: [String: String] = [:]
    for case let node as XMLElement in nodes {
      guard let key = node.elements(forName: "key").first?.stringValue else { continue }
      entries[key] = node.elements(forName: "value").first?.stringValue ?? ""
    }
    return entries
  }
}
