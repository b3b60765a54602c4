/// The version of all three programs, for `--version`.
public let productVersion = "1.0.0"
