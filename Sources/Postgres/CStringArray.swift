import Glibc

/// A NULL-ended array of C strings, as libpq takes its words and parameters; nil stays NULL.
struct CStringArray: ~Copyable {
  private var pointers: [UnsafePointer<CChar>?]

  init(_ strings: [String?]) {
    pointers = strings.map { $0.flatMap { UnsafePointer(strdup($0)) } } + [nil]
  }

  deinit {
    for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) }
  }

  func withPointer<T>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> T) -> T {
    pointers.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
