import Foundation
import Testing

@testable import Charts

@Suite("gnuplot")
struct GnuplotTests {
  private func chart(title: String = "A title", label: String = "A") -> Chart {
    Chart.trends(
      title: title, subtitle: "A subtitle", source: "Source: a test", dates: ["2019-03-31", "2019-06-30", "2019-09-30"], unit: "Units",
      figure: { "\($0)" }, lines: [TrendLine(label, [1, nil, 3]), TrendLine("None", [nil, nil, nil])])
  }

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("charts-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test func `draws PNG and SVG by the file's extension, creates the folder and leaves no other files`() throws {
    try withFolder { folder in
      let pictures = folder.appendingPathComponent("new/pictures")
      for name in ["a.png", "a.svg"] { try Gnuplot.draw(chart(), to: pictures.appendingPathComponent(name).path) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: pictures.path).sorted() == ["a.png", "a.svg"])
      #expect(try Data(contentsOf: pictures.appendingPathComponent("a.png")).prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
      let svg = try String(contentsOf: pictures.appendingPathComponent("a.svg"), encoding: .utf8)
      #expect(svg.hasPrefix("<?xml"))
      #expect(svg.contains("<title>A title</title>"))
      #expect(svg.contains("font-weight=\"bold\""))
    }
  }

  @Test(
    arguments: [
      "it's `touch pwned` \"quoted\" @macro $variable", "'; system('touch pwned'); print '", "a\nsystem 'touch pwned'\n",
      "{/Symbol a}_2^3 \\n %s",
      "<b>&amp;</b>", "</text><script>alert(1)</script>", "]]><!--", "\u{202E}reversed\u{2066}", "क्\u{200D}ष", "中国",
      "EOD\nsystem 'touch pwned'", "\u{2028}\u{0}\u{1B}[31m", "",
    ])
  func `draws any text as plain text`(_ text: String) throws {
    let svg = String(decoding: try Gnuplot.render(chart(title: text, label: text), .svg), as: UTF8.self)
    let plain = GnuplotText.plain(text)
    let document = try XMLDocumentTexts(svg)
    #expect(
      document.texts.contains { $0.trimmingCharacters(in: .whitespaces) == plain.trimmingCharacters(in: .whitespaces) }
        || plain.allSatisfy(\.isWhitespace))
    #expect(!FileManager.default.fileExists(atPath: "pwned"))
  }

  @Test(
    arguments: [
      (-300_000.0, "−300,000"), (300_000, "300,000"), (-4, "−4"), (-3e13, "−30,000,000,000,000"), (3e-9, "0.000000003"),
      (4e-20, "4.00e−20"),
    ])
  func `leaves room on the left for the longest axis label, including a minus sign`(_ value: Double, _ figure: String) throws {
    var drawn = chart()
    drawn.series[0].points = [.init(0, value), .init(1, 0)]
    let svg = String(decoding: try Gnuplot.render(drawn, .svg), as: UTF8.self)
    // One group per text: its end position, and the text.
    let texts = svg.matches(of: /translate\(([0-9.]+),[0-9.]+\)[^>]*text-anchor="end">\s*<text>(?:<tspan[^>]*>)?([^<]*)</)
    let label = try #require(texts.first { $0.2.contains(figure) }, "\(texts.map(\.2))")
    // A digit of DejaVu Sans is 0.64 em wide, and axis labels have 17 points.
    let end = Double(label.1) ?? 0
    let width = Double(figure.count) * 0.64 * 17 * 4 / 3
    #expect(end - width > 10)
  }

  @Test func `is an error with the packages to install if it is missing`() {
    #expect(throws: ChartError(.missing, "gnuplot, which draws the charts, is not on the PATH", hint: Gnuplot.hint)) {
      try Gnuplot.run("", .png, searching: "/nonexistent")
    }
  }

  @Test func `is quoted in the error if it draws nothing`() {
    let error = #expect(throws: ChartError.self) { try Gnuplot.run("set terminal nosuch\n", .png, searching: "/usr/bin:/bin") }
    #expect(error?.kind == .failed)
    #expect(error?.message.contains("nosuch") == true)
  }

  @Test func `leaves an existing file unchanged if the path cannot be written`() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("file")
      try Data("old".utf8).write(to: file)
      let error = #expect(throws: ChartError.self) { try Gnuplot.draw(chart(), to: file.appendingPathComponent("a.png").path) }
      #expect(error?.kind == .cannotWrite)
      #expect(try String(contentsOf: file, encoding: .utf8) == "old")
    }
  }

  @Test func `is not run for a chart without values or another file extension`() throws {
    let empty = Chart(title: "Empty", subtitle: "", source: "", x: .init(ticks: [], range: 0...1), y: .init(unit: "", fromZero: true))
    func kind(_ body: () throws(ChartError) -> Void) -> ChartError.Kind? { #expect(throws: ChartError.self) { try body() }?.kind }
    #expect(kind { () throws(ChartError) in _ = try Gnuplot.render(empty, .png) } == .invalid)
    var infinite = empty
    infinite.series = [.init(label: nil, color: .blue, points: [.init(0, .infinity)])]
    #expect(kind { () throws(ChartError) in _ = try Gnuplot.render(infinite, .png) } == .invalid)
    for path in ["a.pdf", "png", ""] { #expect(kind { () throws(ChartError) in _ = try Gnuplot.draw(chart(), to: path) } == .invalid) }
  }
}
