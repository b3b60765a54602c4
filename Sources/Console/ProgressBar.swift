import Glibc
import Support

/// Progress of a run: a bar on a terminal, a line every ten seconds in a log.
///
/// It reads the clock: call ``update(done:fraction:)`` once per chunk, not once per row.
package struct ProgressBar: ~Copyable {
  private let log: Log
  private let noun: String
  private let isTerminal: Bool
  private let start: ContinuousClock.Instant
  private var due: ContinuousClock.Instant
  private let interval: Duration
  private var lastLogged = 0

  /// Starts the clock.
  ///
  /// - Parameter noun: The counted unit: `rows`.
  package init(_ noun: String, log: Log) {
    self.init(noun, log: log, isTerminal: StandardError.isTerminal)
  }

  init(_ noun: String, log: Log, isTerminal: Bool) {
    self.noun = noun
    self.log = log
    self.isTerminal = isTerminal
    interval = isTerminal ? .milliseconds(100) : .seconds(10)
    start = .now
    // A short run shows no bar.
    due = start + (isTerminal ? .milliseconds(300) : interval)
  }

  /// Shows the progress, if it is due.
  ///
  /// - Parameter fraction: The completed fraction, 0 to 1; nil if it is unknown.
  package mutating func update(done: Int, fraction: Double? = nil) {
    guard log.level >= .info else { return }
    let now = ContinuousClock.now
    guard now >= due else { return }
    due = now + interval
    let text = Self.text(done: done, noun: noun, fraction: fraction, elapsed: now - start)
    if isTerminal {
      StandardError.draw(bar: Self.bar(text, fraction: fraction, columns: StandardError.columns))
    } else if done != lastLogged {
      // An idle follower logs nothing.
      lastLogged = done
      log.info(text)
    }
  }

  /// Removes the bar.
  package consuming func finish() {
    if isTerminal { StandardError.draw(bar: "") }
  }

  deinit {
    if isTerminal { StandardError.draw(bar: "") }
  }

  static func text(done: Int, noun: String, fraction: Double?, elapsed: Duration) -> String {
    let seconds = max(elapsed / .seconds(1), 0.001)
    var text = "\(grouped(done)) \(noun), \(grouped(Int(Double(done) / seconds)))/s"
    if let fraction, fraction > 0, fraction <= 1 {
      text = "\(Int(fraction * 100)) %, " + text + ", \(clock(seconds / fraction - seconds)) left"
    }
    return text
  }

  static func bar(_ text: String, fraction: Double?, columns: Int) -> String {
    let room = columns - text.count - 4
    guard let fraction, room >= 10 else { return String(text.prefix(max(0, columns - 1))) }
    let width = min(room, 30)
    let filled = Int(Double(width) * min(max(fraction, 0), 1))
    return "▕" + String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled) + "▏ " + text
  }

  /// 75.2 → 1:15
  static func clock(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(), 359_999))
    let (minutes, rest) = whole.quotientAndRemainder(dividingBy: 60)
    return "\(minutes):\(rest < 10 ? "0" : "")\(rest)"
  }
}

/// The terminal of a descriptor.
package enum Terminal {
  /// Whether the descriptor is a terminal, and TERM is not `dumb`.
  package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 && Environment.value("TERM") != "dumb" }

  /// Whether to write in color: the descriptor is a terminal, and NO_COLOR (no-color.org) is not set.
  package static func hasColors(_ descriptor: Int32) -> Bool {
    isTerminal(descriptor) && (Environment.value("NO_COLOR") ?? "").isEmpty
  }

  /// The width in columns; 100 if it is not a terminal or the width is unknown.
  package static func columns(_ descriptor: Int32) -> Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
    return Int(size.ws_col)
  }

  /// The columns of standard output, at least 40.
  static var columns: Int { max(40, columns(STDOUT_FILENO)) }
}
