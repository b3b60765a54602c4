import Dataset
import Forecasting
import Foundation
import HTTP
import Warehouse

/// The response of /api/forecast: the report of `netflix forecast --json` and the labels for the page.
enum ForecastResponse {
  static func make(_ question: ForecastRequest, _ edition: DatasetVersion) throws(ProblemDetails) -> String {
    guard let series = edition.series(question.key), series.points.contains(where: { $0.value != nil }) else {
      throw ProblemDetails(status: 404, detail: "The dataset has no values for this region and metric.")
    }
    let period = edition.rows.period
    let points: [(date: Day, value: Double)]
    let report: ForecastReport
    do {
      points = try series.unbroken()
      report = try ForecastReport(
        TimeSeries(points.map(\.value), period: series.season), name: series.name, order: question.order, horizon: question.horizon,
        dates: points.map(\.date.iso))
    } catch let error as WarehouseError {
      throw noForecast(error.message, error.advice)
    } catch let error as ForecastingError {
      throw noForecast(error.message, error.advice)
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
  private static func noForecast(_ message: String, _ advice: String?) -> ProblemDetails {
    let remedy = advice.map { " " + $0.prefix(1).uppercased() + $0.dropFirst() + "." } ?? ""
    return ProblemDetails(status: 422, title: "No forecast", detail: "\(message).\(remedy)")
  }
}
