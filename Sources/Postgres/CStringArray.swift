import Glibc

/// A NULL-terminated array of C strings, for libpq's keywords and values. A nil string is NULL.
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
