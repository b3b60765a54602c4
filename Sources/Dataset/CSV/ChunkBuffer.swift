/// The part of a file that is in memory: what is read and not yet taken. Its size follows the longest record, not the file.
struct ChunkBuffer {
  private(set) var bytes: [UInt8] = []
  /// The first byte not yet taken.
  var start = 0
  /// Nothing follows `bytes`.
  private(set) var isLast = false
  /// All bytes read so far.
  private(set) var total = 0
  private var chunk: [UInt8]
  private let read: (inout [UInt8]) throws -> Int

  static let chunkSize = 256 << 10

  init(chunkSize: Int = Self.chunkSize, read: @escaping (inout [UInt8]) throws -> Int) {
    self.read = read
    chunk = Array(repeating: 0, count: max(1, chunkSize))
  }

  var pending: Int { bytes.count - start }

  /// Reads at least one more byte, or sets `isLast`. A long pending record is doubled before it is looked at again, so that the work stays
  /// in proportion to its length whatever the size of the pieces a pipe gives.
  mutating func fill() throws {
    if start > 0 {
      bytes.removeSubrange(..<start)
      start = 0
    }
    let wanted = bytes.count < chunk.count ? 1 : bytes.count
    var gained = 0
    while gained < wanted, !isLast {
      let count = try read(&chunk)
      if count <= 0 {
        isLast = true
      } else {
        bytes.append(contentsOf: chunk[..<min(count, chunk.count)])
        gained += count
        total += count
      }
    }
  }
}
