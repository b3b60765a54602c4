// A CSV gives the same rows with any chunk size and on both parsing paths, and decoding the messages gives the same rows.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCSV(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 2 else { return 0 }
  let bytes = copy(data, count)
  let resource = resources[Int(bytes[0])]
  let csv = Array(bytes[2...])
  let whole = read(csv, resource, by: csv.count + 1, quick: true)
  require(whole == read(csv, resource, by: csv.count + 1, quick: false), "the fast path reads otherwise")
  require(whole == read(csv, resource, by: 1 + Int(bytes[1]) % 9, quick: true), "in pieces it reads otherwise")

  let encoder = MessageEncoder(resource: resource)
  var decoder = MessageDecoder(resource: resource)
  for case .row(let row) in whole {
    var message: [UInt8] = []
    var key: [UInt8] = []
    encoder.appendValue(of: row, to: &message)
    encoder.appendKey(of: row, to: &key)
    var back = Row()
    do {
      try decoder.decode(message.span, into: &back)
      require(back == row, "another row comes back: \(row) \(back)")
      try decoder.decodeAny(message.span, into: &back)
      require(back == row, "another row comes back the general way")
    } catch {
      fatalError("our own message is rejected: \(error)")
    }
  }
  return 0
}

enum Read: Equatable {
  case row(Row)
  case blank
  case rejected(RejectedRow)
  case failed(String)
}

func read(_ csv: [UInt8], _ resource: Resource, by size: Int, quick: Bool) -> [Read] {
  var reader = RowReader(resource: resource, source: "f.csv", maxRecordBytes: 300, read: feed(csv, by: size))
  var row = Row()
  var all: [Read] = []
  do {
    try reader.readHeader()
    if !quick { reader.fastPath = nil }
    while true {
      switch try reader.next(into: &row) {
      case .row: all.append(.row(row))
      case .blank: all.append(.blank)
      case .rejected(let row): all.append(.rejected(row))
      case .end: return all
      }
    }
  } catch {
    return all + [.failed("\(error)")]
  }
}
