// swift-tools-version: 6.2
import PackageDescription

// No outside package: the toolchain, and the distribution's C libraries behind one fence each.
// The targets stand in the order of a row's path; docs/design.md says which may import which, and why.

/// Targets that only compute on values: no I/O, no C, no unsafe memory.
let pure: [SwiftSetting] = [.strictMemorySafety()]

/// Numerical code is optimized in debug builds too: a forecast takes 0.1 s instead of 1.3, and its tests 2 s instead of 50.
let optimized: SwiftSetting = .unsafeFlags(["-O"], .when(configuration: .debug))

func library(_ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = [], resources: [Resource] = []) -> Target
{
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(name: name + "Tests", dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
  name: "netflix-revenue-pipeline",
  products: [
    .executable(name: "netflix-producer", targets: ["netflix-producer"]),
    .executable(name: "netflix-consumer", targets: ["netflix-consumer"]),
    .executable(name: "netflix", targets: ["netflix"]),
  ],
  targets: [
    // What several of them need of JSON: a string's quotes.
    library("JSONText", settings: pure),

    // The fences: each C library is seen by one target.
    system("CRdKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
    system("CLibPQ", pkgConfig: "libpq", apt: "libpq-dev"),
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    system("CMicrohttpd", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
    library("Kafka", ["CRdKafka"]),
    library("Postgres", ["CLibPQ"]),
    library("SQLite", ["CSQLite"]),
    library("HTTP", ["CMicrohttpd", "JSONText"]),

    // The row's path.
    library("Dataset", settings: pure),
    library("Publishing", ["Dataset", "Kafka"]),
    library("Landing", ["Dataset", "Kafka", "Postgres"]),

    // What is made of the rows.
    library("Warehouse", ["Dataset", "Postgres", "SQLite", "JSONText"]),
    library("Forecasting", settings: pure + [optimized]),
    library("Charts"),
    library("Metrics", ["HTTP"]),
    // The page is compiled in: the program is copied about alone.
    library(
      "Dashboard", ["Dataset", "Warehouse", "Forecasting", "Postgres", "SQLite", "HTTP", "Metrics"],
      resources: [.embedInCode("Page/files")]),
    library("NiFiFlow", ["Dataset"]),
    library("LocalStack", ["Kafka", "Postgres"]),

    // The programs.
    library("Console", ["JSONText"]),
    library("CommonOptions", ["Console", "Dataset", "Kafka"]),
    library("DatabaseOptions", ["Console", "Postgres"]),
    .executableTarget(name: "netflix-producer", dependencies: ["Publishing", "Dataset", "Kafka", "Console", "CommonOptions"]),
    .executableTarget(
      name: "netflix-consumer",
      dependencies: ["Landing", "Dataset", "Kafka", "Postgres", "Metrics", "Console", "CommonOptions", "DatabaseOptions"]),
    .executableTarget(
      name: "netflix",
      dependencies: [
        "Dataset", "Kafka", "Publishing", "Postgres", "Landing", "SQLite", "Warehouse", "Forecasting", "Charts", "HTTP", "Metrics",
        "Dashboard", "NiFiFlow", "LocalStack", "Console", "CommonOptions", "DatabaseOptions",
      ]),

    .executableTarget(
      name: "Benchmarks", dependencies: ["Forecasting", "Console", "CommonOptions", "DatabaseOptions", "Kafka", "LocalStack", "Postgres"],
      path: "Benchmarks"),

    .target(name: "TestSupport", dependencies: ["Dataset", "Kafka", "Postgres", "LocalStack"], path: "Tests/TestSupport"),
    tests("Dataset"),
    tests("Kafka"),
    tests("Publishing", ["Dataset", "Kafka", "LocalStack"]),
    tests("Postgres", ["LocalStack"]),
    tests("SQLite"),
    tests("Landing", ["Dataset", "Kafka", "Postgres", "Publishing"]),
    tests("Warehouse", ["Dataset", "Postgres", "SQLite"]),
    tests("Forecasting"),
    tests("Charts"),
    tests("HTTP", ["Metrics"]),
    tests("Dashboard", ["Dataset", "Warehouse", "HTTP", "Postgres", "SQLite", "LocalStack"]),
    tests("NiFiFlow", ["Dataset"]),
    tests("LocalStack", ["Kafka", "Postgres"]),
    tests("Console"),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["TestSupport", "Dataset", "Kafka", "Postgres", "LocalStack", "netflix-producer", "netflix-consumer", "netflix"]),
  ],
  swiftLanguageModes: [.v6]
)
