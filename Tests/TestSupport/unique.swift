import Glibc
import Synchronization

private let counter = Atomic<Int>(0)

/// A unique name for a topic, a group or a database, across tests and test runs.
package func uniqueName(_ prefix: String) -> String {
  let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
  return "\(prefix)_\(getpid())_\(UInt32.random(in: 0...0xFFFF))_\(number)"
}

/// A unique topic name.
package func uniqueTopic(_ prefix: String = "test") -> String { uniqueName(prefix) }
