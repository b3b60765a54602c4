/// A number with its noun: "1 row", "100,000 rows".
public func counted(_ number: Int, _ noun: String) -> String { "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")" }

/// Digits in groups of three: "1,234,567".
public func grouped(_ number: Int) -> String { (number < 0 ? "-" : "") + grouped(digits: String(number.magnitude)) }

/// Digits in groups of three: "1,234,567".
public func grouped(digits: String) -> String {
  let count = digits.count
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (count - index) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}
