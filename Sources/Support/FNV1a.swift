/// FNV-1a (draft-eastlake-fnv): a hash that detects changes, without protection against attacks. The same bytes always have the same hash.
package enum FNV1a {
  /// The hash of 64 bits.
  package static func hash64(_ bytes: some Sequence<UInt8>) -> UInt64 {
    hash(bytes, offset: 0xcbf2_9ce4_8422_2325, prime: 0x0000_0100_0000_01b3)
  }

  /// The hash of 128 bits.
  package static func hash128(_ bytes: some Sequence<UInt8>) -> UInt128 {
    hash(bytes, offset: 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, prime: 0x0100_0000_0000_0000_0000_013b)
  }

  private static func hash<Hash: FixedWidthInteger>(_ bytes: some Sequence<UInt8>, offset: Hash, prime: Hash) -> Hash {
    bytes.reduce(offset) { ($0 ^ Hash($1)) &* prime }
  }
}
