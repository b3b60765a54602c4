/// The part of a file that is in memory: bytes that were read and not yet consumed. Its size depends on the longest record, not on the file.
struct ChunkBuffer {
  private(set) var bytes: [UInt8] = []
  /// The first byte not yet consumed.
  var start = 0
  /// True if nothing follows `bytes`.
  private(set) var isLast = false
  /// Bytes read so far.
  private(set) var total = 0
  private var chunk: [UInt8]
  private let read: (inout [UInt8]) throws -> Int

  static let chunkSize = 256 << 10

  init(chunkSize: Int = Self.chunkSize, read: @escaping (inout [UInt8]) throws -> Int) {
    self.read = read
    chunk = Array(repeating: 0, count: max(1, chunkSize))
  }

  var pending: Int { bytes.count - start }

  /// Reads the file's start, skips a byte-order mark, and throws `DatasetError` if the file is not UTF-8 text.
  ///
  /// Waits for no more bytes than the header line needs: a pipe may have sent only that line so far.
  mutating func readStart(file: String) throws {
    func hasLine() -> Bool { bytes.drop { $0 <= 0x20 }.contains(0x0A) && bytes.count { $0 > 0x20 } > 1 }
    while pending < FileFormat.longestMagic, !hasLine(), !isLast { try fill() }
    // What a zip holds stands behind its first bytes.
    if bytes.starts(with: FileFormat.zip) { while pending < 4096, !isLast { try fill() } }
    if let fault = FileFormat.fault(bytes[...], file: file) { throw fault }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
  }

  /// Reads at least one more byte, or sets `isLast`. A long pending record doubles before it is scanned again, so that the work stays
  /// proportional to its length, however small the chunks of a pipe are.
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
