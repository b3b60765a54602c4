/// The source of an option's value.
public enum ValueSource: Sendable {
  case `default`, environment, commandLine
}
