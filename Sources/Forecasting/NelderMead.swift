/// The simplex search of Nelder & Mead (1965, Computer Journal 7:308), which needs no derivatives.
enum NelderMead {
  static func minimise(from start: [Double], value: Double, size: Double, _ f: ([Double]) -> Double) -> Minimizer.Optimum {
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
      let centre = (0..<n).map { i in simplex[..<n].reduce(0.0) { $0 + $1.point[i] } / Double(n) }
      func toward(_ weight: Double) -> Minimizer.Optimum {
        let point = zip(centre, high.point).map { $0 + weight * ($1 - $0) }
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
