import HTTP

/// The files of the page. They are compiled into the program, so that it can be copied as a single file.
enum PageAsset {
  static let html = "text/html; charset=utf-8"
  static let css = "text/css; charset=utf-8"
  static let javascript = "text/javascript; charset=utf-8"
  static let svg = "image/svg+xml"

  static let all: [(path: String, body: CachedBody)] = [
    ("/", CachedBody(PackageResources.index_html, type: html)),
    ("/page.css", CachedBody(PackageResources.page_css, type: css)),
    ("/page.js", CachedBody(PackageResources.page_js, type: javascript)),
    ("/words.js", CachedBody(PackageResources.words_js, type: javascript)),
    ("/charts.js", CachedBody(PackageResources.charts_js, type: javascript)),
    ("/icon.svg", CachedBody(PackageResources.icon_svg, type: svg)),
    ("/api", CachedBody(PackageResources.api_html, type: html)),
    ("/api.js", CachedBody(PackageResources.api_js, type: javascript)),
  ]
}
