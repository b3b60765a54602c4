/// Options that belong together: a command, or a group that several commands share.
///
/// Properties wrapped in ``Argument``, ``Option``, ``Flag`` and ``OptionGroup`` are read by reflection from a fresh instance.
/// A copy shares its values with the original: parse, use, and let go.
public protocol ParsableArguments: SendableMetatype {
  init()
  /// Refuses combinations that no single option can; throw a ``CommandError`` of kind usage.
  mutating func validate() throws
}

extension ParsableArguments {
  public mutating func validate() throws {}
}

/// A program, or a command of one.
public protocol ParsableCommand: ParsableArguments {
  static var configuration: CommandConfiguration { get }
  mutating func run() throws
}

extension ParsableCommand {
  /// A command that only has subcommands does nothing itself.
  public mutating func run() throws {
    throw CommandError(.usage, "which command?")
  }

  public static var commandName: String {
    if let name = configuration.commandName { return name }
    let kebab = NameSpecification.kebab("\(Self.self)")
    return String(kebab.drop(while: { $0 == "-" }))
  }
}
