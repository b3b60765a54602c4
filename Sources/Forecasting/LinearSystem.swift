/// Gaussian elimination with partial pivoting, for small dense systems.
enum LinearSystem {
  /// Solves A x = b in place (x in `b`), with A in row-major order. Returns false if A is singular.
  static func solve(_ a: inout [Double], _ b: inout [Double]) -> Bool {
    let n = b.count
    for column in 0..<n {
      var pivot = column
      for row in (column + 1)..<max(column + 1, n) where a[row * n + column].magnitude > a[pivot * n + column].magnitude { pivot = row }
      guard a[pivot * n + column].magnitude > 1e-300 else { return false }
      if pivot != column {
        for k in column..<n { a.swapAt(pivot * n + k, column * n + k) }
        b.swapAt(pivot, column)
      }
      for row in (column + 1)..<max(column + 1, n) {
        let factor = a[row * n + column] / a[column * n + column]
        if factor == 0 { continue }
        for k in column..<n { a[row * n + k] -= factor * a[column * n + k] }
        b[row] -= factor * b[column]
      }
    }
    for row in stride(from: n - 1, through: 0, by: -1) {
      var sum = b[row]
      for k in (row + 1)..<max(row + 1, n) { sum -= a[row * n + k] * b[k] }
      b[row] = sum / a[row * n + row]
    }
    return b.allSatisfy(\.isFinite)
  }
}
