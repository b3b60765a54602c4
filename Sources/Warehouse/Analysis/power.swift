import Glibc

/// base^exponent, of numbers above zero.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
