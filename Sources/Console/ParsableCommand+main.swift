import Glibc

extension ParsableCommand {
  /// The program's entry point: parses the command line, runs the command, and exits with its exit code.
  public static func main() {
    exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  /// Runs a command line, and reports an error on standard error.
  public static func run(_ words: [String], environment: @escaping (String) -> String? = Environment.value) -> ExitCode {
    ProcessSetup.run()
    do {
      switch try parse(words, environment: environment) {
      case .show(let text):
        try StandardOutput.print(text, terminator: "")
      case .run(var command):
        try ProcessSetup.checkMemory()
        try command.run()
      }
      return .ok
    } catch let code as ExitCode {
      return code
    } catch is BrokenPipe {
      // The reader closed the pipe (for example `… | head`): this is success.
      return .ok
    } catch {
      let failure = CommandError(error)
      Log.report(failure)
      return failure.code
    }
  }
}
