/// The spellings of an option; by default a long name from the property's name: `--bootstrap-servers`.
public struct NameSpecification: Sendable, ExpressibleByArrayLiteral {
  /// One spelling.
  public enum Element: Sendable {
    case long, short, customLong(String), customShort(Character)
  }

  var elements: [Element]

  /// Several spellings.
  public init(arrayLiteral elements: Element...) { self.elements = elements }

  /// `--property-name`
  public static let long: NameSpecification = [.long]
  /// `-p` and `--property-name`
  public static let shortAndLong: NameSpecification = [.short, .long]
  /// `--name`
  public static func customLong(_ name: String) -> NameSpecification { [.customLong(name)] }
  /// `-n`
  public static func customShort(_ name: Character) -> NameSpecification { [.customShort(name)] }

  /// The spellings with their dashes, short ones first, for a property with the name `label`.
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
