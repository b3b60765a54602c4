/// What `--version` says of all three programs.
public let productVersion = "1.0.0"
