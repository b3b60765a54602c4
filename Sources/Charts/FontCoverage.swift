import Foundation

/// The characters that the installed fonts contain.
///
/// pango takes each character from any font that has it. If no font has it, pango draws a box with the character's number, which gnuplot's
/// scale makes thousands of pixels wide: it covers the chart, or lies outside of it. Such characters are drawn in Latin letters, and a
/// note names the package with a font.
struct FontCoverage {
  private let ranges: [ClosedRange<UInt32>]

  /// - Parameter charsets: fontconfig's format and charset, one font per line: `TrueType|20-7e a0-2e9`.
  init(charsets: String) {
    var found: [ClosedRange<UInt32>] = []
    for line in charsets.split(separator: "\n") {
      let parts = line.split(separator: "|", omittingEmptySubsequences: false)
      // pango does not use bitmap fonts or PostScript Type 1 fonts.
      guard parts.count == 2, ["TrueType", "CFF"].contains(parts[0]) else { continue }
      for word in parts[1].split(separator: " ") {
        let ends = word.split(separator: "-").map { UInt32($0, radix: 16) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else { continue }
        found.append(first...last)
      }
    }
    ranges = found
  }

  /// If `fc-list` is missing, the main characters of DejaVu Sans are assumed: gnuplot's package installs both.
  static func installed() throws(ChartError) -> FontCoverage {
    let list = try Gnuplot.fontList(["--format", "%{fontformat}|%{charset}\\n"])
    return FontCoverage(charsets: list ?? "TrueType|20-7e a0-588 5d0-5ea 606-6ff 10d0-10fc 1e00-1fff 2000-2bff fb00-fefc")
  }

  /// The text with the characters that no font has replaced by Latin letters, or by question marks.
  func drawable(_ text: String) -> String {
    var result = ""
    var missing = ""
    func flush() {
      guard !missing.isEmpty else { return }
      let latin = missing.applyingTransform(.toLatin, reverse: false) ?? missing
      result += latin.map { has($0) ? String($0) : "?" }.joined()
      missing = ""
    }
    for character in text {
      if has(character) {
        flush()
        result.append(character)
      } else {
        missing.append(character)
      }
    }
    flush()
    return result
  }

  /// One sentence for each script that no font has.
  func notes(on texts: [String]) -> [String] {
    var packages: [String] = []
    var notes: [String] = []
    for text in texts {
      for character in text {
        guard let missing = missing(character) else { continue }
        let script = Script(of: missing)
        guard !packages.contains(script.package) else { continue }
        packages.append(script.package)
        notes.append(
          "no installed font has the \(script.name) of “\(GnuplotText.plain(GnuplotText.fitted(text, 40)))”: the charts show "
            + "“\(GnuplotText.plain(GnuplotText.fitted(drawable(text), 40)))”; for a font: apt-get install \(script.package)")
      }
    }
    return notes
  }

  private func has(_ character: Character) -> Bool { missing(character) == nil }

  /// The first part of a character that no font has. pango uses a composed letter for its parts if a font has one: macOS writes Korean in
  /// decomposed form.
  private func missing(_ character: Character) -> Unicode.Scalar? {
    guard let first = character.unicodeScalars.first(where: { !has($0) }) else { return nil }
    let composed = String(character).precomposedStringWithCanonicalMapping.unicodeScalars
    return composed.allSatisfy(has) ? nil : composed.first { !has($0) } ?? first
  }

  private func has(_ scalar: Unicode.Scalar) -> Bool {
    // Characters that are not drawn need no glyph.
    scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.generalCategory == .control
      || ranges.contains { $0.contains(scalar.value) }
  }

  /// A script, and the Debian package with the smallest font for it.
  struct Script {
    let name: String
    let package: String

    init(of scalar: Unicode.Scalar) {
      (name, package) =
        Self.known.first { $0.range.contains(scalar.value) }.map { ($0.name, $0.package) } ?? ("characters", "fonts-unifont")
    }

    static let known: [(range: ClosedRange<UInt32>, name: String, package: String)] = [
      (0x20...0x588, "letters", "fonts-dejavu-core"), (0x900...0x97F, "Devanagari letters", "fonts-lohit-deva"),
      (0x980...0x9FF, "Bengali letters", "fonts-lohit-beng-bengali"), (0xA00...0xA7F, "Gurmukhi letters", "fonts-lohit-guru"),
      (0xA80...0xAFF, "Gujarati letters", "fonts-lohit-gujr"), (0xB00...0xB7F, "Oriya letters", "fonts-lohit-orya"),
      (0xB80...0xBFF, "Tamil letters", "fonts-lohit-taml"), (0xC00...0xC7F, "Telugu letters", "fonts-lohit-telu"),
      (0xC80...0xCFF, "Kannada letters", "fonts-lohit-knda"), (0xD00...0xD7F, "Malayalam letters", "fonts-lohit-mlym"),
      (0xD80...0xDFF, "Sinhala letters", "fonts-lklug-sinhala"), (0xE00...0xE7F, "Thai letters", "fonts-tlwg-loma-ttf"),
      (0x1000...0x109F, "Burmese letters", "fonts-sil-padauk"), (0x1200...0x139F, "Ethiopic letters", "fonts-sil-abyssinica"),
      (0x1780...0x17FF, "Khmer letters", "fonts-khmeros"), (0x3130...0x318F, "Korean letters", "fonts-wqy-microhei"),
      (0xAC00...0xD7A3, "Korean letters", "fonts-wqy-microhei"),
      (0x2E80...0x9FFF, "Chinese or Japanese characters", "fonts-wqy-microhei"),
      (0xF900...0xFAFF, "Chinese or Japanese characters", "fonts-wqy-microhei"),
      (0xFF00...0xFFEF, "Chinese or Japanese characters", "fonts-wqy-microhei"), (0x1F000...0x1FAFF, "symbols", "fonts-symbola"),
      (0x20000...0x3FFFD, "rare Chinese characters", "fonts-hanazono"),
    ]
  }
}

extension Chart {
  /// All texts of the chart.
  var texts: [String] {
    var texts: [String] = []
    _ = withTexts { text in
      texts.append(text)
      return text
    }
    return texts
  }

  /// The chart with each of its texts transformed.
  func withTexts(_ change: (String) -> String) -> Chart {
    var chart = self
    chart.title = change(title)
    chart.subtitle = change(subtitle)
    chart.source = change(source)
    chart.y.unit = change(y.unit)
    chart.x.unit = change(x.unit)
    for index in x.ticks.indices {
      chart.x.ticks[index].label = change(x.ticks[index].label)
      chart.x.ticks[index].group = change(x.ticks[index].group)
    }
    for index in series.indices { chart.series[index].label = series[index].label.map(change) }
    for index in bands.indices { chart.bands[index].label = bands[index].label.map(change) }
    for index in splits.indices { chart.splits[index].label = change(splits[index].label) }
    for index in notes.indices { chart.notes[index].text = change(notes[index].text) }
    return chart
  }
}
