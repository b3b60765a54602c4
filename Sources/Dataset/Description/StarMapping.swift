/// The mapping from a resource's columns to a star schema: one fact per date and region, with one column per metric.
public struct StarMapping: Sendable, Equatable {
  /// The interval between the dates of consecutive rows.
  public enum Period: String, Sendable, CaseIterable { case day, month, quarter, year }

  /// The fact table's name.
  public let fact: String
  /// Index of the date field.
  public let date: Int
  /// The interval between the dates of consecutive rows.
  public let period: Period
  /// The metrics; at least one, with distinct names.
  public let metrics: [Metric]
  /// The regions; at least one, with distinct names.
  public let regions: [Region]

  /// A measure of the fact table.
  public struct Metric: Sendable, Equatable {
    /// How its values aggregate.
    public enum Kind: String, Sendable, CaseIterable {
      /// Adds up over regions and over time (revenue).
      case flow
      /// Adds up over regions; over time the last value counts (members).
      case stock
      /// Does not add up (revenue per member).
      case ratio
    }

    /// Column name in the fact table.
    public let name: String
    /// Human-readable title; the name if the description has none.
    public let title: String
    /// How its values aggregate.
    public let kind: Kind
    /// The unit of its fields, which must agree; nil if not described.
    public let unit: String?
    /// Decimal places: 0 if all its fields are integers; nil if a number's decimal places are not described.
    public let decimals: Int?
  }

  /// A region of the fact table.
  public struct Region: Sendable, Equatable {
    /// The region's key in the fact table.
    public let name: String
    /// Human-readable title; the name if the description has none.
    public let title: String
    /// True for the region that is the total of all others.
    public let isTotal: Bool
    /// For each metric the index of its field, or nil if the source has no such column.
    public let fields: [Int?]
  }

  /// Index of the region that is the total of all others, if there is one.
  public var total: Int? { regions.firstIndex { $0.isTotal } }

  /// The index of the metric with this name, or nil.
  public func metric(named name: String) -> Int? { metrics.firstIndex { $0.name == name } }
}
