extension PostgresError.Kind {
  /// The kind of a SQLSTATE: by its class or, for mixed classes, by the code (docs/delivery.md, point 15).
  public init(sqlstate: String) {
    switch sqlstate {
    case "25006", "25P03", "3D000": self = .unavailable
    case "40001", "40P01", "55P03", "57014": self = .transient
    case "42501": self = .unauthorized
    // Includes a feature that the table does not support (COPY with row-level security) and a generated column, which accepts no values.
    case "42P01", "42703", "42P10", "42804", "0A000", "428C9": self = .schema
    case "21000": self = .data
    default:
      switch sqlstate.prefix(2) {
      case "53", "08", "58": self = .unavailable
      case "57" where sqlstate.hasPrefix("57P"): self = .unavailable
      case "28": self = .unauthorized
      case "22", "23", "54", "P0": self = .data
      default: self = .internal
      }
    }
  }
}
