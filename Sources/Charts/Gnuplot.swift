import Foundation

/// Runs gnuplot, of which nothing but the picture or its complaint comes back.
public enum Gnuplot {
  static let advice = "install it and its fonts: apt-get install gnuplot-nox fonts-dejavu-core"

  /// Draws the chart into a file, PNG or SVG by its extension, made anew or replaced as a whole; folders on the way are made.
  public static func draw(_ chart: Chart, to path: String) throws(ChartError) {
    let format = try PictureFormat(path: path)
    let picture = try render(chart, format)
    let target = URL(fileURLWithPath: path)
    do {
      try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      // Written beside it under another name, then renamed: no reader sees half a picture.
      try picture.write(to: target, options: .atomic)
    } catch {
      throw ChartError(.cannotWrite, "cannot write \(path): \(reason(error))", advice: "choose a folder that can be written")
    }
  }

  /// The picture's bytes.
  public static func render(_ chart: Chart, _ format: PictureFormat) throws(ChartError) -> Data {
    let script = try GnuplotScript(chart, format: format).text
    let picture = try run(script, format, searching: ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    return format == .svg
      ? Data(format.finished(String(decoding: picture, as: UTF8.self), title: GnuplotText.plain(chart.title)).utf8) : picture
  }

  static func run(_ script: String, _ format: PictureFormat, searching path: String) throws(ChartError) -> Data {
    guard let program = find("gnuplot", in: path) else {
      throw ChartError(.missing, "gnuplot, which draws the pictures, is not on the PATH", advice: advice)
    }
    // Files, not pipes: neither side can block on the other, and a gnuplot that ends early sends no SIGPIPE.
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("netflix-chart-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    } catch {
      throw ChartError(.cannotWrite, "cannot write in \(folder.deletingLastPathComponent().path): \(reason(error))", advice: "set TMPDIR")
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      let (input, output, errors) = ("script", "picture", "errors")
      func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
      try Data(script.utf8).write(to: file(input))
      for name in [output, errors] { try Data().write(to: file(name)) }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      // -d: nobody's start-up file has a say.
      process.arguments = ["-d"]
      process.environment = ["PATH": path, "LC_ALL": "C.UTF-8", "HOME": folder.path]
      process.currentDirectoryURL = folder
      process.standardInput = try FileHandle(forReadingFrom: file(input))
      process.standardOutput = try FileHandle(forWritingTo: file(output))
      process.standardError = try FileHandle(forWritingTo: file(errors))
      try process.run()
      process.waitUntilExit()
      let picture = try Data(contentsOf: file(output))
      let complaint = String(decoding: try Data(contentsOf: file(errors)), as: UTF8.self)
        .split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty && $0 != "^" }
      guard process.terminationStatus == 0, isWhole(picture, format) else {
        let words = complaint.isEmpty ? "it ended with status \(process.terminationStatus)" : complaint.joined(separator: " ")
        throw ChartError(.failed, "gnuplot drew no picture: \(words)", advice: "gnuplot 5.4 or later with pngcairo is needed: \(advice)")
      }
      return picture
    } catch let error as ChartError {
      throw error
    } catch {
      throw ChartError(.failed, "gnuplot could not be run: \(reason(error))", advice: advice)
    }
  }

  /// A full disk cuts a picture short and leaves gnuplot's status at 0.
  private static func isWhole(_ picture: Data, _ format: PictureFormat) -> Bool {
    picture.suffix(64).range(of: Data(format.ending)) != nil
  }

  private static func find(_ name: String, in path: String) -> String? {
    path.split(separator: ":").map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return (underlying ?? error as NSError).localizedDescription
  }
}
