import Console
import Glibc

/// What the demo says: steps with a tick, and tables. On standard output, or beside it where that is for a machine.
struct StepPrinter {
  let quiet: Bool
  let toStandardError: Bool

  private var descriptor: Int32 { toStandardError ? STDERR_FILENO : STDOUT_FILENO }
  private var hasColours: Bool { Terminal.hasColours(descriptor) }
  /// Columns of the page.
  var width: Int { Terminal.columns(descriptor) }

  func say(_ text: String = "") throws { try put(text.printable) }

  private func put(_ line: String) throws {
    guard !quiet else { return }
    if toStandardError {
      StandardError.line(line)
    } else {
      try StandardOutput.print(line)
    }
  }

  /// `✓ Publish    21 rows …`, with further lines under the text.
  func step(_ name: String, _ lines: String...) throws {
    let tick = hasColours ? "\u{1B}[32m✓\u{1B}[0m" : "✓"
    let bold = hasColours ? "\u{1B}[1m\(name)\u{1B}[0m" : name
    let pad = String(repeating: " ", count: max(1, 11 - name.count))
    try put("\(tick) \(bold)\(pad)\(lines[0].printable)")
    for line in lines.dropFirst() { try say(String(repeating: " ", count: 13) + line) }
  }

  func heading(_ text: String) throws { try put(hasColours ? "\u{1B}[1m\(text.printable)\u{1B}[0m" : text.printable) }
}
