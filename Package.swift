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
    // What two or more of the others need, and the standard library does not have: values, and system calls.
    library("Support", settings: pure),
    library("SystemIO"),
    library("Processes", ["SystemIO"]),

    // The fences: each C library is seen by one target. (The module CRdKafka.Mock is a header of its own, for KafkaMock.)
    system("CRdKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
    system("CLibPQ", pkgConfig: "libpq", apt: "libpq-dev"),
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    system("CMicrohttpd", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
    library("Kafka", ["CRdKafka", "Support"]),
    library("Postgres", ["CLibPQ"]),
    library("SQLite", ["CSQLite"]),
    library("HTTP", ["CMicrohttpd", "Support", "SystemIO"]),

    // The row's path.
    library("Dataset", ["Support"], settings: pure),
    library("Publishing", ["Dataset", "Kafka", "Support", "SystemIO"]),
    library("Landing", ["Dataset", "Kafka", "Postgres", "Support"]),

    // What is made of the rows.
    library("Warehouse", ["Dataset", "Postgres", "SQLite", "Support"]),
    library("Forecasting", ["Support"], settings: pure + [optimized]),
    library("Charts", ["Processes", "SystemIO"]),
    library("Metrics", ["HTTP"]),
    // The page is compiled in: the program is copied about alone.
    library(
      "Dashboard", ["Dataset", "Warehouse", "Forecasting", "Postgres", "SQLite", "HTTP", "Metrics", "Support", "SystemIO"],
      resources: [.embedInCode("Page/files")]),
    library("NiFiFlow", ["Dataset", "Support"]),

    // For the demo, the benchmark and the tests; the pipeline needs none of them.
    library("KafkaMock", ["CRdKafka", "Kafka"]),
    library("DevServices", ["Kafka", "KafkaMock", "Postgres", "Processes", "Support", "SystemIO"]),

    // The programs.
    library("Console", ["Support", "SystemIO"]),
    // Two targets on purpose: the producer needs no database, so it must not link libpq.
    library("CommonOptions", ["Console", "Dataset", "Kafka"]),
    library("DatabaseOptions", ["Console", "Landing", "Postgres", "Support"]),
    .executableTarget(name: "netflix-producer", dependencies: ["Publishing", "Dataset", "Kafka", "Console", "CommonOptions", "Support"]),
    .executableTarget(
      name: "netflix-consumer",
      dependencies: [
        "Landing", "Dataset", "Kafka", "Postgres", "HTTP", "Metrics", "Console", "CommonOptions", "DatabaseOptions", "Support",
      ]),
    .executableTarget(
      name: "netflix",
      dependencies: [
        "Dataset", "Kafka", "Postgres", "Landing", "SQLite", "Warehouse", "Forecasting", "Charts", "HTTP", "Metrics",
        "Dashboard", "NiFiFlow", "DevServices", "Processes", "Console", "CommonOptions", "DatabaseOptions", "Support", "SystemIO",
      ]),

    .executableTarget(
      name: "Benchmarks",
      dependencies: ["Forecasting", "Console", "Kafka", "DevServices", "Processes", "Postgres", "Support", "SystemIO"],
      path: "Benchmarks", exclude: ["latency-loop.py", "requirements.txt"]),

    .target(name: "TestSupport", dependencies: ["Dataset", "Kafka", "Postgres", "DevServices", "Processes"], path: "Tests/TestSupport"),
    tests("Support"),
    tests("SystemIO"),
    tests("Processes", ["SystemIO"]),
    tests("Dataset", ["Support"]),
    tests("Kafka", ["KafkaMock"]),
    tests("Publishing", ["Dataset", "Kafka", "KafkaMock", "DevServices"]),
    tests("Postgres", ["DevServices"]),
    tests("SQLite"),
    tests("Landing", ["Dataset", "Kafka", "Postgres"]),
    tests("Warehouse", ["Dataset", "Postgres", "SQLite", "Support"]),
    tests("Forecasting"),
    tests("Charts"),
    tests("HTTP"),
    tests("Metrics"),
    tests("Dashboard", ["Dataset", "Warehouse", "HTTP", "Postgres", "SQLite", "DevServices", "Support", "SystemIO"]),
    tests("NiFiFlow", ["Dataset"]),
    tests("DevServices", ["Postgres"]),
    tests("Console", ["Support"]),
    tests("CommonOptions", ["Console", "Dataset", "Kafka"]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "TestSupport", "Dataset", "Kafka", "KafkaMock", "Postgres", "DevServices", "netflix-producer", "netflix-consumer", "netflix",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
