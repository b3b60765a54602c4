// A description is either loaded or rejected, and a loaded one can be used.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDescription(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let json = copy(data, count)
  guard let package = try? DataPackage(json: json, file: "f.json") else { return 0 }
  for resource in package.resources {
    let headers = resource.fields.map { "\"\($0.header.split(separator: "\"").joined(separator: "\"\""))\"" }
    let cells = resource.fields.map { _ in "12" }
    let delimiter = String(decoding: [resource.dialect.delimiter], as: UTF8.self)
    let csv = Array("\(headers.joined(separator: delimiter))\n\(cells.joined(separator: delimiter))\n".utf8)
    var reader = RowReader(resource: resource, source: "f.csv", read: feed(csv, by: 100))
    var row = Row()
    guard let outcome = try? reader.next(into: &row), outcome == .row else { continue }
    var message: [UInt8] = []
    MessageEncoder(resource: resource).appendValue(of: row, to: &message)
    var back = Row()
    var decoder = MessageDecoder(resource: resource)
    do throws(RejectReason) {
      try decoder.decode(message.span, into: &back)
      require(back == row, "another row comes back")
    } catch {
      fatalError("our own message is rejected: \(error)")
    }
  }
  return 0
}
