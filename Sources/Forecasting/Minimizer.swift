import Glibc

/// Finds a minimum of a smooth function of a few unbounded variables, deterministically.
///
/// It evaluates points of a Halton sequence over a cube, and descends from the lowest ones with BFGS (Nocedal & Wright 2006, §6.1) on central
/// differences. Nelder and Mead's simplex then refines the lowest result, where differences are too coarse for the slope.
enum Minimizer {
  struct Effort: Sendable {
    /// Points of the cube that are evaluated.
    let points: Int
    /// The number of lowest points from which to descend.
    let descents: Int
    /// True if the lowest result is refined.
    let refines: Bool
    static let thorough = Effort(points: 40, descents: 4, refines: true)
    /// For the many fits of a grid or a backtest.
    static let fast = Effort(points: 12, descents: 2, refines: false)
  }

  struct Optimum { let point: [Double], value: Double }

  /// Minimizes `f`. `reach` is half the side of the cube.
  static func minimize(_ dimensions: Int, reach: Double, effort: Effort, _ f: ([Double]) -> Double) -> Optimum {
    guard dimensions > 0 else { return Optimum(point: [], value: f([])) }
    var starts = [[Double](repeating: 0, count: dimensions)]
    for i in 0..<effort.points { starts.append(halton(i + 1, dimensions).map { reach * (2 * $0 - 1) }) }
    let ranked = starts.map { Optimum(point: $0, value: f($0)) }.sorted { $0.value < $1.value }
    var best = ranked[0]
    for start in ranked.prefix(effort.descents) where start.value.isFinite {
      let end = descend(from: start, f)
      if end.value < best.value { best = end }
    }
    guard best.value.isFinite, effort.refines else { return best }
    let refined = NelderMead.minimize(from: best.point, value: best.value, size: 0.05, f)
    return refined.value < best.value ? refined : best
  }

  private static func halton(_ index: Int, _ dimensions: Int) -> [Double] {
    let primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]
    return (0..<dimensions).map { axis in
      let base = primes[axis % primes.count]
      // Beyond the list of primes a dimension repeats with another offset, which is sufficient for a start.
      var (rest, fraction, result) = (index + axis / primes.count * 7, 1.0, 0.0)
      while rest > 0 {
        fraction /= Double(base)
        result += fraction * Double(rest % base)
        rest /= base
      }
      return result
    }
  }

  private static func descend(from start: Optimum, _ f: ([Double]) -> Double) -> Optimum {
    let n = start.point.count
    var (x, value) = (start.point, start.value)
    var gradient = slope(at: x, f)
    var inverse = identity(n)
    for _ in 0..<100 {
      var direction = (0..<n).map { i in -(0..<n).reduce(0.0) { $0 + inverse[i * n + $1] * gradient[$1] } }
      var fall = zip(direction, gradient).reduce(0.0) { $0 + $1.0 * $1.1 }
      if !(fall < 0) {
        inverse = identity(n)
        direction = gradient.map(-)
        fall = -gradient.reduce(0) { $0 + $1 * $1 }
      }
      // No step is longer than two: beyond that tanh is flat and the search would get stuck.
      let longest = direction.reduce(0) { max($0, $1.magnitude) }
      guard longest > 0, longest.isFinite else { break }
      var step = min(1, 2 / longest)
      var next = x
      var nextValue = Double.infinity
      for _ in 0..<30 {
        for i in 0..<n { next[i] = x[i] + step * direction[i] }
        nextValue = f(next)
        if nextValue <= value + 1e-4 * step * fall { break }
        step *= 0.4
      }
      guard nextValue < value else { break }
      let nextGradient = slope(at: next, f)
      update(&inverse, s: zip(next, x).map(-), y: zip(nextGradient, gradient).map(-))
      let gain = value - nextValue
      (x, value, gradient) = (next, nextValue, nextGradient)
      if gain < 1e-10 { break }
    }
    return Optimum(point: x, value: value)
  }

  private static func slope(at x: [Double], _ f: ([Double]) -> Double) -> [Double] {
    var point = x
    return x.indices.map { i in
      let h = 1e-5 * max(1, x[i].magnitude)
      point[i] = x[i] + h
      let above = f(point)
      point[i] = x[i] - h
      let below = f(point)
      point[i] = x[i]
      let result = (above - below) / (2 * h)
      return result.isFinite ? result : 0
    }
  }

  private static func identity(_ n: Int) -> [Double] {
    var result = [Double](repeating: 0, count: n * n)
    for i in 0..<n { result[i * n + i] = 1 }
    return result
  }

  /// The BFGS update of the inverse Hessian, skipped if the curvature is not positive.
  private static func update(_ inverse: inout [Double], s: [Double], y: [Double]) {
    let n = s.count
    let curvature = zip(s, y).reduce(0.0) { $0 + $1.0 * $1.1 }
    guard curvature > 1e-14 else { return }
    let hy = (0..<n).map { i in (0..<n).reduce(0.0) { $0 + inverse[i * n + $1] * y[$1] } }
    let yhy = zip(y, hy).reduce(0.0) { $0 + $1.0 * $1.1 }
    for i in 0..<n {
      for j in 0..<n {
        inverse[i * n + j] += (1 + yhy / curvature) * s[i] * s[j] / curvature - (hy[i] * s[j] + s[i] * hy[j]) / curvature
      }
    }
  }
}

/// The simplex search of Nelder & Mead (1965, Computer Journal 7:308), which needs no derivatives.
enum NelderMead {
  static func minimize(from start: [Double], value: Double, size: Double, _ f: ([Double]) -> Double) -> Minimizer.Optimum {
    let n = start.count
    var simplex = [Minimizer.Optimum(point: start, value: value)]
    for i in 0..<n {
      var point = start
      point[i] += size * max(1, point[i].magnitude)
      simplex.append(.init(point: point, value: f(point)))
    }
    for _ in 0..<(60 * n) {
      simplex.sort { $0.value < $1.value }
      let (low, high) = (simplex[0], simplex[n])
      if high.value - low.value < 1e-12 { break }
      let center = (0..<n).map { i in simplex[..<n].reduce(0.0) { $0 + $1.point[i] } / Double(n) }
      func toward(_ weight: Double) -> Minimizer.Optimum {
        let point = zip(center, high.point).map { $0 + weight * ($1 - $0) }
        return .init(point: point, value: f(point))
      }
      let reflected = toward(-1)
      if reflected.value < low.value {
        let expanded = toward(-2)
        simplex[n] = expanded.value < reflected.value ? expanded : reflected
      } else if reflected.value < simplex[n - 1].value {
        simplex[n] = reflected
      } else {
        let contracted = toward(reflected.value < high.value ? -0.5 : 0.5)
        if contracted.value < min(reflected.value, high.value) {
          simplex[n] = contracted
        } else {
          for i in 1...n {
            let point = zip(simplex[i].point, low.point).map { ($0 + $1) / 2 }
            simplex[i] = .init(point: point, value: f(point))
          }
        }
      }
    }
    return simplex.min { $0.value < $1.value } ?? .init(point: start, value: value)
  }
}

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
