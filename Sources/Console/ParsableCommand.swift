/// A set of options: a command, or a group shared by several commands.
///
/// Properties wrapped in ``Argument``, ``Option``, ``Flag`` and ``OptionGroup`` are read by reflection from a new instance.
/// A copy shares its values with the original, so do not keep copies.
public protocol ParsableArguments: SendableMetatype {
  /// An instance with the default values.
  init()
  /// Checks combinations of options; throws a ``CommandError`` with code 64 (usage).
  mutating func validate() throws
}

extension ParsableArguments {
  /// Accepts everything.
  public mutating func validate() throws {}
}

/// A program or one of its subcommands.
public protocol ParsableCommand: ParsableArguments {
  /// The command's name and help text.
  static var configuration: CommandConfiguration { get }
  /// Runs the command. Throws a ``CommandErrorConvertible`` error or an ``ExitCode``.
  mutating func run() throws
}

extension ParsableCommand {
  /// The default for a command with subcommands only: a usage error.
  public mutating func run() throws {
    throw CommandError(.usage, "which command?")
  }

  /// The configured name, or the type's name in kebab case.
  public static var commandName: String {
    if let name = configuration.commandName { return name }
    let kebab = NameSpecification.kebab("\(Self.self)")
    return String(kebab.drop(while: { $0 == "-" }))
  }
}
