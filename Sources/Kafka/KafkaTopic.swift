/// The names that Kafka takes for topics.
public enum KafkaTopic {
  private static let longest = 249

  /// - Throws: `KafkaError` of kind `usage` for a name that no broker would take: librdkafka would call the topic unknown, and wait.
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
      throw .usage("'\(name)' is no name of a topic", advice: "Letters, digits, . _ and -, at most \(longest).")
    }
  }
}
