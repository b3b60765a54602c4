/// A command's name and help text.
public struct CommandConfiguration: Sendable {
  /// An example command line and its purpose.
  public struct Example: Sendable {
    /// What the example does; shown as a comment.
    public var purpose: String
    /// The command line.
    public var command: String

    /// An example command line.
    public init(_ purpose: String, _ command: String) {
      self.purpose = purpose
      self.command = command
    }
  }

  /// Nil: the type's name in kebab case (`NiFiTemplateCommand` would give `ni-fi-template-command`, so it sets its own).
  public var commandName: String?
  /// The summary, in one line.
  public var abstract: String
  /// Paragraphs, wrapped to the terminal's width; a line that starts with a space is not wrapped.
  public var discussion: String
  /// The examples, in their order.
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
