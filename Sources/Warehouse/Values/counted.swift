import Dataset

/// A number with its noun: "1 row", "100,000 rows".
package func counted(_ number: Int, _ noun: String) -> String { "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")" }

/// "100,000".
package func grouped(_ number: Int) -> String { FixedDecimal(unscaled: Int64(number), scale: 0).grouped }
