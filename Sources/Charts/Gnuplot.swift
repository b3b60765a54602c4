import Foundation
import Processes
import SystemIO

/// Runs gnuplot, and returns the chart or throws gnuplot's error output.
package enum Gnuplot {
  static let hint = "install it and its fonts: apt-get install gnuplot-nox fonts-dejavu-core"

  /// Draws the chart to a file, PNG or SVG by its extension. The file is created or replaced atomically; missing folders are created.
  ///
  /// - Returns: notes for the user, one sentence each, about characters that no installed font has.
  /// - Throws: `ChartError` if gnuplot is missing or fails, the extension is neither .png nor .svg, or the file cannot be written.
  @discardableResult
  package static func draw(_ chart: Chart, to path: String) throws(ChartError) -> [String] {
    let format = try ImageFormat(path: path)
    let (chart, notes) = try drawable(chart, format)
    let image = try render(chart, format)
    do throws(OutputFile.Failure) {
      let file = try OutputFile(path, makesFolders: true)
      try file.write(image)
      try file.finish()
    } catch {
      throw ChartError(.cannotWrite, "\(path): \(error.reason)", hint: error.hint)
    }
    return notes
  }

  /// The chart with texts that the installed fonts can draw. In an SVG the texts are unchanged, because the viewer has its own fonts.
  private static func drawable(_ chart: Chart, _ format: ImageFormat) throws(ChartError) -> (Chart, [String]) {
    guard format == .png, chart.texts.contains(where: { !$0.utf8.allSatisfy { $0 < 0x80 } }) else { return (chart, []) }
    let fonts = try FontCoverage.installed()
    return (chart.withTexts(fonts.drawable), fonts.notes(on: chart.texts))
  }

  /// The bytes of the image. Throws if gnuplot is missing or fails.
  package static func render(_ chart: Chart, _ format: ImageFormat) throws(ChartError) -> Data {
    let script = try GnuplotScript(chart, format: format).text
    let image = try run(script, format, searching: searchPath)
    return format == .svg
      ? Data(format.finished(String(decoding: image, as: UTF8.self), title: GnuplotText.plain(chart.title)).utf8) : image
  }

  private static var searchPath: String { ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin" }

  static func run(_ script: String, _ format: ImageFormat, searching path: String) throws(ChartError) -> Data {
    guard let program = find("gnuplot", in: path) else {
      throw ChartError(.missing, "gnuplot, which draws the charts, is not on the PATH", hint: hint)
    }
    // -d: no start-up file is read.
    let ended = try run(program, ["-d"], input: script, searching: path)
    let lines = ended.errors.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty && $0 != "^" }
    let picture = Data(ended.outputBytes)
    guard ended.status == 0, isWhole(picture, format) else {
      let words = lines.isEmpty ? "it ended with status \(ended.status)" : lines.joined(separator: " ")
      throw ChartError(.failed, "gnuplot drew no chart: \(words)", hint: "gnuplot 5.4 or later with pngcairo is needed: \(hint)")
    }
    return picture
  }

  /// Runs fontconfig's `fc-list`, which is installed with pango and so with gnuplot; nil if it is missing.
  static func fontList(_ arguments: [String]) throws(ChartError) -> String? {
    guard let program = find("fc-list", in: searchPath) else { return nil }
    return try run(program, arguments, input: "", searching: searchPath).output
  }

  private static func run(
    _ program: String, _ arguments: [String], input: String, searching path: String
  ) throws(ChartError) -> ProcessResult {
    // The script is a file, not a pipe: a gnuplot that ends early causes no SIGPIPE.
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("netflix-chart-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    } catch {
      throw noTemporaryFile(in: folder, error)
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = folder.appendingPathComponent("script")
    do { try Data(input.utf8).write(to: script) } catch { throw noTemporaryFile(in: folder, error) }
    let ended: ProcessResult
    do {
      ended = try ProcessResult.run(
        program, arguments,
        environment: ["PATH": path, "LC_ALL": "C.UTF-8", "HOME": folder.path].merging(fontSettings) { own, _ in own },
        inheritsEnvironment: false, in: folder.path, input: script.path)
    } catch {
      throw ChartError(.failed, "\(program) could not be run: \(error)", hint: hint)
    }
    // A full disk cuts short the programs' own temporary files, and not every program reports it: writing one more block shows it.
    do { try Data(count: 4096).write(to: folder.appendingPathComponent("probe")) } catch { throw noTemporaryFile(in: folder, error) }
    return ended
  }

  private static func noTemporaryFile(in folder: URL, _ error: any Error) -> ChartError {
    ChartError(
      .cannotWrite,
      "gnuplot needs temporary files, and none can be written in \(folder.deletingLastPathComponent().path): \(reason(error))",
      hint: "free space there, or set TMPDIR to another folder")
  }

  /// fontconfig's variables: they include the user's fonts, although HOME is another folder.
  private static var fontSettings: [String: String] {
    let environment = ProcessInfo.processInfo.environment
    var settings = environment.filter { ["FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_DATA_HOME", "XDG_CACHE_HOME"].contains($0.key) }
    if let home = environment["HOME"], settings["XDG_DATA_HOME"] == nil { settings["XDG_DATA_HOME"] = home + "/.local/share" }
    return settings
  }

  /// Checks for a truncated image: with a full disk gnuplot still exits with 0.
  private static func isWhole(_ image: Data, _ format: ImageFormat) -> Bool {
    image.suffix(64).range(of: Data(format.ending)) != nil
  }

  private static func find(_ name: String, in path: String) -> String? {
    path.split(separator: ":").map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return (underlying ?? error as NSError).localizedDescription
  }
}

/// Untrusted text as a gnuplot string.
enum GnuplotText {
  /// In single quotes gnuplot interprets only the end of the string: no escapes, no `` `command` ``, no @macro. Its notation for a quote
  /// in the string (doubled) fails at the start of a string, where it would end it. Each apostrophe becomes the typographic one, so that nothing
  /// can end the string. Control characters, which would end the line, become spaces. `noenhanced` turns markup off.
  static func quoted(_ text: String) -> String { "'\(plain(text))'" }

  /// The text truncated to the width, with an ellipsis.
  static func fitted(_ text: String, _ most: Int) -> String {
    if width(text) <= Double(most) { return text }
    var (kept, room) = (text.startIndex, Double(most) - 1)
    for index in text.indices {
      room -= width(of: text[index])
      if room < 0, kept > text.startIndex { break }
      kept = text.index(after: index)
    }
    return text[..<kept].trimmingBlanks + "…"
  }

  /// The width of a text, in Latin characters.
  static func width(_ text: String) -> Double { text.reduce(0) { $0 + width(of: $1) } }

  /// Ideographs, kana, Hangul, full-width forms and emoji are nearly two characters wide. A letter of an Indic script may have other letters
  /// below, above or next to it.
  private static func width(of character: Character) -> Double {
    guard let first = character.unicodeScalars.first?.value else { return 0 }
    return switch first {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
      0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      1.8
    case 0x0900...0x0DFF: character.unicodeScalars.count > 1 ? 1.6 : 1.2
    default: 1
    }
  }

  /// Whether the character joins or separates its neighbors: it is part of the spelling in Hindi and Persian, unlike other format characters,
  /// which can reorder the line.
  static func isJoiner(_ scalar: Unicode.Scalar) -> Bool { scalar == "\u{200C}" || scalar == "\u{200D}" }

  static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0 == "'" ? "\u{2019}" : $0.properties.generalCategory.isLineBreaking && !isJoiner($0) ? " " : $0 }))
  }
}

extension Unicode.GeneralCategory {
  fileprivate var isLineBreaking: Bool {
    switch self {
    case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate: true
    default: false
    }
  }
}

extension Substring {
  fileprivate var trimmingBlanks: Substring {
    var result = self
    while result.last?.isWhitespace == true { result.removeLast() }
    return result
  }
}
