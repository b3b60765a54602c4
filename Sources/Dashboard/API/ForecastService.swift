import Dataset
import Dispatch
import Forecasting
import Foundation
import HTTP
import Support
import Synchronization
import Warehouse

/// Computes forecasts, one at a time on its own queue, and caches them until the rows change.
///
/// A fit may take a second, where a request should take milliseconds. The request is suspended and uses no thread; further requests for the same
/// forecast wait for the same result.
final class ForecastService: Sendable {
  /// Version of the rows and request: requests for earlier rows still get their response.
  private struct Key: Hashable {
    let version: String
    let question: ForecastRequest
  }

  private enum Entry {
    case made(Result<CachedBody, ProblemDetails>)
    case waiting([(HTTPRequest, DeferredResponse)])

    var isMade: Bool { if case .made = self { true } else { false } }
  }

  private struct State {
    var version = ""
    var entries: [Key: Entry] = [:]
    var queued = 0

    /// Forgets the forecasts of earlier rows. Those that are awaited are still made.
    mutating func update(to version: String) {
      guard self.version != version else { return }
      self.version = version
      entries = entries.filter { !$0.value.isMade }
    }
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "forecasts")
  private let mostQueued: Int
  private let mostKept: Int

  init(mostQueued: Int = 32, mostKept: Int = 1_000) {
    self.mostQueued = mostQueued
    self.mostKept = mostKept
  }

  func response(to request: HTTPRequest, _ question: ForecastRequest, dataset: DatasetVersion) throws(ProblemDetails) -> HTTPResponse {
    enum Step {
      case answer(Result<CachedBody, ProblemDetails>)
      case wait(DeferredResponse, start: Bool)
      case refuse
    }
    let key = Key(version: dataset.version, question: question)
    let step: Step = state.withLock { state in
      state.update(to: dataset.version)
      switch state.entries[key] {
      case .made(let result): return .answer(result)
      case .waiting(let others):
        let later = DeferredResponse()
        state.entries[key] = .waiting(others + [(request, later)])
        return .wait(later, start: false)
      case nil:
        guard state.queued < mostQueued, state.entries.count < mostKept else { return .refuse }
        state.queued += 1
        let later = DeferredResponse()
        state.entries[key] = .waiting([(request, later)])
        return .wait(later, start: true)
      }
    }
    switch step {
    case .answer(let result): return try result.get().response(to: request)
    case .refuse:
      throw ProblemDetails(status: 503, detail: "Too many different forecasts are requested.", headers: ["Retry-After": "5"])
    case .wait(let later, let start):
      if start { begin(key, dataset) }
      return .later(later)
    }
  }

  /// Computes a forecast before it is requested, unless the rows change before its turn comes.
  func prefetch(_ question: ForecastRequest, dataset: DatasetVersion) {
    let key = Key(version: dataset.version, question: question)
    let starts = state.withLock { state in
      state.update(to: dataset.version)
      guard state.entries[key] == nil, state.queued < mostQueued, state.entries.count < mostKept else { return false }
      state.queued += 1
      state.entries[key] = .waiting([])
      return true
    }
    if starts { begin(key, dataset) }
  }

  /// Drops the forecasts that nobody awaits.
  func close() { state.withLock { $0.update(to: "") } }

  private func begin(_ key: Key, _ dataset: DatasetVersion) {
    queue.async { [self] in
      let isNeeded = state.withLock { state in
        guard state.version != key.version, case .waiting(let list) = state.entries[key], list.isEmpty else { return true }
        state.entries[key] = nil
        state.queued -= 1
        return false
      }
      guard isNeeded else { return }
      let result = Result { () throws(ProblemDetails) in CachedBody(Array(try ForecastResponse.make(key.question, dataset).utf8)) }
      let waiting = state.withLock { state -> [(HTTPRequest, DeferredResponse)] in
        state.queued -= 1
        guard case .waiting(let list) = state.entries[key] else { return [] }
        state.entries[key] = state.version == key.version ? .made(result) : nil
        return list
      }
      for (request, later) in waiting { later.complete(with: Self.response(result, request)) }
    }
  }

  private static func response(_ result: Result<CachedBody, ProblemDetails>, _ request: HTTPRequest) -> HTTPResponse {
    switch result {
    case .success(let body): body.response(to: request)
    case .failure(let problem): problem.response
    }
  }
}

extension ForecastService {
  /// Computes the forecast that the page shows first.
  func prepareFirst(of dataset: DatasetVersion) {
    guard let key = dataset.keys.first else { return }
    prefetch(ForecastRequest(key: key), dataset: dataset)
  }
}

/// A request for one forecast. Equal requests have equal responses until the rows change.
struct ForecastRequest: Sendable, Hashable {
  let key: SeriesKey
  let horizon: Int
  /// Nil: unit-root tests, AICc and a backtest choose the model.
  let order: ArimaOrder?

  static let parameters = ["region", "metric", "horizon", "order", "seasonal", "drift"]
  static let longestHorizon = 24
  /// The highest orders. A higher order fitted to a few dozen values is meaningless and slow.
  static let most = (3, 2, 3)
  static let mostSeasonal = (1, 1, 1)

  init(key: SeriesKey, horizon: Int = 4, order: ArimaOrder? = nil) {
    self.key = key
    self.horizon = horizon
    self.order = order
  }

  init(_ request: HTTPRequest, rows: Snapshot) throws(ProblemDetails) {
    let parameters = try Parameters(request, allowed: Self.parameters)
    key = try parameters.key(in: rows)
    horizon = try parameters.integer("horizon", in: 1...Self.longestHorizon, otherwise: 4)
    let drift = try parameters.flag("drift")
    let seasonal = try parameters.order("seasonal", most: Self.mostSeasonal)
    guard let name = parameters["order"], name != "auto" else {
      guard !drift, seasonal == nil else {
        throw .badParameter(drift ? "drift" : "seasonal", "The automatic model chooses this itself: set \"order\" as well.")
      }
      order = nil
      return
    }
    guard let (p, d, q) = try parameters.order("order", most: Self.most) else {
      throw .badParameter("order", "\"order\" must be auto or three numbers like 1,1,0.")
    }
    do throws(ForecastingError) {
      order = try ArimaOrder(
        p, d, q, seasonal: seasonal.map { ArimaOrder.Seasonal($0.0, $0.1, $0.2) } ?? .none,
        period: seasonal == nil ? 1 : (rows.period == .day ? 7 : rows.period.perYear), drift: drift)
    } catch {
      throw .badParameter("order", "\(error)")
    }
  }
}

/// The response of /api/forecast: the report of `netflix forecast --json` and the labels for the page.
enum ForecastResponse {
  static func make(_ question: ForecastRequest, _ dataset: DatasetVersion) throws(ProblemDetails) -> String {
    guard let series = dataset.series(question.key), series.points.contains(where: { $0.value != nil }) else {
      throw ProblemDetails(status: 404, detail: "The dataset has no values for this region and metric.")
    }
    let period = dataset.rows.period
    let points: [(date: Day, value: Double)]
    let report: ForecastReport
    do {
      points = try series.unbroken()
      report = try ForecastReport(
        TimeSeries(points.map(\.value), period: series.season), name: series.name, order: question.order, horizon: question.horizon,
        dates: points.map(\.date.iso))
    } catch let error as WarehouseError {
      throw noForecast(error.message, error.hint)
    } catch let error as ForecastingError {
      throw noForecast(error.message, error.hint)
    } catch {
      throw ProblemDetails(status: 500, detail: "\(error)")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(report) else {
      throw ProblemDetails(status: 422, title: "No forecast", detail: "The forecast contains infinite or undefined values.")
    }
    let labels = (report.dates ?? []).map { Day(iso: $0)?.label(period) ?? $0 }
    let head = JSON.object([
      ("region", .string(question.key.region)), ("metric", .string(question.key.metric)),
      ("from", .text(points.first?.date.iso)), ("order", .string(report.model.order.description)),
      ("automatic", .bool(question.order == nil)), ("labels", .array(labels.map { .string($0) })),
    ])
    // The report is already JSON; it is added as the last member.
    return head.line.dropLast() + ",\"report\":" + String(decoding: json, as: UTF8.self) + "}\n"
  }

  /// The same message as `netflix forecast`.
  private static func noForecast(_ message: String, _ hint: String?) -> ProblemDetails {
    let remedy = hint.map { " " + $0.prefix(1).uppercased() + $0.dropFirst() + "." } ?? ""
    return ProblemDetails(status: 422, title: "No forecast", detail: "\(message).\(remedy)")
  }
}
