extension ForecastReport: Encodable {
  private enum Key: String, CodingKey { case series, period, n, model, forecast, backtest, residuals, verdict }
  private enum ModelKey: String, CodingKey { case order, seasonal, drift, parameters, sigma2, loglik, aicc, reason }
  private enum StepKey: String, CodingKey { case date, step, mean, lower80, upper80, lower95, upper95 }
  private enum ScoreKey: String, CodingKey { case model, mape, mase, coverage95 }
  private enum ResidualKey: String, CodingKey { case ljungBoxP = "ljung_box_p" }
  private struct ParameterKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Encodes one object: series, period, n, model, forecast, backtest, residuals, verdict. `mape` is in percent, `coverage95` a fraction. Missing values
  /// are null (such as the likelihood of a series without noise).
  public func encode(to encoder: any Encoder) throws {
    var whole = encoder.container(keyedBy: Key.self)
    try whole.encode(name, forKey: .series)
    try whole.encode(series.period, forKey: .period)
    try whole.encode(series.count, forKey: .n)
    var fit = whole.nestedContainer(keyedBy: ModelKey.self, forKey: .model)
    let order = model.order
    try fit.encode([order.p, order.d, order.q], forKey: .order)
    try fit.encode([order.seasonal.p, order.seasonal.d, order.seasonal.q], forKey: .seasonal)
    try fit.encode(order.drift, forKey: .drift)
    var parameters = fit.nestedContainer(keyedBy: ParameterKey.self, forKey: .parameters)
    for parameter in model.parameters { try parameters.encode(parameter.value, forKey: ParameterKey(stringValue: parameter.name)) }
    try fit.encode(model.sigma2, forKey: .sigma2)
    try fit.encode(model.isExact ? nil : model.logLikelihood, forKey: .loglik)
    try fit.encode(model.aicc, forKey: .aicc)
    try fit.encode(reason, forKey: .reason)
    var list = whole.nestedUnkeyedContainer(forKey: .forecast)
    for (index, step) in steps.enumerated() {
      var item = list.nestedContainer(keyedBy: StepKey.self)
      if let dates, index < dates.count {
        try item.encode(dates[index], forKey: .date)
      } else {
        try item.encode(step.step, forKey: .step)
      }
      try item.encode(step.mean, forKey: .mean)
      try item.encode(step.lower80, forKey: .lower80)
      try item.encode(step.upper80, forKey: .upper80)
      try item.encode(step.lower95, forKey: .lower95)
      try item.encode(step.upper95, forKey: .upper95)
    }
    var scores = whole.nestedUnkeyedContainer(forKey: .backtest)
    for score in backtest.scores {
      var item = scores.nestedContainer(keyedBy: ScoreKey.self)
      try item.encode(score.model, forKey: .model)
      try item.encode(score.mape, forKey: .mape)
      try item.encode(score.mase, forKey: .mase)
      try item.encode(score.coverage95, forKey: .coverage95)
    }
    var residuals = whole.nestedContainer(keyedBy: ResidualKey.self, forKey: .residuals)
    try residuals.encode(ljungBoxP, forKey: .ljungBoxP)
    try whole.encode(verdict, forKey: .verdict)
  }
}
