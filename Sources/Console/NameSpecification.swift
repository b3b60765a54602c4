/// How an option is spelled: `--bootstrap-servers` from its property's name, unless told otherwise.
public struct NameSpecification: Sendable, ExpressibleByArrayLiteral {
  public enum Element: Sendable {
    case long, short, customLong(String), customShort(Character)
  }

  var elements: [Element]

  public init(arrayLiteral elements: Element...) { self.elements = elements }

  public static let long: NameSpecification = [.long]
  public static let shortAndLong: NameSpecification = [.short, .long]
  public static func customLong(_ name: String) -> NameSpecification { [.customLong(name)] }
  public static func customShort(_ name: Character) -> NameSpecification { [.customShort(name)] }

  /// The spellings with their dashes, short ones first, of a property called `label`.
  func spellings(label: String) -> [String] {
    let all = elements.map { element in
      switch element {
      case .long: "--" + Self.kebab(label)
      case .short: "-" + label.prefix(1)
      case .customLong(let name): "--" + name
      case .customShort(let name): "-\(name)"
      }
    }
    return all.filter { !$0.hasPrefix("--") } + all.filter { $0.hasPrefix("--") }
  }

  /// `bootstrapServers` → `bootstrap-servers`
  static func kebab(_ label: String) -> String {
    var result = ""
    for character in label {
      if character.isUppercase {
        result += "-" + character.lowercased()
      } else {
        result.append(character)
      }
    }
    return result
  }
}
