import CRdKafka

/// How the process's malloc treats what a Kafka client frees.
public enum MallocTuning {
  /// Tells malloc to give memory back. Call it before any thread starts.
  ///
  /// By itself glibc keeps freed megabytes for later, and has an arena for each of librdkafka's threads: memory of the same size twice.
  public static func limitArenas() {
    mallopt(M_MMAP_THRESHOLD, 256 << 10)
    mallopt(M_TRIM_THRESHOLD, 1 << 20)
    mallopt(M_ARENA_MAX, 2)
  }
}
