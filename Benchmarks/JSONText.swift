/// A JSON text from which members can be removed, with the rest unchanged, to make the description without its key.
struct JSONText {
  private(set) var bytes: [UInt8]

  init(_ text: String) { bytes = Array(text.utf8) }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Removes every member with this name, at any depth. The text must be valid JSON.
  mutating func remove(member name: String) {
    let pattern = Array("\"\(name)\"".utf8)
    var index = 0
    while index + pattern.count <= bytes.count {
      var end = index + pattern.count
      guard bytes[index..<end].elementsEqual(pattern), let colon = skipBlanks(end), bytes[colon] == UInt8(ascii: ":") else {
        index += 1
        continue
      }
      end = endOfValue(colon + 1)
      // One comma is removed with it: the one after it, or for a last member the one before it.
      var start = index
      if let next = skipBlanks(end), bytes[next] == UInt8(ascii: ",") {
        end = next + 1
      } else if let comma = bytes[..<start].lastIndex(where: { !isBlank($0) }), bytes[comma] == UInt8(ascii: ",") {
        start = comma
      }
      bytes.removeSubrange(start..<end)
      index = start
    }
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

  private func skipBlanks(_ index: Int) -> Int? { bytes[index...].firstIndex { !isBlank($0) } }

  private func endOfValue(_ index: Int) -> Int {
    var index = index
    var depth = 0
    var isInString = false
    while index < bytes.count {
      let byte = bytes[index]
      if isInString {
        if byte == UInt8(ascii: "\\") { index += 1 }
        isInString = byte != UInt8(ascii: "\"")
      } else {
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: ",") where depth == 0: return index
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
          if depth == 0 { return index }
          depth -= 1
        default: break
        }
      }
      index += 1
    }
    return index
  }
}
