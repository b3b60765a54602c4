import Glibc

/// base^exponent, for numbers above zero.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
