/// What a command is called, what it is for, and how one learns it.
public struct CommandConfiguration: Sendable {
  /// A command line to copy, and what it does.
  public struct Example: Sendable {
    public var purpose: String
    public var command: String

    public init(_ purpose: String, _ command: String) {
      self.purpose = purpose
      self.command = command
    }
  }

  /// nil: the type's name (`NiFiTemplateCommand` would be `ni-fi-template`, so that one says its own).
  public var commandName: String?
  /// One line.
  public var abstract: String
  /// Paragraphs, wrapped to the terminal's width; a line that begins with a blank stays as it is.
  public var discussion: String
  public var examples: [Example]
  public var subcommands: [any ParsableCommand.Type]

  public init(
    commandName: String? = nil, abstract: String, discussion: String = "", examples: [Example] = [],
    subcommands: [any ParsableCommand.Type] = []
  ) {
    self.commandName = commandName
    self.abstract = abstract
    self.discussion = discussion
    self.examples = examples
    self.subcommands = subcommands
  }
}
