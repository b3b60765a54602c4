import Console
import Glibc

/// What the demo says: steps with a tick, and tables. On standard output, or beside it where that is for a machine.
struct Narrator {
  let quiet: Bool
  let toStandardError: Bool

  private var descriptor: Int32 { toStandardError ? STDERR_FILENO : STDOUT_FILENO }
  private var hasColours: Bool { Terminal.hasColours(descriptor) }
  /// Columns of the page.
  var width: Int { Terminal.columns(descriptor) }

  func say(_ text: String = "") throws {
    guard !quiet else { return }
    if toStandardError {
      Log(level: .info).info(text)
    } else {
      try StandardOutput.print(text)
    }
  }

  /// `✓ Publish    21 rows …`, with further lines under the text.
  func step(_ name: String, _ lines: String...) throws {
    let tick = hasColours ? "\u{1B}[32m✓\u{1B}[0m" : "✓"
    let bold = hasColours ? "\u{1B}[1m\(name)\u{1B}[0m" : name
    let pad = String(repeating: " ", count: max(1, 11 - name.count))
    try say("\(tick) \(bold)\(pad)\(lines[0])")
    for line in lines.dropFirst() { try say(String(repeating: " ", count: 13) + line) }
  }

  func heading(_ text: String) throws { try say(hasColours ? "\u{1B}[1m\(text)\u{1B}[0m" : text) }
}
