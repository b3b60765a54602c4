import Dataset
import Foundation
import NiFiFlow
import TestSupport
import Testing

@Suite("NiFi template")
struct FlowTemplateTests {
  private func description(of file: String) throws -> Resource {
    let text = try #require(readFile(file))
    return try DataPackage(json: Array(text.utf8), file: file).resource(named: nil, forCSV: nil)
  }

  @Test
  func `the committed template matches the committed description; to update it: netflix nifi-template --output nifi/flow_template.xml`()
    throws
  {
    let resource = try description(of: TestProject.folder + "/data/datapackage.json")
    let template = try FlowTemplate(resource: resource, file: "data/datapackage.json")
    let same = readFile(TestProject.folder + "/nifi/flow_template.xml") == template.xml
    #expect(same)
  }

  @Test func `the group has the name, the variables and the hash that the DAG checks`() throws {
    let template = try FlowTemplate(resource: films(), file: "films.json")
    #expect(template.name == "films-csv-to-kafka")
    #expect(template.hash.count == 32)
    let tree = try XMLTree(template.xml)
    #expect(tree.texts("template/snippet/processGroups/name") == ["films-csv-to-kafka"])
    #expect(tree.texts("template/snippet/processGroups/variables/entry/key") == ["csv.folder", "kafka.bootstrap.servers", "kafka.topic"])
    #expect(tree.texts("template/snippet/processGroups/variables/entry/value") == ["/opt/nifi/data", "kafka:9092", "movies"])
    #expect(try #require(tree.texts("template/snippet/processGroups/comments").first).hasSuffix("template \(template.hash)"))
  }

  @Test func `each id is a unique UUID`() throws {
    let tree = try XMLTree(FlowTemplate(resource: films(), file: "").xml)
    let group = "template/snippet/processGroups"
    let kinds = ["connections", "controllerServices", "funnels", "processors"]
    let ids = tree.texts("\(group)/id") + kinds.flatMap { tree.texts("\(group)/contents/\($0)/id") }
    #expect(ids.count == 8)
    #expect(Set(ids).count == 8)
    #expect(ids.allSatisfy { UUID(uuidString: $0) != nil && $0 == $0.lowercased() })
  }

  @Test func `any change of the description changes the hash`() throws {
    let hash = try FlowTemplate(resource: films(), file: "").hash
    #expect(try FlowTemplate(resource: films(), file: "elsewhere").hash == hash)
    #expect(try FlowTemplate(resource: films(topic: "cinema"), file: "").hash != hash)
    #expect(try FlowTemplate(resource: films(header: "Name"), file: "").hash != hash)
  }

  @Test func `the reader has the dialect and the date format, and leaves text unchanged`() throws {
    let reader = try XMLTree(FlowTemplate(resource: films(), file: "").xml).entries("org.apache.nifi.csv.CSVReader")
    #expect(reader["Value Separator"] == ";")
    #expect(reader["Quote Character"] == "'")
    #expect(reader["Date Format"] == "dd/MM/yyyy")
    #expect(reader["Escape Character"] == "")
    #expect(reader["Trim double quote"] == "false")
    #expect(reader["Trim Fields"] == "false")
    #expect(reader["Skip Header Line"] == "true")
  }

  @Test func `a description without text fields keeps NiFi's trimming and one spelling per header`() throws {
    let json = """
      {"resources": [{"name": "r", "path": "r.csv", "schema": {"fields": [
        {"name": "Day", "type": "date"}, {"name": "n", "type": "integer"}
      ]}}]}
      """
    let resource = try DataPackage(json: Array(json.utf8), file: "").resource(named: nil, forCSV: nil)
    let reader = try XMLTree(FlowTemplate(resource: resource, file: "").xml).entries("org.apache.nifi.csv.CSVReader")
    #expect(Set(reader.keys) == ["schema-access-strategy", "schema-text", "Date Format", "Skip Header Line"])
    let text = try #require(reader["schema-text"])
    let schema = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
    let date: NSDictionary = ["type": "int", "logicalType": "date"]
    let wanted: [NSDictionary] = [
      ["name": "day", "aliases": ["Day"], "type": ["null", date], "default": NSNull()],
      ["name": "n", "type": ["null", "long"], "default": NSNull()],
    ]
    #expect(schema["fields"] as? [NSDictionary] == wanted)
  }

  @Test func `the schema has the column names, the headers with and without a space as aliases, and null for optional fields`() throws {
    let reader = try XMLTree(FlowTemplate(resource: films(), file: "").xml).entries("org.apache.nifi.csv.CSVReader")
    let text = try #require(reader["schema-text"])
    let schema = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
    let decimal: NSDictionary = ["type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 1]
    let date: NSDictionary = ["type": "int", "logicalType": "date"]
    let title = #"Title "original" <&>"#
    let wanted: [NSDictionary] = [
      ["name": "title", "aliases": [title, "\(title) ", " \(title)"], "type": "string"],
      ["name": "seen", "aliases": ["seen ", " seen"], "type": ["null", date], "default": NSNull()],
      ["name": "rating", "aliases": ["rating ", " rating"], "type": ["null", decimal], "default": NSNull()],
      ["name": "votes", "aliases": ["votes ", " votes"], "type": ["null", "long"], "default": NSNull()],
      ["name": "made", "aliases": ["made ", " made"], "type": ["null", "int"], "default": NSNull()],
      ["name": "good", "aliases": ["good ", " good"], "type": ["null", "boolean"], "default": NSNull()],
    ]
    #expect(schema["fields"] as? [NSDictionary] == wanted)
    #expect(schema["name"] as? String == "movies_raw")
  }

  @Test func `the file filter matches exactly the file's name without the folder`() throws {
    let source = try XMLTree(FlowTemplate(resource: films(), file: "").xml).entries("org.apache.nifi.processors.standard.GetFile")
    let filter = try #require(source["File Filter"])
    #expect(filter == #"films \(new\)\.csv"#)
    #expect("films (new).csv".wholeMatch(of: try Regex(filter)) != nil)
    #expect(source["Input Directory"] == "${csv.folder}")
    #expect(source["Keep Source File"] == "true")
  }

  @Test func `the message key is the primary key, if there is one`() throws {
    let type = "org.apache.nifi.processors.kafka.pubsub.PublishKafkaRecord_2_6"
    #expect(try XMLTree(FlowTemplate(resource: films(), file: "").xml).entries(type)["message-key-field"] == "title")
    #expect(try XMLTree(FlowTemplate(resource: films(key: ""), file: "").xml).entries(type)["message-key-field"] == nil)
  }

  /// A dataset that uses the features that NiFi supports.
  private func films(topic: String = "movies", header: String = #"Title \"original\" <&>"#, key: String? = nil) throws -> Resource {
    let key = key ?? header
    let json = """
      {"resources": [{"name": "films", "path": "raw/films (new).csv", "topic": "\(topic)", "table": "movies_raw",
        "dialect": {"delimiter": ";", "quoteChar": "'"},
        "schema": {"fields": [
          {"name": "\(header)", "column": "title", "type": "string"},
          {"name": "seen", "type": "date", "format": "%d/%m/%Y"},
          {"name": "rating", "type": "number", "decimals": 1, "constraints": {"minimum": 0}},
          {"name": "votes", "type": "integer"},
          {"name": "made", "type": "year"},
          {"name": "good", "type": "boolean", "trueValues": ["true"], "falseValues": ["false", "FALSE"]}
        ]\(key.isEmpty ? "" : ", \"primaryKey\": \"\(key)\"")}}]}
      """
    return try DataPackage(json: Array(json.utf8), file: "films.json").resource(named: nil, forCSV: nil)
  }
}
