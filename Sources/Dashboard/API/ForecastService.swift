import Dispatch
import HTTP
import Synchronization

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
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "forecasts")
  private let mostQueued: Int
  private let mostKept: Int

  init(mostQueued: Int = 32, mostKept: Int = 1_000) {
    self.mostQueued = mostQueued
    self.mostKept = mostKept
  }

  func response(to request: HTTPRequest, _ question: ForecastRequest, edition: DatasetVersion) throws(ProblemDetails) -> HTTPResponse {
    enum Step {
      case answer(Result<CachedBody, ProblemDetails>)
      case wait(DeferredResponse, start: Bool)
      case refuse
    }
    let key = Key(version: edition.version, question: question)
    let step: Step = state.withLock { state in
      if state.version != edition.version {
        state.version = edition.version
        state.entries = state.entries.filter { !$0.value.isMade }
      }
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
      if start { begin(key, edition) }
      return .later(later)
    }
  }

  /// Computes a forecast before it is requested.
  func prefetch(_ question: ForecastRequest, edition: DatasetVersion) {
    _ = try? response(to: HTTPRequest(target: .root), question, edition: edition)
  }

  private func begin(_ key: Key, _ edition: DatasetVersion) {
    queue.async { [self] in
      let result = Result { () throws(ProblemDetails) in CachedBody(Array(try ForecastResponse.make(key.question, edition).utf8)) }
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
  func prepareFirst(of edition: DatasetVersion) {
    guard let key = edition.keys.first else { return }
    prefetch(ForecastRequest(key: key), edition: edition)
  }
}
