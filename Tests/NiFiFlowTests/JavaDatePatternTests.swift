import Dataset
import Testing

@testable import NiFiFlow

@Suite("Java date pattern")
struct JavaDatePatternTests {
  private func java(_ format: String) throws -> String? {
    let json = """
      {"resources": [{"name": "r", "path": "r.csv", "schema": {"fields": [{"name": "d", "type": "date", "format": "\(format)"}]}}]}
      """
    let resource = try DataPackage(json: Array(json.utf8), file: "").resource(named: nil, forCSV: nil)
    guard case .date(let format) = resource.fields[0].type else { return nil }
    return JavaDatePattern.pattern(for: format)
  }

  @Test(
    arguments: [
      ("default", "yyyy-MM-dd"), ("%d-%m-%Y", "dd-MM-yyyy"), ("%m/%d/%Y", "MM/dd/yyyy"), ("%Y%m%d", "yyyyMMdd"),
      ("%d. %m. %Y", "dd. MM. yyyy"),
    ])
  func `has the parts of the source format in their order`(_ format: String, _ pattern: String) throws {
    #expect(try java(format) == pattern)
  }

  @Test(arguments: ["%d-%m-%y", "%d-%b-%Y", "%d-%B-%Y", "%dT%m-%Y", "%d%%%m-%Y"])
  func `is nil if Java would parse the dates differently`(_ format: String) throws {
    #expect(try java(format) == nil)
  }
}
