import CRdKafka

/// Settings of glibc's malloc for memory that a Kafka client frees.
package enum MallocTuning {
  /// Makes malloc return freed memory to the system. Call it before any thread starts.
  ///
  /// By default glibc retains freed megabytes, and uses an arena per librdkafka thread, which doubles the memory.
  package static func limitArenas() {
    mallopt(M_MMAP_THRESHOLD, 256 << 10)
    mallopt(M_TRIM_THRESHOLD, 1 << 20)
    mallopt(M_ARENA_MAX, 2)
  }
}
