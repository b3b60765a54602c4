/// The texts of an XML document's `text` and `title` elements, without a parser: gnuplot's SVG is simple.
struct XMLDocumentTexts {
  let texts: [String]

  init(_ xml: String) throws {
    texts = xml.split(separator: "<").compactMap { piece in
      guard let end = piece.firstIndex(of: ">") else { return nil }
      let text = String(piece[piece.index(after: end)...])
      return text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }
  }
}
