/// Validates topic names.
public enum KafkaTopic {
  private static let longest = 249

  /// Checks a topic name.
  ///
  /// - Throws: `KafkaError` of kind `usage` for an invalid name: librdkafka would report the topic as unknown, and wait for it.
  public static func check(_ name: String) throws(KafkaError) {
    let isLegal = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard isLegal, !name.isEmpty, name.utf8.count <= longest, name != ".", name != ".." else {
      throw .usage("invalid topic name '\(name)'", advice: "Use at most \(longest) letters, digits, . _ and -.")
    }
  }
}
