/// Who said what an option's value is.
public enum ValueSource: Sendable {
  case `default`, environment, commandLine
}
