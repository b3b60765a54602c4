import Glibc
import Synchronization

private let counter = Atomic<Int>(0)

/// A name that no other test of this or another run has: of a topic, a group, a database.
public func uniqueName(_ prefix: String) -> String {
  let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
  return "\(prefix)_\(getpid())_\(UInt32.random(in: 0...0xFFFF))_\(number)"
}

public func uniqueTopic(_ prefix: String = "test") -> String { uniqueName(prefix) }
