/// How a resource's columns fold into a star schema: a fact for each date and region, with one column a metric.
public struct StarMapping: Sendable, Equatable {
  /// How far one row's date is from the next.
  public enum Period: String, Sendable, CaseIterable { case day, month, quarter, year }

  /// The fact table's name.
  public let fact: String
  /// Index of the date field.
  public let date: Int
  public let period: Period
  public let metrics: [Metric]
  public let regions: [Region]

  /// What is measured.
  public struct Metric: Sendable, Equatable {
    /// How values of it combine.
    public enum Kind: String, Sendable, CaseIterable {
      /// Adds up over regions and over time (revenue).
      case flow
      /// Adds up over regions; over time the last one counts (members).
      case stock
      /// Adds up over nothing (revenue per member).
      case ratio
    }

    /// Column name in the fact table.
    public let name: String
    public let title: String
    public let kind: Kind
    /// Of its fields, which must agree.
    public let unit: String?
    /// Decimal places: 0 where all its fields are integers; nil where a number's places are not described.
    public let decimals: Int?
  }

  /// Where it is measured.
  public struct Region: Sendable, Equatable {
    public let name: String
    public let title: String
    /// True for the one that stands for all the others together.
    public let isTotal: Bool
    /// For each metric the index of its field, or nil where the source has none.
    public let fields: [Int?]
  }

  /// Index of the region that stands for all the others, if there is one.
  public var total: Int? { regions.firstIndex { $0.isTotal } }

  public func metric(named name: String) -> Int? { metrics.firstIndex { $0.name == name } }
}
