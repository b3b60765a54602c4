import Dataset

extension Analysis {
  /// `{"dataset","period","from","to","dates","source":{…},"growth":[…],"shares":[…],"added":[…],"development":[…],"seasonality":[…]}`.
  /// Growth and shares are fractions of one, rounded to six decimal places.
  public var json: JSON {
    .object([
      ("dataset", .string(dataset)), ("period", .string(period.rawValue)), ("from", .text(first?.iso)), ("to", .text(last?.iso)),
      ("dates", .integer(dates)),
      (
        "source",
        .object([
          ("kind", .string(origin.kind.rawValue)), ("place", .string(origin.place)), ("rows", .integer(origin.rows)),
          ("time", .text(origin.time)),
        ])
      ), ("growth", .array(growth.map(\.json))), ("shares", .array(shares.map(\.json))), ("added", .array(added.map(\.json))),
      ("development", .array(development.map(\.json))), ("seasonality", .array(seasonality.map(\.json))),
    ])
  }
}

private func share(_ number: Double?) -> JSON { .rounded(number, places: 6) }

extension Growth {
  /// One object of the analysis' `growth`.
  public var json: JSON {
    .object([
      ("metric", .string(metric)), ("region", .string(region)), ("date", .string(date.iso)), ("latest", .amount(latest)),
      ("previous_period", share(previous)), ("year_on_year", share(year)), ("cagr", share(annual)), ("cagr_from", .text(annualFrom?.iso)),
    ])
  }
}

extension RevenueMix {
  /// One object of the analysis' `shares`.
  public var json: JSON {
    .object([
      ("metric", .string(metric)), ("region", .string(region)), ("first_date", .string(firstDate.iso)), ("first", share(first)),
      ("date", .string(date.iso)), ("latest", share(latest)),
    ])
  }
}

extension NetAdditions {
  /// One object of the analysis' `added`.
  public var json: JSON {
    func mark(_ mark: (date: Day, amount: FixedDecimal)?) -> JSON {
      mark.map { .object([("date", .string($0.date.iso)), ("added", .amount($0.amount))]) } ?? .null
    }
    return .object([
      ("metric", .string(metric)), ("region", .string(region)), ("date", .string(date.iso)), ("in_period", .amount(inPeriod)),
      ("in_year", .amount(inYear)), ("since", .string(since.iso)), ("since_first", .amount(sinceFirst)), ("most", mark(most)),
      ("least", mark(least)),
    ])
  }
}

extension RatioTrend {
  /// One object of the analysis' `development`.
  public var json: JSON {
    .object([
      ("metric", .string(metric)), ("region", .string(region)), ("first", first.json), ("latest", latest.json), ("lowest", lowest.json),
      ("highest", highest.json), ("change", share(change)),
    ])
  }
}

extension RatioTrend.Mark {
  var json: JSON { .object([("date", .string(date.iso)), ("value", .amount(value))]) }
}

extension Seasonality {
  /// One object of the analysis' `seasonality`.
  public var json: JSON {
    .object([
      ("metric", .string(metric)), ("region", .string(region)),
      ("index", .object(seasons.map { ($0.name, .rounded($0.index, places: 6)) })), ("range", share(range)),
    ])
  }
}
